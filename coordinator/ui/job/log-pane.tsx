// The log with its filters above and its end below.
import { useRef } from 'react';
import type { JobDetail } from '../../../shared/rest-types.ts';
import type { LogEvent } from '../live/log-event.ts';
import type { JobLog } from '../live/use-job-log.ts';
import { ErrorStrip } from './error-strip.tsx';
import type { LogFilter } from './log-filter.ts';
import { LogFilters } from './log-filters.tsx';
import { LogFoot } from './log-foot.tsx';
import { LogHead } from './log-head.tsx';
import { LogRows } from './log-rows.tsx';
import { useFollow } from './use-follow.ts';

interface Props {
  job: JobDetail;
  log: JobLog;
  shown: readonly LogEvent[];
  filter: LogFilter;
  onFilter: (change: Partial<LogFilter>) => void;
  /** of nodes, by id */
  names: ReadonlyMap<string, string>;
}

export function LogPane({ job, log, shown, filter, onFilter, names }: Props) {
  const scroller = useRef<HTMLElement>(null);
  const follow = useFollow(scroller);
  return (
    <section className="log" aria-label="Log of the job">
      <LogFilters filter={filter} onFilter={onFilter} shown={shown.length} held={log.events.length} />
      {filter.only !== 'errors' && (
        <ErrorStrip events={log.events} names={names} onShow={() => onFilter({ only: 'errors' })} />
      )}
      <section
        ref={scroller}
        className="log-scroll"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reachable by keys
        tabIndex={0}
        aria-label="Events"
        onScroll={follow.onScroll}
      >
        <LogHead log={log} jobId={job.id} />
        <LogRows
          events={shown}
          names={names}
          showNode={filter.nodeId === null}
          scroller={scroller}
          onResize={follow.onResize}
        />
        {shown.length === 0 && (
          <p className="log-empty">
            {log.events.length > 0
              ? 'No event that is loaded matches.'
              : job['ended-on'] === null
                ? 'No event yet: the first node has not begun.'
                : 'The job ended without an event.'}
          </p>
        )}
      </section>
      <LogFoot job={job} state={log.state} follow={follow} />
    </section>
  );
}
