// All that a simulation knows: a ring and its hosts, the job on it and its runs, and what goes wrong from outside while it is under way.
import type { StopQuestion } from '../../../../coordinator/core/gate/facts.ts';
import type { MaintenanceWindow } from '../../../../coordinator/core/windows/times.ts';
import { type Random, random } from '../../../support/random.ts';
import { NOW, worldNode } from '../../../support/worlds.ts';
import { Agents } from './agents.ts';
import { Clock } from './clock.ts';
import { Hosts } from './hosts.ts';
import { gateOptionsFor, type Known, knownOf, makeJob, type SimulatedJob } from './job.ts';
import { makeRing, type Ring } from './ring.ts';
import { questionsOf, type Run } from './runs.ts';

/** The latest happenings, with which a broken promise is told. */
const MOST_TOLD = 80;

export class Scene {
  readonly rnd: Random;
  readonly clock = new Clock();
  /** nothing goes wrong, nobody steps in, and the planner knows all of the ring */
  readonly isCalm: boolean;
  readonly ring: Ring;
  readonly hosts: Hosts;
  readonly agents: Agents;
  readonly known: Known;
  readonly #told: { atMs: number; what: unknown }[] = [];
  readonly freezes: (MaintenanceWindow & { times: { fromMs: number; untilMs: number } })[] = [];
  at: SimulatedJob;
  /** of this job, by job node */
  runs = new Map<string, Run>();
  /** somebody has told the scheduler to look */
  isWoken = true;

  constructor(seed: number) {
    this.rnd = random(seed);
    this.isCalm = this.rnd.chance(0.25);
    this.ring = makeRing(this.rnd);
    this.hosts = new Hosts(this.ring, this.rnd);
    this.known = knownOf(this.ring, this.rnd, this.isCalm);
    const trouble = this.isCalm ? 0 : this.rnd.pick([0.02, 0.1]);
    const weather = { failsEarly: trouble, failsToStart: trouble, isSlow: trouble / 2 };
    this.agents = new Agents(this, weather);
    this.at = makeJob(this, gateOptionsFor(this.ring, this.rnd, this.isCalm), null);
  }

  /** Another job on what an earlier one has left. */
  retries(left: ReadonlySet<string>): void {
    this.at = makeJob(this, this.at.options, left);
    this.runs = new Map();
  }

  /** What its runs ask at the gate, without those that are told to end. */
  asked(): StopQuestion[] {
    const { ring, hosts } = this;
    const all = this.agents.runs;
    return questionsOf(this.runs.values(), {
      all,
      ring,
      hosts,
      options: this.at.options,
      nowMs: this.clock.nowMs,
    });
  }

  wake(): void {
    this.isWoken = true;
  }

  tell(what: unknown): void {
    this.#told.push({ atMs: this.clock.nowMs, what });
    if (this.#told.length > MOST_TOLD) this.#told.shift();
  }

  /** Lines, each with the seconds since the beginning. */
  story(): string[] {
    return this.#told.map(({ atMs, what }) => `${((atMs - NOW) / 1_000).toFixed(3)} ${JSON.stringify(what)}`);
  }

  isFrozen = (): boolean =>
    this.freezes.some(
      ({ times: { fromMs, untilMs } }) => fromMs <= this.clock.nowMs && this.clock.nowMs < untilMs,
    );

  pauses(): void {
    const { job } = this.at;
    if (job.terminateRequestedMs !== null || job.pausedMs !== null) return;
    this.tell('paused');
    job.pausedMs = this.clock.nowMs;
    this.wake();
    this.clock.after(1_000 + this.rnd.below(40_000), () => this.resumes(job));
  }

  /** As `tryAgain` of `store/further-tries.ts`: a further job node for each that the job holds for, next in order behind it. */
  triesAgain(): void {
    const { job, nodes } = this.at;
    const held = nodes.filter(
      ({ status, endedMs, batch }) =>
        status === 'FAILED' &&
        (endedMs ?? 0) > (job.resumedMs ?? 0) &&
        (job.holdOnError || (job.continueOnError && batch < (job.canary?.batches ?? 0))),
    );
    for (const node of held) {
      node.isRetried = true;
      const { name, nodeId, batch } = node;
      nodes.splice(nodes.indexOf(node) + 1, 0, worldNode(`${name}'`, { nodeId, batch }));
    }
    this.tell(`told to try again ${held.map(({ name }) => name).join(' ')}`);
  }

  /** As `resumeJob` of `store/pauses.ts`. */
  resumes(job: SimulatedJob['job']): void {
    this.tell('resumed');
    const isTried = job.waitingFor?.kind === 'canary' && job.pausedMs === null;
    job.pausedMs = null;
    job.resumedMs = this.clock.nowMs;
    if (isTried && job.canary !== null) job.canary = { ...job.canary, passedMs: this.clock.nowMs };
    this.wake();
  }

  /** Asked for again and again, as by somebody who does not want to wait. */
  terminates(job: SimulatedJob['job']): void {
    if (job.endedMs !== null) return;
    this.tell('told to terminate');
    job.terminateRequestedMs ??= this.clock.nowMs;
    job.terminateRequests += 1;
    this.wake();
    this.clock.after(20_000 + this.rnd.below(200_000), () => this.terminates(job));
  }

  /** Crashes, agents that are away, and people: within the next minutes. */
  trouble(): void {
    const { rnd, clock, at } = this;
    const within = (ms: number, happens: () => void): void => clock.after(rnd.below(ms), happens);
    for (let n = rnd.pick([0, 1, 1, 2, 3]); n > 0; n -= 1) {
      const { address } = rnd.pick(this.ring.nodes);
      const crash = (): void => {
        this.tell(`${address} crashes`);
        this.hosts.setUp(address, false, clock.nowMs);
        this.agents.mendsLater(address);
      };
      if (rnd.chance(0.4)) crash();
      else within(150_000, crash);
    }
    for (let n = rnd.pick([0, 0, 1, 2]); n > 0; n -= 1) {
      const { address } = rnd.pick(this.ring.nodes);
      within(150_000, () => this.agents.leaves(address, 1_000 + rnd.below(rnd.pick([5_000, 5_000, 80_000]))));
    }
    if (rnd.chance(0.3)) within(100_000, () => this.tell(this.hosts.makeUnrest(clock.nowMs)));
    if (rnd.chance(0.3)) within(100_000, () => this.pauses());
    if (rnd.chance(0.05)) within(200_000, () => this.terminates(at.job));
    if (rnd.chance(0.1)) {
      const fromMs = clock.nowMs + rnd.below(60_000);
      const times = { fromMs, untilMs: fromMs + 1 + rnd.below(80_000) };
      this.freezes.push({ id: 'freeze', name: 'freeze', kind: 'freeze', times });
    }
  }
}
