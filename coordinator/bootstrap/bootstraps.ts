// Brings agents to hosts that have none, a few at a time: takes tries that are due, keeps their leases, and tells how they ended.
import { reasonOf } from '../../shared/errors.ts';
import type { Logger } from '../../shared/log.ts';
import { isTriedAgain, MOST_TRIES } from '../core/bootstrap.ts';
import type { SealBox } from '../security/seal.ts';
import {
  giveLeaseBack,
  type HostAccess,
  isAgentConnected,
  LEASE_S,
  type Lease,
  pinHostKey,
  readHostAccess,
  renewLease,
  type TryEnd,
  takeBootstraps,
  tellOfTry,
} from '../store/bootstraps.ts';
import type { Database } from '../store/database.ts';
import { type NewEvent, ownEvent } from '../store/events.ts';
import type { Wakes } from '../store/wakes.ts';
import type { Timings } from '../timings.ts';
import { bringAgent, type Target, type Told } from './bring-agent.ts';
import { BootstrapFault } from './fault.ts';

/** At once, of one coordinator: an upload each, of some 40 MB. */
const MOST_AT_ONCE = 4;
const RENEW_EVERY_MS = (LEASE_S * 1_000) / 6;
/** Where the database does not answer the try ends before another coordinator can begin it. */
const GIVE_UP_AFTER_MS = LEASE_S * 1_000 - RENEW_EVERY_MS;

export interface BootstrapOptions {
  /** the directory of agent packages */
  packages: string;
  /** opens machine credentials */
  box: SealBox;
  /** a new enrolment bundle for a node: a secret */
  makeBundle: (nodeId: string) => Promise<string>;
  timings: Pick<Timings, 'bootstrapTry' | 'bootstrapAgainMs' | 'sweepEveryMs'>;
}

/** The try was taken over, or is not needed any more: nothing may be told of it. */
class NotOurs extends Error {}

export class Bootstraps {
  readonly #db: Database;
  readonly #wakes: Wakes;
  readonly #options: BootstrapOptions;
  readonly #log: Logger;
  readonly #underWay = new Map<string, { done: Promise<void>; abort: AbortController }>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #looking: Promise<void> | null = null;
  #again = false;
  #stopListening: (() => void) | null = null;
  #stopped = false;

  constructor(db: Database, wakes: Wakes, options: BootstrapOptions, log: Logger) {
    this.#db = db;
    this.#wakes = wakes;
    this.#options = options;
    this.#log = log.child({ component: 'bootstrap' });
  }

  start(): void {
    this.#stopListening = this.#wakes.onAny('bootstrap', () => this.#look());
    this.#sweep();
  }

  /** What is under way is given back: another coordinator goes on with it, or this one after its restart. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stopListening?.();
    for (const timer of this.#timers) clearTimeout(timer);
    await this.#looking;
    for (const { abort } of this.#underWay.values()) abort.abort();
    await Promise.allSettled([...this.#underWay.values()].map(({ done }) => done));
  }

  #in(ms: number, work: () => void): void {
    if (this.#stopped) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, ms);
    this.#timers.add(timer);
  }

  #sweep(): void {
    this.#look();
    this.#in(this.#options.timings.sweepEveryMs, () => this.#sweep());
  }

  #look(): void {
    this.#again = true;
    if (this.#stopped || this.#looking !== null) return;
    this.#looking = this.#take()
      .catch((err) => this.#log.warn('cannot look for agents to bring', { err }))
      .finally(() => {
        this.#looking = null;
        if (this.#again) this.#look();
      });
  }

  async #take(): Promise<void> {
    this.#again = false;
    const free = MOST_AT_ONCE - this.#underWay.size;
    if (free <= 0) return; // looked again when one has ended
    for (const lease of await takeBootstraps(this.#db, free)) {
      const abort = new AbortController();
      const done = this.#try(lease, abort)
        .catch((err) => this.#log.warn('a try to bring an agent broke off', { nodeId: lease.nodeId, err }))
        .finally(() => {
          this.#underWay.delete(lease.leaseId);
          this.#look();
        });
      this.#underWay.set(lease.leaseId, { done, abort });
    }
  }

  /** One try, for as long as its lease is ours. */
  async #try(lease: Lease, abort: AbortController): Promise<void> {
    const log = this.#log.child({ jobId: lease.jobId, nodeId: lease.nodeId });
    let renewedMs = performance.now();
    const renewal = setInterval(() => {
      const askedMs = performance.now();
      if (askedMs - renewedMs >= GIVE_UP_AFTER_MS) abort.abort(new NotOurs());
      renewLease(this.#db, lease).then(
        (ours) => {
          if (ours) renewedMs = askedMs;
          else abort.abort(new NotOurs());
        },
        (err) => log.warn('a lease could not be renewed', { err }),
      );
    }, RENEW_EVERY_MS);
    try {
      await this.#bring(lease, abort.signal);
      await this.#tell(lease, null, { outcome: 'succeeded' });
      log.info('agent brought');
    } catch (error) {
      if (error instanceof NotOurs || abort.signal.reason instanceof NotOurs) return;
      if (abort.signal.aborted) await giveLeaseBack(this.#db, lease);
      else await this.#failed(lease, error, log);
    } finally {
      clearInterval(renewal);
    }
  }

  async #bring(lease: Lease, signal: AbortSignal): Promise<void> {
    const access = await readHostAccess(this.#db, this.#options.box, lease.nodeId);
    const { packages, timings } = this.#options;
    await bringAgent(
      targetOf(lease.nodeId, access),
      { packages, times: timings.bootstrapTry, signal },
      {
        tell: (told) => this.#tell(lease, eventOf(lease, told), null),
        pinHostKey: (fingerprint) => pinHostKey(this.#db, lease.nodeId, fingerprint),
        makeBundle: () => this.#options.makeBundle(lease.nodeId),
        isConnected: () => isAgentConnected(this.#db, lease.nodeId),
      },
    );
  }

  async #failed(lease: Lease, error: unknown, log: Logger): Promise<void> {
    // Anything else is a bug or the database: tried again like what may pass.
    const kind = error instanceof BootstrapFault ? error.kind : 'connection-lost';
    const reason = reasonOf(error);
    const failedTries = lease.failedTries + 1;
    const againInMs = isTriedAgain(kind, failedTries) ? this.#options.timings.bootstrapAgainMs : null;
    const next =
      againInMs === null
        ? ''
        : `. This was try ${failedTries} of ${MOST_TRIES}, the next begins in ${againInMs / 1_000} s`;
    log.warn('agent not brought', { reason, err: error });
    const event = { type: 'error', subtype: `bootstrap-${kind}`, message: `${reason}${next}` } as const;
    await this.#tell(lease, eventOf(lease, event), { outcome: 'failed', reason, againInMs });
    if (againInMs !== null) this.#in(againInMs, () => this.#look());
  }

  /** @throws NotOurs */
  async #tell(lease: Lease, event: NewEvent | null, end: TryEnd | null): Promise<void> {
    if (!(await tellOfTry(this.#db, lease, event, end))) throw new NotOurs();
    this.#wakes.wake('events', lease.jobId);
    if (end !== null) this.#wakes.wake('job', lease.jobId);
  }
}

const eventOf = (lease: Lease, { changes = false, ...told }: Told): NewEvent => ({
  ...ownEvent(lease, told),
  changes,
});

/** @throws BootstrapFault when the model says too little to log in */
function targetOf(nodeId: string, access: HostAccess | null): Target {
  if (access === null) throw new BootstrapFault('no-login', 'The node has no machine credential any more');
  const { address: host, port, loginName: user, loginPassword: password, privateKey, passphrase } = access;
  const missing =
    user === null || user === ''
      ? 'login-name'
      : password === null && privateKey === null
        ? 'login-password or ssh-private-key'
        : null;
  if (user === null || missing !== null)
    throw new BootstrapFault(
      'no-login',
      `Nobody can log in to ${host}:${port}${user === null ? '' : ` as ${user}`}: the machine credential ${access.credentialName} has no ${missing}`,
    );
  return {
    nodeId,
    nodeName: access.nodeName,
    login: { host, port, user, password, privateKey, passphrase },
    become: {
      mode: access.becomeMode,
      user: access.becomeUser === null || access.becomeUser === '' ? 'root' : access.becomeUser,
      password: access.becomePassword,
    },
  };
}
