// What to do when no cluster is modelled yet.
import { Command } from '../parts/command.tsx';

export function NoClusters() {
  return (
    <section className="empty">
      <h2>No cluster is modelled yet</h2>
      <p>
        A cluster needs a repository and a config profile to be installed, datacenters and nodes: one file
        says it all (<code>ringmaster apply --help</code> shows one).
      </p>
      <Command label="Make a cluster" text={`ringmaster --server ${location.origin} apply -f cluster.yaml`} />
      <p>
        Or see a ring of three nodes come up on this machine: <code>npm run quickstart</code>
      </p>
    </section>
  );
}
