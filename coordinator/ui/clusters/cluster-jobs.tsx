// The newest jobs of a cluster.
import { useJobsOfCluster } from '../api/queries.ts';
import { JobTable } from '../jobs/job-table.tsx';

const SHOWN = 10;

export function ClusterJobs({ id }: { id: string }) {
  const { data } = useJobsOfCluster(id, SHOWN);
  if (data === undefined || data.count === 0) return null;
  return (
    <section className="cluster-jobs">
      <h2>
        Newest jobs{' '}
        <span className="muted">
          {data.results.length} of {data.count}
        </span>
      </h2>
      <JobTable jobs={data.results} caption="Newest jobs of the cluster" />
    </section>
  );
}
