// Which status the listed jobs have, as a choice beside the list's name.
import { JOB_STATUSES } from '../../../shared/status.ts';
import { STATUS_WORDS } from '../parts/status-words.ts';

interface Props {
  /** as the URL has it, which may be no status at all; null: all of them */
  status: string | null;
  onChange: (status: string | null) => void;
}

export function StatusChoice({ status, onChange }: Props) {
  const isKnown = JOB_STATUSES.some((word) => word === status);
  return (
    <label className="muted status-choice">
      Status{' '}
      <select
        value={isKnown ? (status ?? '') : ''}
        onChange={(event) => onChange(event.target.value === '' ? null : event.target.value)}
      >
        <option value="">All</option>
        {JOB_STATUSES.map((word) => (
          <option key={word} value={word}>
            {STATUS_WORDS[word]}
          </option>
        ))}
      </select>
    </label>
  );
}
