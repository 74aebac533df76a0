// A job told line by line: for logs, pipes and terminals that cannot redraw.
import type { Colours } from '../terminal/colours.ts';
import { paintStatus } from '../terminal/colours.ts';
import { harmless, harmlessLines } from '../terminal/harmless.ts';
import type { Telling } from './watched-job.ts';

const MARK = { status: ' ', error: '✗', change: '~', milestone: '✓', check: ' ', waiting: '…' } as const;

const painted = (colours: Colours, mark: Telling['mark'], text: string): string => {
  if (mark === 'status') return paintStatus(colours, text);
  if (mark === 'error') return colours.red(text);
  return mark === 'check' || mark === 'waiting' ? colours.dim(text) : text;
};

/** @param wide columns for the node's name */
export function plainLines(telling: Telling, wide: number, colours: Colours): string[] {
  const time = /T(\d\d:\d\d:\d\d)/.exec(telling.at)?.[1] ?? '        ';
  const who = harmless(telling.node ?? 'job').padEnd(wide);
  const first = `${colours.dim(`${time}Z`)} ${who} ${MARK[telling.mark]} ${painted(colours, telling.mark, harmless(telling.text))}`;
  const rest = telling.traceback === null ? [] : harmlessLines(telling.traceback);
  return [first, ...rest.map((line) => `${' '.repeat(10 + wide + 3)}${colours.dim(line)}`)];
}
