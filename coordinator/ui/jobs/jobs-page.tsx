// The jobs, or those of one status, newest first, a page at a time and live.
import { useRef } from 'react';
import { Link, useSearchParams } from 'wouter';
import { useJobs } from '../api/queries.ts';
import { ListFailure } from '../parts/list-failure.tsx';
import { Pager } from '../parts/pager.tsx';
import { STATUS_WORDS } from '../parts/status-words.ts';
import { useListKeys } from '../parts/use-list-keys.ts';
import { usePageChoice } from '../parts/use-page-choice.ts';
import { useTitle } from '../parts/use-title.ts';
import { JobTable } from './job-table.tsx';
import { NoJobs } from './no-jobs.tsx';
import { StatusChoice } from './status-choice.tsx';

export function JobsPage() {
  const pages = usePageChoice();
  const [search, setSearch] = useSearchParams();
  const status = search.get('status');
  const { data, error, isPlaceholderData } = useJobs(pages.page, pages.perPage, status);
  const list = useRef<HTMLDivElement>(null);
  useListKeys(list);
  useTitle('Jobs');
  const choose = (word: string | null): void =>
    setSearch((old) => {
      const next = new URLSearchParams(old);
      next.delete('page');
      if (word === null) next.delete('status');
      else next.set('status', word);
      return next;
    });
  // While other jobs are asked for, those of before stand here, marked as such; that there were none says nothing.
  const isNone = data?.count === 0 && !isPlaceholderData;
  return (
    <div ref={list}>
      <div className="page-head">
        <h1>Jobs</h1>
        {(status !== null || data?.count !== 0) && <StatusChoice status={status} onChange={choose} />}
        {data !== undefined && data.count > 0 && (
          <Pager pages={pages} count={data.count} isFormer={isPlaceholderData} what="jobs" />
        )}
      </div>
      {data === undefined && error !== null && <ListFailure error={error} what="jobs" pages={pages} />}
      {isNone && status === null && <NoJobs />}
      {isNone && status !== null && <NoneOf status={status} whole={pages.whole} />}
      {data !== undefined && data.count > 0 && (
        <JobTable jobs={data.results} caption="Jobs, newest first" areFormer={isPlaceholderData} />
      )}
    </div>
  );
}

function NoneOf({ status, whole }: { status: string; whole: string }) {
  const words: Readonly<Record<string, string>> = STATUS_WORDS;
  return (
    <p>
      No job has the status “{words[status] ?? status}”. <Link href={whole}>Show all jobs</Link>
    </p>
  );
}
