// How a job's nodes stand, as a bar with its numbers beside it.
import type { Job } from '../../../shared/rest-types.ts';
import { BAR_ORDER, STATUS_WORDS } from './status-words.ts';

export function NodesBar({ counts }: { counts: Job['node-counts'] }) {
  const parts = BAR_ORDER.flatMap((status) => {
    const count = counts[status] ?? 0;
    return count === 0 ? [] : [{ status, count }];
  });
  const total = parts.reduce((sum, { count }) => sum + count, 0);
  const words = parts.map(({ status, count }) => `${count} ${STATUS_WORDS[status].toLowerCase()}`).join(', ');
  return (
    <span className="nodes-bar" title={words}>
      <span className="bar" aria-hidden="true">
        {parts.map(({ status, count }) => (
          <span key={status} className={`fill-${status}`} style={{ flexGrow: count }} />
        ))}
      </span>
      <span aria-hidden="true">
        {counts.COMPLETE ?? 0}/{total}
      </span>
      <span className="hidden">
        {total} nodes: {words}
      </span>
    </span>
  );
}
