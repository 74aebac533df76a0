// How steps wait: in polls that count as a sign of life and end at once when the run is fenced.
import type { StepContext } from './step.ts';

/** @returns false when `isDone` was still false after `withinMs` */
export async function until(
  context: StepContext,
  isDone: () => Promise<boolean>,
  { everyMs, withinMs }: { everyMs: number; withinMs: number },
): Promise<boolean> {
  const { host, aborted } = context;
  const deadline = host.nowMs() + withinMs;
  for (;;) {
    aborted.throwIfAborted();
    if (await isDone()) return true;
    if (host.nowMs() >= deadline) return false;
    context.tick();
    await host.wait(everyMs, aborted);
  }
}

/** Ticks while something with a limit of its own is under way. */
export async function ticking<T>(context: StepContext, work: Promise<T>): Promise<T> {
  let isOver = false;
  const over = new AbortController();
  const ticks = async (): Promise<void> => {
    while (!isOver) {
      context.tick();
      await context.host.wait(1_000, over.signal).catch(() => {});
    }
  };
  const counting = ticks();
  try {
    return await work;
  } finally {
    isOver = true;
    over.abort();
    await counting;
  }
}

/** For work that may be left where it stands: both a stop and a fence end it. */
export const leaving = ({ stopping, aborted }: StepContext): AbortSignal =>
  AbortSignal.any([stopping, aborted]);
