// The filters of a log: what kind of event, and which words.
import { type LogFilter, ONLY, type Only } from './log-filter.ts';

const WORDS: Readonly<Record<Only, string>> = { all: 'All', changes: 'Only changes', errors: 'Only errors' };

interface Props {
  filter: LogFilter;
  onFilter: (change: Partial<LogFilter>) => void;
  shown: number;
  held: number;
}

export function LogFilters({ filter, onFilter, shown, held }: Props) {
  return (
    <div className="log-filters">
      <fieldset className="segments">
        <legend className="hidden">Which events are shown</legend>
        {ONLY.map((only) => (
          <label key={only}>
            <input
              type="radio"
              name="only"
              checked={filter.only === only}
              onChange={() => onFilter({ only })}
            />
            <span>{WORDS[only]}</span>
          </label>
        ))}
      </fieldset>
      <input
        type="search"
        data-filter
        aria-label="Filter the loaded events by text"
        placeholder="Filter what is loaded  /"
        value={filter.text}
        onChange={(event) => onFilter({ text: event.target.value })}
      />
      <span className="muted log-count" role="status">
        {shown === held ? '' : `${shown} of `}
        {held} {held === 1 ? 'event' : 'events'}
      </span>
    </div>
  );
}
