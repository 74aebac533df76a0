// Says in time that this agent's certificate runs out: after that no coordinator lets it in.
import { X509Certificate } from 'node:crypto';
import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/log.ts';

const DAY_MS = 86_400_000;
const WARN_DAYS = 30;

/** Whole days, negative when it has run out. */
export const daysLeft = (certificatePem: string, nowMs: number): number =>
  Math.floor((Date.parse(new X509Certificate(certificatePem).validTo) - nowMs) / DAY_MS);

/** Warns now and once a day, from 30 days before the end, until the signal fires. */
export async function watchExpiry(
  certificatePem: string,
  clock: Clock,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const days = daysLeft(certificatePem, clock.nowMs());
    if (days < WARN_DAYS)
      log.warn("this agent's certificate runs out: enrol it anew", {
        component: 'identity',
        count: days,
        reason: `${new X509Certificate(certificatePem).validTo}; remove the folder identity of the data directory and start with a new bundle`,
      });
    await clock.wait(DAY_MS, signal).catch(() => {});
  }
}
