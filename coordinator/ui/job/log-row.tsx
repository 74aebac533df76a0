// One event: when, on which node, what; its diff beneath, its traceback folded.
import { memo } from 'react';
import { inert } from '../../../shared/inert-text.ts';
import type { LogEvent } from '../live/log-event.ts';
import { Time } from '../parts/time.tsx';
import { DiffView } from './diff-view.tsx';
import { EventDetail } from './event-detail.tsx';
import { EventIcon } from './event-icon.tsx';

interface Props {
  event: LogEvent;
  /** null: the log is of one node, which need not be named */
  nodeName: string | null;
  isOpen: boolean;
  onToggle: (id: string) => void;
}

export const LogRow = memo(function LogRow({ event, nodeName, isOpen, onToggle }: Props) {
  return (
    <article className={`event is-${event.type} ${event.changes ? 'changes' : ''} ${isOpen ? 'open' : ''}`}>
      <button
        type="button"
        className="event-line"
        aria-expanded={isOpen}
        title={isOpen ? 'Fold' : 'Show all of it'}
        onClick={() => onToggle(event.id)}
      >
        <Time at={event.atMs} withDay={isOpen} />
        {nodeName !== null && <span className="event-node">{inert(nodeName)}</span>}
        <EventIcon event={event} />
        <span className="event-message">{event.message}</span>
      </button>
      {event.diff !== '' && <DiffView text={event.diff} isTruncated={event.diffTruncated} isOpen={isOpen} />}
      {isOpen && <EventDetail event={event} />}
      {!isOpen && event.traceback !== null && <span className="folded">Traceback folded</span>}
    </article>
  );
});
