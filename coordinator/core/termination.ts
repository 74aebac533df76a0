// What a request to end a job comes to: whether it counts as one, and what is told of it.

/**
 * A request that follows the first too soon is a repeat of it (a double click, a retry), not a second one.
 * @param firstAgoMs how long ago the first was made; null: this is it
 * @returns in how many ms a request would count; 0: this one does
 */
export const countsInMs = (firstAgoMs: number | null, againAfterMs: number): number =>
  firstAgoMs === null ? 0 : Math.max(0, againAfterMs - firstAgoMs);

/**
 * What the event of a request that counts says.
 * @param by the account that asked; null while authentication is off
 */
export function terminationWords(
  by: string | null,
  { isFirst, started }: { isFirst: boolean; started: boolean },
): string {
  const who = by === null ? '' : ` by ${by}`;
  if (!isFirst)
    return `Termination was asked for again${who}: what is under way is given up, safe point or not`;
  const next = started
    ? 'what is under way stops at its next safe point, nothing else is started'
    : 'no node is started';
  return `Termination was asked for${who}: ${next}`;
}
