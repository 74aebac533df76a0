// What a coordinator spends on many connected agents: memory, processor, database; and how it takes their coming back at once.
import { setTimeout as delay } from 'node:timers/promises';
import { MOST_UNDER_WAY } from '../../../coordinator/core/rolling.ts';
import type { CoordinatorSite } from './coordinator-site.ts';
import type { Fleet } from './fleet.ts';
import { identitiesOf, modelMany } from './model.ts';
import { cpuSecondsOf, type Memory, memoryOf } from './programs.ts';

/** As many as one job works on at once. */
const NODES_A_CLUSTER = MOST_UNDER_WAY;
/** Slow enough that it is no storm. */
const JOINING_A_SECOND = 100;
const LOOK_EVERY_MS = 5_000;
/** As many looks without growth or shrinking are a plateau; more than MOST_LOOKS are not waited for. */
const STEADY_LOOKS = 4;
const STEADY_MIB = 1;
const MOST_LOOKS = 24;

/** Waits until memory stands still; nothing is done to make it. */
export async function plateau(pid: number): Promise<Memory> {
  const seen: Memory[] = [];
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    seen.push(memoryOf(pid));
    const last = seen.slice(-STEADY_LOOKS).map(({ rssMib }) => rssMib);
    if (last.length === STEADY_LOOKS && Math.max(...last) - Math.min(...last) <= STEADY_MIB) break;
    await delay(LOOK_EVERY_MS);
  }
  const median = (of: (memory: Memory) => number): number =>
    seen
      .slice(-STEADY_LOOKS)
      .map(of)
      .sort((a, b) => a - b)[STEADY_LOOKS / 2] ?? Number.NaN;
  return { rssMib: median(({ rssMib }) => rssMib), anonMib: median(({ anonMib }) => anonMib) };
}

export interface Load {
  /** of one core */
  cpuPercent: number;
  transactionsASecond: number;
}

export async function loadOver(site: CoordinatorSite, ms: number): Promise<Load> {
  const before = { cpu: cpuSecondsOf(site.pid), transactions: await site.transactions() };
  await delay(ms);
  const seconds = ms / 1_000;
  return {
    cpuPercent: ((cpuSecondsOf(site.pid) - before.cpu) / seconds) * 100,
    transactionsASecond: ((await site.transactions()) - before.transactions) / seconds,
  };
}

/** @returns the clusters, for jobs */
export async function connectMany(site: CoordinatorSite, fleet: Fleet, agents: number): Promise<string[]> {
  const { clusterIds, nodeIds } = await modelMany(site, agents / NODES_A_CLUSTER, NODES_A_CLUSTER);
  await fleet.join(await identitiesOf(site, nodeIds), JOINING_A_SECOND);
  return clusterIds;
}

/** Every node of every cluster at work at once. */
export async function giveRunsToAll(
  site: CoordinatorSite,
  fleet: Fleet,
  clusterIds: readonly string[],
): Promise<void> {
  for (const id of clusterIds)
    await site.rest.post('actions/restart', { 'job-scope': 'cluster', 'resource-id': id });
  // No strategy has them all away together, since nothing is known of their ranges; the next pass of each job starts the rest.
  await site.sql.query('update job_node set batch = 0');
  await fleet.allHoldRuns();
}

export interface Storm {
  /** from the moment the coordinator listens again to the last agent's welcome */
  seconds: number;
  /** the slowest answer that needs no database: how long the event loop stood still */
  slowestLiveMs: number;
  /** the slowest that needs a connection: the same, and the queue for the pool */
  slowestReadyMs: number;
  /** of both, those that were no 200: the coordinator could not be reached, or its database not within the limit */
  badAnswers: number;
  /** streams that ended, and dials that failed while nobody listened or it took too long */
  notConnected: number;
  complaints: number;
}

/** Restarts the coordinator under all agents; they find out and come back by themselves. */
export async function restartUnder(site: CoordinatorSite, fleet: Fleet): Promise<Storm> {
  const lostBefore = count((await fleet.tell()).ends);
  await site.program?.stop();
  await site.startProgram();
  const startedMs = performance.now();
  const watch = new Watch(site.restUrl);
  await fleet.allAttached().finally(() => watch.end());
  const seconds = (performance.now() - startedMs) / 1_000;
  const { live, ready, bad } = watch;
  const lost = count((await fleet.tell()).ends) - lostBefore;
  const complaints = site.complaints();
  for (const line of complaints.slice(0, 3)) process.stderr.write(`${line}\n`);
  return {
    seconds,
    slowestLiveMs: live,
    slowestReadyMs: ready,
    badAnswers: bad,
    notConnected: lost,
    complaints: complaints.length,
  };
}

const count = (ends: Record<string, number>): number => Object.values(ends).reduce((sum, n) => sum + n, 0);

/** Asks without pause how long the coordinator takes to answer. */
class Watch {
  live = 0;
  ready = 0;
  bad = 0;
  readonly #loops: Promise<void>[];
  #over = false;

  constructor(url: string) {
    const ask = async (what: 'live' | 'ready'): Promise<void> => {
      while (!this.#over) {
        const startedMs = performance.now();
        const isGood = await fetch(`${url}/${what}z`).then(
          async (answer) => (await answer.text()) !== '' && answer.status === 200,
          () => false,
        );
        if (!isGood) this.bad += 1;
        this[what] = Math.max(this[what], performance.now() - startedMs);
        await delay(20);
      }
    };
    this.#loops = [ask('live'), ask('ready')];
  }

  async end(): Promise<void> {
    this.#over = true;
    await Promise.all(this.#loops);
  }
}
