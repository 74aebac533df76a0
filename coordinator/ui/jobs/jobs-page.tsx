// The jobs, newest first, a page at a time and live.
import { useRef } from 'react';
import { useJobs } from '../api/queries.ts';
import { Failure } from '../parts/failure.tsx';
import { Pager } from '../parts/pager.tsx';
import { useListKeys } from '../parts/use-list-keys.ts';
import { usePageChoice } from '../parts/use-page-choice.ts';
import { useTitle } from '../parts/use-title.ts';
import { JobTable } from './job-table.tsx';
import { NoJobs } from './no-jobs.tsx';

export function JobsPage() {
  const choice = usePageChoice();
  const { data, error } = useJobs(choice.page, choice.perPage);
  const list = useRef<HTMLDivElement>(null);
  useListKeys(list);
  useTitle('Jobs');
  return (
    <div ref={list}>
      <div className="page-head">
        <h1>Jobs</h1>
        {data !== undefined && data.count > 0 && <Pager {...choice} count={data.count} what="jobs" />}
      </div>
      {data === undefined && error !== null && <Failure error={error} what="The jobs could not be read." />}
      {data?.count === 0 && <NoJobs />}
      {data !== undefined && data.count > 0 && <JobTable jobs={data.results} caption="Jobs, newest first" />}
    </div>
  );
}
