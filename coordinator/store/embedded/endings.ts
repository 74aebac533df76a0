// How long a server is given to end, and how it is asked.

/** Fast shutdown with a checkpoint, then immediate (the next start recovers), then by force. */
export const ENDINGS = [
  { signal: 'SIGINT', withinMs: 15_000 },
  { signal: 'SIGQUIT', withinMs: 10_000 },
  { signal: 'SIGKILL', withinMs: 5_000 },
] as const;
