// A cluster as it stands: datacenters, racks and nodes as squares, and the node that was chosen.
import { useSearchParams } from 'wouter';
import { inert } from '../../../shared/inert-text.ts';
import { ApiError } from '../api/api-error.ts';
import { useTopology } from '../api/queries.ts';
import { Failure } from '../parts/failure.tsx';
import { NotThere } from '../parts/not-there.tsx';
import { useTitle } from '../parts/use-title.ts';
import { RunDialog } from '../run/run-dialog.tsx';
import { useRunChoice } from '../run/use-run-choice.ts';
import { ClusterHeader } from './cluster-header.tsx';
import { ClusterJobs } from './cluster-jobs.tsx';
import { ClusterTimes } from './cluster-times.tsx';
import { DatacenterMap } from './datacenter-map.tsx';
import { MapLegend } from './map-legend.tsx';
import { nodeMatches } from './node-matches.ts';
import { NodePanel } from './node-panel.tsx';

export function ClusterPage({ id }: { id: string }) {
  const { data, error } = useTopology(id);
  const [search, setSearch] = useSearchParams();
  const run = useRunChoice();
  useTitle(data === undefined ? 'Cluster' : `Cluster ${data.cluster.name}`);
  if (data === undefined) {
    if (error instanceof ApiError && error.status === 404)
      return <NotThere what="There is no such cluster" />;
    return error === null ? null : <Failure error={error} what="The cluster could not be read." />;
  }
  const set = (name: string, value: string | null): void =>
    setSearch(
      (old) => {
        const next = new URLSearchParams(old);
        if (value === null || value === '') next.delete(name);
        else next.set(name, value);
        return next;
      },
      { replace: true },
    );
  const words = search.get('filter') ?? '';
  const chosen = data.nodes.find((node) => node.id === search.get('node'));
  return (
    <div className="cluster-page">
      <ClusterHeader topology={data} onRun={() => run.open('cluster', id)} />
      <div className="map-tools">
        <input
          type="search"
          data-filter
          aria-label="Filter the nodes by name, address, rack or state"
          placeholder="Filter nodes: name, address, rack, failed, away  /"
          value={words}
          onChange={(event) => set('filter', event.target.value)}
        />
        <MapLegend />
      </div>
      <div className={chosen === undefined ? 'map' : 'map with-panel'}>
        <div>
          {data.datacenters.map((datacenter) => (
            <DatacenterMap
              key={datacenter.id}
              datacenter={datacenter}
              nodes={data.nodes.filter((node) => node['datacenter-id'] === datacenter.id)}
              matches={(node) => nodeMatches(node, words)}
              chosen={chosen?.id ?? null}
              onChoose={(nodeId) => set('node', nodeId)}
              onRun={() => run.open('datacenter', datacenter.id)}
            />
          ))}
          {data.datacenters.length === 0 && (
            <p className="muted">{inert(data.cluster.name)} has no datacenter yet.</p>
          )}
          <ClusterTimes topology={data} />
          <ClusterJobs id={id} />
        </div>
        {chosen !== undefined && (
          <NodePanel
            node={chosen}
            datacenter={data.datacenters.find(({ id: own }) => own === chosen['datacenter-id'])}
            onClose={() => set('node', null)}
            onRun={() => run.open('node', chosen.id)}
          />
        )}
      </div>
      {run.choice !== null && (
        <RunDialog topology={data} choice={run.choice} onChange={run.change} onClose={run.close} />
      )}
    </div>
  );
}
