// How a job stands in a few lines: status, target, times, what it waits for, and the way to end it.
import { Link } from 'wouter';
import { inert } from '../../../shared/inert-text.ts';
import type { JobDetail } from '../../../shared/rest-types.ts';
import { useExpectedEnd } from '../api/queries.ts';
import { CopyId } from '../parts/copy-id.tsx';
import { jobPath } from '../parts/job-path.ts';
import { NodesBar } from '../parts/nodes-bar.tsx';
import { Status } from '../parts/status.tsx';
import { jobWord } from '../parts/status-words.ts';
import { TargetPath } from '../parts/target-path.tsx';
import { Time } from '../parts/time.tsx';
import { Took } from '../parts/took.tsx';
import { JobOptions } from './job-options.tsx';
import { PauseButton } from './pause-button.tsx';
import { TerminateButton } from './terminate-button.tsx';
import { WaitingFor } from './waiting-for.tsx';

export function JobHeader({ job }: { job: JobDetail }) {
  const expectedEnd = useExpectedEnd(job.id, job['ended-on'] === null);
  return (
    <header className="job-header">
      <div className="job-title">
        <Status status={job.status} />
        <h1>
          {jobWord(job)} <TargetPath parts={jobPath(job)} />
        </h1>
        {job['ended-on'] === null && job['terminate-requested-on'] === null && <PauseButton job={job} />}
        {job['ended-on'] === null && <TerminateButton job={job} />}
      </div>
      {job['waiting-for'] !== null && <WaitingFor waiting={job['waiting-for']} />}
      {job.description !== null && <p className="description">{inert(job.description)}</p>}
      <dl className="facts">
        <div>
          <dt>Nodes</dt>
          <dd>
            <NodesBar counts={job['node-counts']} />
          </dd>
        </div>
        <div>
          <dt>Created</dt>
          <dd>
            <Time at={job['created-on']} />
          </dd>
        </div>
        {typeof job['asked-by'] === 'string' && (
          <div>
            <dt>Asked for by</dt>
            <dd>{inert(job['asked-by'])}</dd>
          </div>
        )}
        <div>
          <dt>{job['ended-on'] === null ? 'At work for' : 'Took'}</dt>
          <dd>
            <Took job={job} />
          </dd>
        </div>
        {expectedEnd !== null && (
          <div>
            <dt>Expected end</dt>
            <dd>
              <Time at={expectedEnd} />
            </dd>
          </div>
        )}
        {job['terminate-requested-on'] !== null && (
          <div>
            <dt>Termination asked</dt>
            <dd>
              <Time at={job['terminate-requested-on']} />
            </dd>
          </div>
        )}
        {job['ended-on'] !== null && (
          <div>
            <dt>Ended</dt>
            <dd>
              <Time at={job['ended-on']} />
            </dd>
          </div>
        )}
        <div>
          <dt>Cluster</dt>
          <dd>
            <Link href={`/clusters/${job['cluster-id']}`}>{inert(job['cluster-name'])}</Link>
          </dd>
        </div>
        <div>
          <dt>Id</dt>
          <dd>
            <CopyId id={job.id} what="job" />
          </dd>
        </div>
        <JobOptions options={job['job-data']} />
      </dl>
    </header>
  );
}
