// All that an event carries beyond its message.
import type { LogEvent } from '../live/log-event.ts';
import { CopyId } from '../parts/copy-id.tsx';

export function EventDetail({ event }: { event: LogEvent }) {
  return (
    <div className="event-detail">
      <dl className="facts">
        <div>
          <dt>Number</dt>
          <dd>{event.number}</dd>
        </div>
        <div>
          <dt>Kind</dt>
          <dd>
            {event.type}, {event.subtype}
          </dd>
        </div>
        {event.resource !== null && (
          <div>
            <dt>Resource</dt>
            <dd>
              <code>{event.resource}</code>
            </dd>
          </div>
        )}
        <div>
          <dt>Id</dt>
          <dd>
            <CopyId id={event.id} what="event" />
          </dd>
        </div>
      </dl>
      {event.detail !== '' && <pre className="event-json">{event.detail}</pre>}
      {event.traceback !== null && <pre className="traceback">{event.traceback}</pre>}
    </div>
  );
}
