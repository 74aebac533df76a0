// Numbers by chance that a seed gives again: the same seed, the same world.

/** mulberry32 */
export function random(seed: number) {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (n: number): number => Math.floor(next() * n);
  return {
    next,
    /** a whole number from 0 up to n, which is no part of it */
    below,
    chance: (p: number): boolean => next() < p,
    pick: <T>(some: readonly T[]): T => some[below(some.length)] as T,
    shuffled: <T>(some: readonly T[]): T[] =>
      some
        .map((one) => [next(), one] as const)
        .sort(([a], [b]) => a - b)
        .map(([, one]) => one),
  };
}
export type Random = ReturnType<typeof random>;
