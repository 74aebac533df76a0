// The options of a job that say how long a node may take to let go of its clients and to drain, and how long it is left in peace afterwards.

export const CLIENTS_TIMEOUT_S = 30;
export const DRAIN_TIMEOUT_S = 120;
export const SETTLE_S = 0;

const ms = (seconds: unknown, otherwise: number): number =>
  (typeof seconds === 'number' ? seconds : otherwise) * 1_000;

/** From a job's data as it was checked when the job was made; what is absent or null is the default. Milliseconds. */
export const stopOptions = (jobData: Readonly<Record<string, unknown>>) => ({
  clientsMs: ms(jobData['clients-timeout'], CLIENTS_TIMEOUT_S),
  drainMs: ms(jobData['drain-timeout'], DRAIN_TIMEOUT_S),
  settleMs: ms(jobData['settle-seconds'], SETTLE_S),
});
