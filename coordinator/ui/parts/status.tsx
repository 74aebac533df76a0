// A status as icon and word.
import type { JobStatus } from '../../../shared/status.ts';
import { StatusIcon } from './status-icon.tsx';
import { STATUS_WORDS } from './status-words.ts';

export function Status({ status }: { status: JobStatus }) {
  return (
    <span className={`status tone-${status}`}>
      <StatusIcon status={status} />
      {STATUS_WORDS[status]}
    </span>
  );
}
