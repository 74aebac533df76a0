// When views of the ring are asked for, and how long they are waited for: those of large rings take their time, and cost the nodes some.
import type { AskedView, StopQuestion } from './facts.ts';

/** As many other nodes have to agree, or as many as there are. */
export const VIEWS_NEEDED = 2;

/** Views are asked for again this long after the last ones, while a run waits. */
export const ROUND_MS = 3_000;
/** A node that has not answered by then is passed over, where the ring has no more than 50: others are asked in its place. */
export const VIEW_WITHIN_MS = 5_000;
/** Larger rings have so much for each node: a database node takes a few milliseconds to tell the ranges of 256 tokens of each. */
const VIEW_MS_A_NODE = 100;
/** What was seen so long ago says little of now: nodes take about that time to notice that one is down. */
const MOST_AGE_MS = 30_000;
/** Only the node itself is sure to tell what is streamed to and from it: it is waited for longer than others, but not until these are old. */
const OWN_WITHIN_MS = 20_000;
/** A node that tells what it sees has so many times as long for its other work before it is asked again. */
const REST_TIMES = 2;

export const viewWithinMs = ({ peers }: Pick<StopQuestion, 'peers'>): number =>
  Math.max(VIEW_WITHIN_MS, (peers.length + 1) * VIEW_MS_A_NODE);

/**
 * When the latest round ends or has ended: all have answered, or those that have not are late. Once enough have, what they saw
 * grows old, and the others have as long as in a small ring.
 */
export function roundEndMs(question: StopQuestion): number {
  const { views, roundMs, nodeId } = question;
  const limitMs = roundMs + viewWithinMs(question);
  const endMs = Math.max(roundMs, ...views.map(({ seenMs }) => seenMs ?? limitMs));
  const others = views.flatMap((one) =>
    one.nodeId === nodeId || one.view === null || one.seenMs === null ? [] : [one.seenMs],
  );
  others.sort((a, b) => a - b);
  const [firstMs, enoughMs] = [others[0], others[VIEWS_NEEDED - 1]];
  if (firstMs === undefined || enoughMs === undefined) return endMs;
  const isOwnDue = views.some((one) => one.nodeId === nodeId && one.seenMs === null);
  const oldMs = firstMs + MOST_AGE_MS - ROUND_MS;
  const ownMs = isOwnDue ? Math.min(enoughMs + OWN_WITHIN_MS, oldMs) : 0;
  return Math.min(endMs, Math.max(enoughMs + VIEW_WITHIN_MS, ownMs));
}

/** Not too old to go by. */
export const isOfLate = ({ seenMs }: AskedView, nowMs: number): boolean =>
  seenMs !== null && nowMs - seenMs <= MOST_AGE_MS;

/** Those that are too old are none any more, but for the node's own: what it says can hold up its stop, and never allow it. */
export const freshViews = ({ views, nodeId }: StopQuestion, nowMs: number): AskedView[] =>
  views.map((one) =>
    one.nodeId !== nodeId && one.view !== null && one.seenMs !== null && !isOfLate(one, nowMs)
      ? { ...one, view: null, problem: 'what it saw is too old by now' }
      : one,
  );

/** From when on nothing is decided any more by what was seen in the latest round. */
export const staleMs = (question: StopQuestion): number => roundEndMs(question) + ROUND_MS;

/** When a run that waits has views asked for anew. Where none came, nodes are at it still, and asked sooner would be late for ever. */
export function nextRoundMs(question: StopQuestion): number {
  const { views, roundMs } = question;
  const isMute = views.length > 0 && views.every(({ seenMs }) => seenMs === null);
  const seen = views.flatMap(({ seenMs, view }) => (view === null || seenMs === null ? [] : [seenMs]));
  const tookMs = isMute ? viewWithinMs(question) : Math.max(roundMs, ...seen) - roundMs;
  return Math.max(staleMs(question), roundEndMs(question) + REST_TIMES * tookMs);
}
