// Jobs as rows: how they stand, what they do, to what, and for how long.
import type { Job } from '../../../shared/rest-types.ts';
import { JobRow } from './job-row.tsx';

interface Props {
  jobs: readonly Job[];
  caption: string;
  /** these are what was asked for before; what is asked for now is on its way */
  areFormer?: boolean;
}

export function JobTable({ jobs, caption, areFormer = false }: Props) {
  return (
    <table className="jobs" aria-busy={areFormer}>
      <caption className="hidden">{caption}</caption>
      <thead>
        <tr>
          <th scope="col">Status</th>
          <th scope="col">Type</th>
          <th scope="col">Target</th>
          <th scope="col">Nodes</th>
          <th scope="col">Created</th>
          <th scope="col">Took</th>
          <th scope="col">Description</th>
        </tr>
      </thead>
      {jobs.map((job) => (
        <JobRow key={job.id} job={job} />
      ))}
    </table>
  );
}
