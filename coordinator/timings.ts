// What waits how long, in milliseconds: not for operators, but shorter in tests.
import { KEEPALIVE, type Keepalive } from '../shared/wire/service.ts';
import type { TryTimes } from './bootstrap/bring-agent.ts';

export interface Timings {
  /** how often a coordinator says that it lives */
  beatEveryMs: number;
  /** how often every open job is looked at although nothing woke it */
  sweepEveryMs: number;
  /** how often schedules of jobs are looked at, and so how late a job of one may be */
  schedulesEveryMs: number;
  /** an agent away this long after a terminate request no longer holds its node up */
  terminateAwayMs: number;
  /** a second request to terminate, which gives runs up, counts as one only this long after the first */
  terminateAgainMs: number;
  /** how often a live stream gives a sign of life */
  liveHeartbeatMs: number;
  keepalive: Keepalive;
  /** a database connection on which nothing moves for so long is given up */
  databaseSilentMs: number;
  /** a statement of a REST request that gets no answer for so long fails: its caller waits */
  requestStatementMs: number;
  /** what each part of a try to bring an agent over SSH may take */
  bootstrapTry: TryTimes;
  /** from a try that failed to the next one */
  bootstrapAgainMs: number;
  /** from a try that found no way in to the next one */
  bootstrapWaitMs: number;
  /** nobody else begins a try for as long after it was renewed */
  bootstrapLeaseMs: number;
}

export const TIMINGS: Timings = {
  beatEveryMs: 5_000,
  sweepEveryMs: 5_000,
  schedulesEveryMs: 10_000,
  terminateAwayMs: 60_000,
  terminateAgainMs: 10_000,
  liveHeartbeatMs: 15_000,
  keepalive: KEEPALIVE,
  databaseSilentMs: 60_000,
  requestStatementMs: 5_000,
  bootstrapTry: {
    connectWithinMs: 30_000, // the original's ssh_connect_timeout_in_seconds
    commandWithinMs: 60_000,
    installWithinMs: 300_000,
    lockWithinMs: 600_000, // as an agent waits: unattended upgrades are done then
    connectedWithinMs: 60_000,
  },
  bootstrapAgainMs: 10_000, // the original's ssh_retry_delay_in_seconds
  bootstrapWaitMs: 60_000,
  bootstrapLeaseMs: 30_000,
};
