// Full jitter: a random wait between 0 and a ceiling that doubles, so that redialling agents spread out.

/** How long the n-th retry waits at most, and how the ceiling grows. */
export interface Backoff {
  firstMs: number;
  mostMs: number;
}

/** How agents whose stream ended dial again; coordinators wait that long for one that may be about to. */
export const REDIAL: Backoff = { firstMs: 500, mostMs: 30_000 };

/**
 * @param attempt 0 for the first retry
 * @param random a number in [0, 1)
 * @returns milliseconds to wait before that retry
 * @see "Exponential Backoff And Jitter" (full jitter variant)
 */
export function backoffMs(policy: Backoff, attempt: number, random: number): number {
  const ceiling = Math.min(policy.mostMs, policy.firstMs * 2 ** Math.min(attempt, 30));
  return Math.floor(random * ceiling);
}
