// When views of the ring are asked for, and how long they are waited for: those of large rings take their time, and cost the nodes some.
import type { StopQuestion } from './facts.ts';

/** Views are asked for again this long after the last ones, while a run waits. */
export const ROUND_MS = 3_000;
/** A node that has not answered by then is passed over, where the ring has no more than 50: others are asked in its place. */
export const VIEW_WITHIN_MS = 5_000;
/** Larger rings have so much for each node: a database node takes a few milliseconds to tell the ranges of 256 tokens of each. */
const VIEW_MS_A_NODE = 100;
/** A node that tells what it sees has so many times as long for its other work before it is asked again. */
const REST_TIMES = 2;

export const viewWithinMs = ({ peers }: Pick<StopQuestion, 'peers'>): number =>
  Math.max(VIEW_WITHIN_MS, (peers.length + 1) * VIEW_MS_A_NODE);

/** When the latest round ends or has ended: all have answered, or those that have not are late. */
export const roundEndMs = (question: StopQuestion): number =>
  Math.max(
    question.roundMs,
    ...question.views.map(({ seenMs }) => seenMs ?? question.roundMs + viewWithinMs(question)),
  );

/** Whether the latest round is over. */
export const isRoundOver = (question: StopQuestion, nowMs: number): boolean =>
  question.views.every(({ seenMs }) => seenMs !== null) || nowMs >= question.roundMs + viewWithinMs(question);

/** From when on nothing is decided any more by what was seen in the latest round. */
export const staleMs = (question: StopQuestion): number => roundEndMs(question) + ROUND_MS;

/** When a run that waits has views asked for anew. */
export function nextRoundMs(question: StopQuestion): number {
  const seen = question.views.flatMap(({ seenMs, view }) =>
    view === null || seenMs === null ? [] : [seenMs],
  );
  const tookMs = Math.max(question.roundMs, ...seen) - question.roundMs;
  return Math.max(staleMs(question), roundEndMs(question) + REST_TIMES * tookMs);
}
