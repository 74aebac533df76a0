// Work done every so often for as long as a coordinator lives: never twice at once, however long it takes.

export interface Periodic {
  /** Nothing begins any more; resolves when nothing is under way either. */
  stop(): Promise<void>;
}

/** Skips a turn while the last one is under way: a slow database is not helped by being asked more often. */
export function periodically(
  everyMs: number,
  work: () => Promise<unknown>,
  failed: (error: unknown) => void,
): Periodic {
  let underWay: Promise<unknown> | null = null;
  const timer = setInterval(() => {
    underWay ??= work()
      .catch(failed)
      .finally(() => {
        underWay = null;
      });
  }, everyMs);
  return {
    stop: async () => {
      clearInterval(timer);
      await underWay;
    },
  };
}
