// A job told line by line: for logs, pipes and terminals that cannot redraw.
import type { Colours } from '../terminal/colours.ts';
import { paintStatus } from '../terminal/colours.ts';
import { harmless } from '../terminal/harmless.ts';
import type { Telling } from './watched-job.ts';

const MARK = {
  status: ' ',
  error: '✗',
  change: '~',
  reached: '✓',
  note: ' ',
  end: ' ',
  look: ' ',
  check: ' ',
  waiting: '…',
} as const;

/** 2026-11-28, in UTC as the times of the lines are. */
export const dayOf = (at: string | number): string => new Date(at).toISOString().slice(0, 10);

/** 18:09:36Z, whichever zone it was told in. */
const timeOf = (at: string): string => `${new Date(at).toISOString().slice(11, 19)}Z`;

const painted = (colours: Colours, mark: Telling['mark'], text: string): string => {
  if (mark === 'status') return paintStatus(colours, text);
  if (mark === 'error') return colours.red(text);
  return mark === 'check' || mark === 'waiting' ? colours.dim(text) : text;
};

/** @param wide columns for the node's name */
export function plainLines(telling: Telling, wide: number, colours: Colours): string[] {
  const who = harmless(telling.node ?? 'job').padEnd(wide);
  const first = `${colours.dim(timeOf(telling.at))} ${who} ${MARK[telling.mark]} ${painted(colours, telling.mark, harmless(telling.text))}`;
  return [first, ...telling.under.map((line) => `${' '.repeat(10 + wide + 3)}${colours.dim(line)}`)];
}
