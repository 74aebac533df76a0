// What to do when there is no job yet.
import { Link } from 'wouter';
import { Command } from '../parts/command.tsx';

export function NoJobs() {
  return (
    <section className="empty">
      <h2>No job has been asked for yet</h2>
      <p>
        Choose a cluster, a datacenter or a node among the <Link href="/clusters">clusters</Link> and run one
        there, or ask for it from a terminal:
      </p>
      <Command
        label="Ask for a restart"
        text={`ringmaster --server ${location.origin} job run restart --cluster NAME`}
      />
    </section>
  );
}
