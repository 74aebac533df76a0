// What stands after the last event: whether more comes, or how the job ended; and the way back to the end.
import type { JobDetail } from '../../../shared/rest-types.ts';
import type { JobLog } from '../live/use-job-log.ts';
import { STATUS_WORDS } from '../parts/status-words.ts';
import { Time } from '../parts/time.tsx';
import type { Follow } from './use-follow.ts';

interface Props {
  job: JobDetail;
  state: JobLog['state'];
  follow: Follow;
}

export function LogFoot({ job, state, follow }: Props) {
  return (
    <div className="log-foot">
      <span role="status" className={`log-state ${state}`}>
        {state === 'live' && 'Live: new events appear as they are stored.'}
        {state === 'reconnecting' &&
          'The connection is lost. It is dialled again and goes on after the last event shown.'}
        {state === 'ended' && (
          <>
            End of the log: {STATUS_WORDS[job.status].toLowerCase()}
            {job['ended-on'] !== null && (
              <>
                {' '}
                at <Time at={job['ended-on']} />
              </>
            )}
            .
            {!job['events-complete'] &&
              ' Not all events are here: an agent may still bring them, or they are lost.'}
          </>
        )}
      </span>
      {!follow.isFollowing && (
        <button type="button" className="small" onClick={follow.start}>
          {state === 'ended' ? 'To the end' : 'Follow'}
        </button>
      )}
    </div>
  );
}
