// A job whole: how it stands, its nodes in order, and its log as it is written.

import { ApiError } from '../api/api-error.ts';
import { useJob, useJobNodes } from '../api/queries.ts';
import { Failure } from '../parts/failure.tsx';
import { jobPath } from '../parts/job-path.ts';
import { NotThere } from '../parts/not-there.tsx';
import { jobWord, STATUS_WORDS } from '../parts/status-words.ts';
import { useTitle } from '../parts/use-title.ts';
import { JobHeader } from './job-header.tsx';
import { JobLogAndNodes } from './job-log-and-nodes.tsx';

export function JobPage({ id }: { id: string }) {
  const { data: job, error } = useJob(id);
  const { data: nodes } = useJobNodes(id, job !== undefined && job['ended-on'] === null);
  useTitle(
    job === undefined ? 'Job' : `${STATUS_WORDS[job.status]}: ${jobWord(job)} ${jobPath(job).join(' / ')}`,
  );
  if (job === undefined) {
    if (error instanceof ApiError && error.status === 404) return <NotThere what="There is no such job" />;
    return error === null ? null : <Failure error={error} what="The job could not be read." />;
  }
  return (
    <div className="job-page">
      <JobHeader job={job} />
      <JobLogAndNodes job={job} nodes={nodes ?? []} />
    </div>
  );
}
