// A job told line by line: for logs, pipes and terminals that cannot redraw.
import type { Colours } from '../terminal/colours.ts';
import { paintStatus } from '../terminal/colours.ts';
import { harmless, harmlessLines } from '../terminal/harmless.ts';
import type { Telling } from './watched-job.ts';

const MARK = {
  status: ' ',
  error: '✗',
  change: '~',
  reached: '✓',
  note: ' ',
  end: ' ',
  check: ' ',
  waiting: '…',
} as const;

/** 18:09:36Z, whichever zone it was told in. */
const timeOf = (at: string): string => `${new Date(at).toISOString().slice(11, 19)}Z`;

const painted = (colours: Colours, mark: Telling['mark'], text: string): string => {
  if (mark === 'status') return paintStatus(colours, text);
  if (mark === 'error') return colours.red(text);
  return mark === 'check' || mark === 'waiting' ? colours.dim(text) : text;
};

/** What stands for the lines of a traceback that are not shown. */
const folded = (lines: readonly string[]): string[] => [
  `traceback of ${lines.length === 1 ? 'one line' : `${lines.length} lines`}: --traceback shows it`,
];

/** @param wide columns for the node's name @param whole tracebacks line by line; otherwise only that there is one */
export function plainLines(telling: Telling, wide: number, colours: Colours, whole: boolean): string[] {
  const who = harmless(telling.node ?? 'job').padEnd(wide);
  const first = `${colours.dim(timeOf(telling.at))} ${who} ${MARK[telling.mark]} ${painted(colours, telling.mark, harmless(telling.text))}`;
  const lines = telling.traceback === null ? [] : harmlessLines(telling.traceback);
  const rest = whole || lines.length === 0 ? lines : folded(lines);
  return [first, ...rest.map((line) => `${' '.repeat(10 + wide + 3)}${colours.dim(line)}`)];
}
