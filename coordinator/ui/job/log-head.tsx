// What stands before the first event that is loaded.
import { apiPath } from '../api/api.ts';
import { CHUNK, MOST_HELD } from '../live/event-window.ts';
import type { JobLog } from '../live/use-job-log.ts';

export function LogHead({ log, jobId }: { log: JobLog; jobId: string }) {
  if (log.earlier === 0) return null;
  return (
    <p className="log-head">
      {log.earlier.toLocaleString('en')} earlier events are not loaded.{' '}
      {log.canLoadEarlier ? (
        <button type="button" className="small" onClick={log.loadEarlier}>
          Load {Math.min(CHUNK, log.earlier).toLocaleString('en')} more
        </button>
      ) : (
        <>
          This page holds {MOST_HELD.toLocaleString('en')} at most; all of them are in{' '}
          <code>{apiPath(`jobs/${jobId}/job_events/`)}</code>
        </>
      )}
    </p>
  );
}
