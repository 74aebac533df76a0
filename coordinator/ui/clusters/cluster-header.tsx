// A cluster's name, how many of its nodes and agents are well, and the way to run a job on all of it.
import { Link } from 'wouter';
import { inert } from '../../../shared/inert-text.ts';
import type { Topology } from '../api/queries.ts';
import { CopyId } from '../parts/copy-id.tsx';
import { Status } from '../parts/status.tsx';

export function ClusterHeader({
  topology: { cluster, nodes },
  onRun,
}: {
  topology: Topology;
  onRun: () => void;
}) {
  const connected = nodes.filter(({ agent }) => agent.connected).length;
  const failed = nodes.filter((node) => node['job-status'] === 'FAILED').length;
  return (
    <header className="job-header">
      <div className="job-title">
        <h1>{inert(cluster.name)}</h1>
        <button type="button" className="primary" onClick={onRun}>
          Run a job…
        </button>
      </div>
      {cluster.comment !== null && <p className="description">{inert(cluster.comment)}</p>}
      <dl className="facts">
        <div>
          <dt>Nodes</dt>
          <dd>
            {nodes.length}
            {failed > 0 && <span className="tone-FAILED"> ({failed} failed)</span>}
          </dd>
        </div>
        <div>
          <dt>Agents connected</dt>
          <dd className={connected < nodes.length ? 'tone-IDLE' : ''}>
            {connected} of {nodes.length}
          </dd>
        </div>
        <div>
          <dt>Newest job</dt>
          <dd>
            {cluster['job-status'] === null || cluster['last-job-id'] === null ? (
              'none yet'
            ) : (
              <Link href={`/jobs/${cluster['last-job-id']}`}>
                <Status status={cluster['job-status']} />
              </Link>
            )}
          </dd>
        </div>
        <div>
          <dt>Id</dt>
          <dd>
            <CopyId id={cluster.id} what="cluster" />
          </dd>
        </div>
      </dl>
    </header>
  );
}
