// What to do when no cluster is modelled yet.
import { apiPath } from '../api/api.ts';
import { Command } from '../parts/command.tsx';

export function NoClusters() {
  return (
    <section className="empty">
      <h2>No cluster is modelled yet</h2>
      <p>
        A cluster needs a repository and a config profile to be installed; its datacenters and nodes follow.
        Begin with:
      </p>
      <Command
        label="Make a cluster"
        text={`curl ${location.origin}${apiPath('clusters/')} \\\n  -d '{"name": "my-cluster", "repository-id": "<id>", "config-profile-id": "<id>"}'`}
      />
      <p>
        Or see a ring of three nodes come up on this machine: <code>npm run quickstart</code>
      </p>
    </section>
  );
}
