// One picture of a job under way: a line for the job, a row for each node with its step; as high as the terminal allows.
import { type Colours, paintStatus } from '../terminal/colours.ts';
import { harmless } from '../terminal/harmless.ts';
import { tableLines } from '../terminal/table.ts';
import { fit, wrap } from '../terminal/text-width.ts';
import { spoken } from '../values.ts';
import { atWorkMs, ENDED, endedMs, stepOf, waitingOf } from './job-words.ts';
import type { WatchedJob, WatchedNode } from './watched-job.ts';

const MARK: Readonly<Record<string, string>> = {
  COMPLETE: '✓',
  FAILED: '✗',
  TERMINATED: '✗',
  RUNNING: '▸',
  IDLE: '▸',
  ORPHANED: '?',
};
/** Lines of what the job waits for: who, why, and what ends it. */
const MOST_WAITING = 6;
/** What a person wants to see first when not all fits. */
const URGENCY = ['FAILED', 'IDLE', 'ORPHANED', 'RUNNING', 'TERMINATED', 'PENDING', 'COMPLETE'];

function countsOf(nodes: readonly WatchedNode[]): string {
  const counts = new Map<string, number>();
  for (const { status } of nodes) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].map(([status, count]) => `${count} ${status}`).join(', ');
}

/** In their own order, the most urgent `most` of them. */
function chosen(
  nodes: readonly WatchedNode[],
  most: number,
): { shown: WatchedNode[]; hidden: WatchedNode[] } {
  const urgency = ({ status }: WatchedNode): number => URGENCY.indexOf(status);
  const ranked = [...nodes.keys()].sort(
    (a, b) => urgency(nodes[a] as WatchedNode) - urgency(nodes[b] as WatchedNode) || a - b,
  );
  const kept = new Set(ranked.slice(0, most));
  return {
    shown: nodes.filter((_, at) => kept.has(at)),
    hidden: nodes.filter((_, at) => !kept.has(at)),
  };
}

/**
 * @param size of the terminal
 * @param link what to say of the connection; null while it stands
 * @returns lines that fit it, in colour
 */
export function liveView(
  watched: WatchedJob,
  size: { columns: number; rows: number },
  nowMs: number,
  colours: Colours,
  link: string | null = null,
): string[] {
  const { job, nodes, status } = watched;
  const done = nodes.filter((node) => node.status === 'COMPLETE').length;
  const failed = nodes.filter((node) => node.status === 'FAILED').length;
  const ended = endedMs(job);
  const elapsed = spoken(atWorkMs(job, ended ?? nowMs));
  const counted = nodes.length === 0 ? '' : `  ${done} of ${nodes.length} nodes done`;
  const withFailed = failed === 0 ? counted : `${counted}, ${failed} failed`;
  const roomBeside = (count: string): number =>
    size.columns - status.length - elapsed.length - count.length - 4;
  const tail = `  ${elapsed}${roomBeside(withFailed) < 8 ? counted : withFailed}`;
  const room = Math.max(8, size.columns - status.length - tail.length - 2);
  const head = fit(harmless(watched.title), room, 'middle');
  const lines = [`${colours.bold(head)}  ${paintStatus(colours, status)}${tail}`];
  const waiting = waitingOf(job);
  const mostWaiting = Math.max(1, Math.min(MOST_WAITING, Math.floor(size.rows / 3)));
  if (waiting !== null && ended === null)
    lines.push(
      ...wrap(`… ${harmless(waiting)}`, size.columns, mostWaiting, '  ').map((line) => colours.yellow(line)),
    );
  if (link !== null) lines.push(colours.yellow(fit(harmless(link), size.columns)));
  const rows = Math.max(1, size.rows - lines.length - 2);
  const { shown, hidden } = chosen(nodes, nodes.length <= rows ? rows : rows - 1);
  lines.push(
    ...tableLines(
      [
        { head: '' },
        { head: 'NODE', yields: 'name' },
        { head: 'DC', yields: 'name' },
        { head: 'STATUS', paint: (padded, cell) => paintStatus(colours, padded, cell) },
        { head: 'STEP', yields: 'text' },
        { head: '', yields: 'text', paint: (padded) => colours.dim(padded) },
      ],
      shown.map((node) => {
        const atWork = !ENDED.includes(node.status) && node.status !== 'PENDING';
        const said = atWork
          ? node.said
          : node.status === 'FAILED'
            ? (watched.errors.get(node.label) ?? '')
            : '';
        return [
          MARK[node.status] ?? ' ',
          node.name,
          node.datacenter,
          node.status,
          atWork ? stepOf(node.progress) : '',
          said,
        ];
      }),
      { most: size.columns - 1, heads: false },
    ),
  );
  if (hidden.length > 0)
    lines.push(colours.dim(fit(`  and ${hidden.length} more: ${countsOf(hidden)}`, size.columns - 1)));
  return lines;
}
