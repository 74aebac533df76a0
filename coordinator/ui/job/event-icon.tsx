// What kind of event it is: looked, changed, reached or failed.
import type { LogEvent } from '../live/log-event.ts';

const KINDS = {
  looked: { mark: '·', word: 'Looked' },
  changed: { mark: '✎', word: 'Changed' },
  milestone: { mark: '◆', word: 'Milestone' },
  error: { mark: '✕', word: 'Error' },
};

export function EventIcon({ event }: { event: LogEvent }) {
  const kind = event.type === 'check' ? (event.changes ? 'changed' : 'looked') : event.type;
  const { mark, word } = KINDS[kind];
  return (
    <span className={`event-icon kind-${kind}`}>
      <span aria-hidden="true">{mark}</span>
      <span className="hidden">{word}</span>
    </span>
  );
}
