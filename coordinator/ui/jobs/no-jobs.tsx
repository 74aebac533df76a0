// What to do when there is no job yet.
import { Link } from 'wouter';
import { apiPath } from '../api/api.ts';
import { Command } from '../parts/command.tsx';

export function NoJobs() {
  const base = location.origin;
  return (
    <section className="empty">
      <h2>No job has been asked for yet</h2>
      <p>
        Choose a cluster, a datacenter or a node among the <Link href="/clusters">clusters</Link> and run one
        there, or ask for it from a terminal:
      </p>
      <Command
        label="Ask for a restart"
        text={`curl ${base}${apiPath('actions/restart')} \\\n  -d '{"job-scope": "cluster", "resource-id": "<id of the cluster>"}'`}
      />
      <p>
        The ids of the clusters are in <code>{apiPath('clusters/')}</code>.
      </p>
    </section>
  );
}
