// Brings agents to hosts that have none, a few at a time: takes tries that are due, keeps their leases, and tells how they ended.
import { reasonOf } from '../../shared/errors.ts';
import type { Logger } from '../../shared/log.ts';
import { Slots } from '../../shared/slots.ts';
import { nextTry, whatComes } from '../core/bootstrap.ts';
import type { SealBox } from '../security/seal.ts';
import {
  giveLeaseBack,
  type HostAccess,
  isAgentConnected,
  isGoodCertificate,
  knownHostKey,
  type Lease,
  noteEntered,
  pinHostKey,
  readHostAccess,
  renewLease,
  type TryEnd,
  takeBootstraps,
  tellOfTry,
  underLease,
} from '../store/bootstraps.ts';
import type { Database, Executor } from '../store/database.ts';
import { type NewEvent, ownEvent } from '../store/events.ts';
import type { Wakes } from '../store/wakes.ts';
import type { Timings } from '../timings.ts';
import { bringAgent, type Target } from './bring-agent.ts';
import { BootstrapFault } from './fault.ts';
import type { Told } from './host-trust.ts';

/** Tries at once, of one coordinator: most of a try is waiting, and hosts that do not answer must not hold the others up. */
const MOST_AT_ONCE = 32;
/** Of these, uploads of some 40 MB each. */
const MOST_UPLOADS = 4;
/** Tries that came to no end, since their coordinators died or could not say: at the next one the node fails. */
const MOST_WITHOUT_END = 10;

export interface BootstrapOptions {
  /** the directory of agent packages */
  packages: string;
  /** opens machine credentials */
  box: SealBox;
  /** a new enrolment bundle for a node: a secret */
  makeBundle: (trx: Executor, nodeId: string) => Promise<string>;
  timings: Pick<
    Timings,
    'bootstrapTry' | 'bootstrapAgainMs' | 'bootstrapWaitMs' | 'bootstrapLeaseMs' | 'sweepEveryMs'
  >;
}

/** The try was taken over, or is not needed any more: nothing may be told of it. */
class NotOurs extends Error {}

interface UnderWay {
  jobNodeId: string;
  done: Promise<void>;
  abort: AbortController;
  /** asks whether the try is ours still */
  renew: () => void;
}

export class Bootstraps {
  readonly #db: Database;
  readonly #wakes: Wakes;
  readonly #options: BootstrapOptions;
  readonly #log: Logger;
  readonly #underWay = new Map<string, UnderWay>();
  readonly #uploads = new Slots(MOST_UPLOADS);
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
    this.#stopListening = this.#wakes.onAny('bootstrap', (jobNodeId) => {
      for (const known of this.#underWay.values()) if (known.jobNodeId === jobNodeId) known.renew();
      this.#look();
    });
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
    for (const lease of await takeBootstraps(this.#db, free, this.#options.timings.bootstrapLeaseMs)) {
      this.#wakes.wake('job', lease.jobId); // it says that its turn has come
      const abort = new AbortController();
      const renewal = this.#renewal(lease, abort);
      const done = this.#try(lease, abort)
        .catch((err) => this.#log.warn('a try to bring an agent broke off', { nodeId: lease.nodeId, err }))
        .finally(() => {
          renewal.stop();
          this.#underWay.delete(lease.leaseId);
          this.#look();
        });
      this.#underWay.set(lease.leaseId, { jobNodeId: lease.jobNodeId, done, abort, renew: renewal.renew });
    }
  }

  /** Ends the try once it is not ours any more, and before another coordinator could begin it where the database does not answer. */
  #renewal(lease: Lease, abort: AbortController): { renew: () => void; stop: () => void } {
    const leaseMs = this.#options.timings.bootstrapLeaseMs;
    const everyMs = leaseMs / 6;
    let renewedMs = performance.now();
    const renew = (): void => {
      const askedMs = performance.now();
      if (askedMs - renewedMs >= leaseMs - everyMs) abort.abort(new NotOurs());
      renewLease(this.#db, lease, leaseMs).then(
        (ours) => {
          if (ours) renewedMs = askedMs;
          else abort.abort(new NotOurs());
        },
        (err) => this.#log.warn('a lease could not be renewed', { nodeId: lease.nodeId, err }),
      );
    };
    const timer = setInterval(renew, everyMs);
    return { renew, stop: () => clearInterval(timer) };
  }

  /** One try, for as long as its lease is ours. */
  async #try(lease: Lease, abort: AbortController): Promise<void> {
    try {
      await this.#toItsEnd(lease, abort.signal);
    } catch (error) {
      if (!(error instanceof NotOurs || abort.signal.aborted)) throw error;
      await giveLeaseBack(this.#db, lease);
    }
  }

  /** @throws NotOurs, and whatever comes once it is aborted */
  async #toItsEnd(lease: Lease, signal: AbortSignal): Promise<void> {
    const log = this.#log.child({ jobId: lease.jobId, nodeId: lease.nodeId });
    try {
      if (lease.begunTries > MOST_WITHOUT_END)
        throw new BootstrapFault('no-end', `${MOST_WITHOUT_END} tries were begun, and none came to an end`);
      await this.#bring(lease, signal);
      await this.#tell(lease, null, { outcome: 'succeeded' });
      log.info('agent brought');
    } catch (error) {
      if (error instanceof NotOurs || signal.aborted) throw error;
      await this.#failed(lease, error, log);
    }
  }

  async #bring(lease: Lease, signal: AbortSignal): Promise<void> {
    const access = await readHostAccess(this.#db, this.#options.box, lease.nodeId);
    const { packages, timings } = this.#options;
    await bringAgent(
      targetOf(lease, access),
      { packages, times: timings.bootstrapTry, uploads: this.#uploads, signal },
      {
        tell: (told) => this.#tell(lease, eventOf(lease, told), null),
        entered: async () => {
          if (!(await noteEntered(this.#db, lease))) throw new NotOurs();
          this.#wakes.wake('job', lease.jobId);
        },
        knownHostKey: (at) => knownHostKey(this.#db, lease.nodeId, at),
        pinHostKey: async (shown, told) =>
          await this.#underLease(lease, async (trx, tell) => {
            const { pinned, isNew } = await pinHostKey(trx, lease.nodeId, shown);
            if (isNew) await tell([eventOf(lease, told)]);
            return pinned;
          }),
        makeBundle: () => this.#underLease(lease, (trx) => this.#options.makeBundle(trx, lease.nodeId)),
        isGoodCertificate: (serial) => isGoodCertificate(this.#db, lease.nodeId, serial),
        isConnected: () => isAgentConnected(this.#db, lease.nodeId),
      },
    );
  }

  async #failed(lease: Lease, error: unknown, log: Logger): Promise<void> {
    const { bootstrapAgainMs, bootstrapWaitMs } = this.#options.timings;
    // Anything else is a bug or the database: tried again like what may pass.
    const kind = error instanceof BootstrapFault ? error.kind : 'connection-lost';
    const reason = storable(reasonOf(error));
    const failedTries = lease.failedTries + 1;
    const isWaitedFor = reason === lease.waitedFor;
    const next = nextTry(kind, failedTries, isWaitedFor);
    const end: TryEnd =
      next === 'fail'
        ? { outcome: 'failed', reason }
        : next === 'again'
          ? { outcome: 'again', reason, inMs: bootstrapAgainMs }
          : { outcome: 'waits', reason, inMs: next === 'wait' ? bootstrapWaitMs : null };
    const coming = whatComes(kind, failedTries, next, {
      againMs: bootstrapAgainMs,
      waitMs: bootstrapWaitMs,
    });
    const event = { type: 'error', subtype: `bootstrap-${kind}`, message: `${reason}${coming}` } as const;
    // A job may wait for long: what holds it up is told once, and again where somebody has changed something meanwhile.
    const isNews = next !== 'wait' || !isWaitedFor;
    if (isNews) log.warn('agent not brought', { reason, err: error });
    try {
      await this.#tell(lease, isNews ? eventOf(lease, event) : null, end);
    } catch (err) {
      if (err instanceof NotOurs) throw err;
      // Whatever it is that cannot be stored: a try that never ends would be begun again for ever.
      log.warn('the end of a try could not be stored in its own words', { err });
      const fixed = 'The try failed, and why could not be stored: see the log of the coordinator';
      await this.#tell(lease, eventOf(lease, { ...event, message: fixed }), { ...end, reason: fixed });
    }
    if (end.outcome !== 'failed' && end.inMs !== null) this.#in(end.inMs, () => this.#look());
  }

  /** @throws NotOurs */
  async #underLease<T>(lease: Lease, work: Parameters<typeof underLease<T>>[2]): Promise<T> {
    const answer = await underLease(this.#db, lease, work);
    if (answer === null) throw new NotOurs();
    this.#wakes.wake('events', lease.jobId);
    return answer.done;
  }

  /** @throws NotOurs */
  async #tell(lease: Lease, event: NewEvent | null, end: TryEnd | null): Promise<void> {
    if (!(await tellOfTry(this.#db, lease, event, end))) throw new NotOurs();
    this.#wakes.wake('events', lease.jobId);
    if (end !== null) this.#wakes.wake('job', lease.jobId);
  }
}

/** PostgreSQL takes no NUL byte, and a host may say anything. */
const storable = (text: string): string => text.replaceAll('\0', ' ');

const eventOf = (lease: Lease, { changes = false, ...told }: Told): NewEvent => ({
  ...ownEvent(lease, { ...told, message: storable(told.message) }),
  changes,
});

/** @throws BootstrapFault when the model says too little to log in */
function targetOf({ nodeId, leaseId, waitedFor }: Lease, access: HostAccess | null): Target {
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
    tryId: leaseId,
    isToldAlready: waitedFor !== null,
    nodeName: access.nodeName,
    login: { host, port, user, password, privateKey, passphrase },
    become: {
      mode: access.becomeMode,
      user: access.becomeUser === null || access.becomeUser === '' ? 'root' : access.becomeUser,
      password: access.becomePassword,
    },
  };
}
