// What went wrong first, above a log that may be long.
import { useMemo } from 'react';
import { inert } from '../../../shared/inert-text.ts';
import type { LogEvent } from '../live/log-event.ts';

interface Props {
  events: readonly LogEvent[];
  /** of nodes, by id */
  names: ReadonlyMap<string, string>;
  onShow: () => void;
}

export function ErrorStrip({ events, names, onShow }: Props) {
  const errors = useMemo(() => events.filter(({ type }) => type === 'error'), [events]);
  const first = errors[0];
  if (first === undefined) return null;
  const name = first.nodeId === null ? undefined : names.get(first.nodeId);
  return (
    <div className="error-strip">
      <p title={first.message}>
        <strong className="tone-FAILED">
          {errors.length === 1 ? 'Error' : `First of ${errors.length} errors`}
        </strong>{' '}
        {name !== undefined && `${inert(name)}: `}
        {first.message}
      </p>
      <button type="button" className="small" onClick={onShow}>
        Show
      </button>
    </div>
  );
}
