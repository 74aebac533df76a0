// Leave to stop a database node, as the run keeps it: for the process that ran when it was given, and while what others saw then says something of now.
import type { StepEvent } from '../../shared/events.ts';
import type { ProcessId } from '../host/host.ts';
import type { StepContext } from './step.ts';
import { looked, seconds } from './telling.ts';

/** The step that asks. */
export const LEAVE = 'await-leave';

/** As old as the coordinator lets a view of the ring become. */
const MOST_AGE_MS = 30_000;

/** What that step returns. */
export interface Leave {
  /** null: none ran, and nobody was asked */
  process: ProcessId | null;
  onMs: number;
  upMs: number;
  /** how often it had lapsed before in this run */
  lapses: number;
}

/** The run goes on from the step that asks, which finds `lapses` as its note. */
export class LeaveLapsed extends Error {
  readonly lapses: number;

  constructor(why: string, lapses: number) {
    super(why);
    this.lapses = lapses;
  }
}

export const leaveFor = (
  { host, notes }: Pick<StepContext, 'host' | 'notes'>,
  process: ProcessId | null,
): Leave => ({
  process,
  onMs: host.nowMs(),
  upMs: host.upMs(),
  lapses: Number(notes.at(-1) ?? 0),
});

export const sameProcess = (a: ProcessId | null, b: ProcessId | null): boolean =>
  a !== null && b !== null && a.pid === b.pid && a.startTicks === b.startTicks;

/**
 * Tells nothing while leave counts for the process that runs. Another one is a node that has come back, from a crash of its host or
 * its own: others may have gone meanwhile.
 * @param isClosed clients have been turned away already: leave does not grow old any more, a node waits no longer than it has to like that
 * @throws LeaveLapsed
 */
export async function* stillOnLeave(
  { host, resultOf }: StepContext,
  running: ProcessId,
  isClosed: boolean,
): AsyncGenerator<StepEvent, void, void> {
  const leave = (resultOf(LEAVE) ?? null) as Leave | null;
  if (leave === null) return; // an agent from before leave was kept has got it, or this run has started the node itself
  // A machine that was suspended has either clock behind it, and one whose wall clock was set back the second alone.
  const ageMs = Math.max(Math.abs(host.nowMs() - leave.onMs), host.upMs() - leave.upMs);
  const why = !sameProcess(leave.process, running)
    ? 'the database node was started since then'
    : !isClosed && ageMs > MOST_AGE_MS * (1 + leave.lapses) // a slow host comes to its stop in the end
      ? `that was ${seconds(ageMs)} ago`
      : null;
  if (why === null) return;
  yield looked('gate-lapsed', `Leave to stop the database node was given, but ${why}: asking again`);
  throw new LeaveLapsed(why, leave.lapses + 1);
}
