// Where statuses of nodes belong among the lines of a job's stream: they are read apart from it, and a moment later.
import { ENDED } from './job-words.ts';
import type { Telling } from './watched-job.ts';

/**
 * Lines stay in the order in which they were told: clocks of several hosts would give another one.
 * @param lines what the stream told since the nodes were read the last time
 * @returns a node's start before its lines, its end behind them; an end without lines comes first, its own being out already
 */
export function inOrder(lines: readonly Telling[], statuses: readonly Telling[]): Telling[] {
  const all = [...lines];
  let first = 0;
  for (const status of statuses) {
    const isOfNode = ({ node }: Telling): boolean => node === status.node;
    if (ENDED.includes(status.text)) {
      const last = all.findLastIndex(isOfNode);
      all.splice(last < 0 ? first++ : last + 1, 0, status);
    } else {
      const next = all.findIndex(isOfNode);
      all.splice(next < 0 ? all.length : next, 0, status);
    }
  }
  return all;
}
