// One job of the list, with a line of its own for what it waits for; all of it leads to the job.
import { Fragment } from 'react';
import { Link } from 'wouter';
import { inert } from '../../../shared/inert-text.ts';
import type { Job } from '../../../shared/rest-types.ts';
import { jobPath } from '../parts/job-path.ts';
import { NodesBar } from '../parts/nodes-bar.tsx';
import { Status } from '../parts/status.tsx';
import { jobWord } from '../parts/status-words.ts';
import { TargetPath } from '../parts/target-path.tsx';
import { Time } from '../parts/time.tsx';
import { Took } from '../parts/took.tsx';

/** Of the table that rows stand in (job-table.tsx). */
const COLUMNS = 7;

export function JobRow({ job }: { job: Job }) {
  const waiting = job['waiting-for'];
  return (
    <tbody>
      <tr>
        <td className="cell-status">
          <Status status={job.status} />
        </td>
        <td className="cell-type">
          <Link href={`/jobs/${job.id}`} data-row className="row-link">
            {jobWord(job)
              .split(' ')
              .map((word) => (
                <Fragment key={word}>
                  <span className="word">{word}</span>{' '}
                </Fragment>
              ))}
            <span className="hidden">{jobPath(job).join(' / ')}</span>
          </Link>
        </td>
        <td className="cell-target">
          <TargetPath parts={jobPath(job)} />
        </td>
        <td className="cell-nodes">
          <NodesBar counts={job['node-counts']} />
        </td>
        <td className="cell-created">
          <Time at={job['created-on']} />
        </td>
        <td className="cell-took">
          <Took job={job} />
        </td>
        <td className="cell-description">
          {job.description !== null && <span title={inert(job.description)}>{inert(job.description)}</span>}
        </td>
      </tr>
      {waiting !== null && (
        <tr>
          <td colSpan={COLUMNS} className="waits">
            <strong>Waits:</strong> {inert(waiting.what)}
          </td>
        </tr>
      )}
    </tbody>
  );
}
