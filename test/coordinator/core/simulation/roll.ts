// Jobs on a ring from their plan to their end: passes of the product over a model of hosts, agents and people, held to what is promised.
import { VIEW_WITHIN_MS } from '../../../../coordinator/core/gate/rounds.ts';
import { plan } from '../../../../coordinator/core/plan.ts';
import type { World } from '../../../../coordinator/core/world.ts';
import { world } from '../../../support/worlds.ts';
import { BrokenPromise, Performer, type Tally } from './performing.ts';
import { keptBack } from './promises.ts';
import { Scene } from './scene.ts';

const MOST_PASSES = 5_000;
const MOST_JOBS = 2;
/** So late may a limit be noticed. */
const LATE_MS = VIEW_WITHIN_MS + 1_000;
/** So long may nobody look: a round in which no node answers, with the rest that nodes have after it. */
const UNSEEN_MS = 3 * VIEW_WITHIN_MS + 1_000;

function worldOf(scene: Scene): World {
  const { at, runs, hosts, agents, clock } = scene;
  const fenced = agents.runs.filter(({ fencedMs, letGoMs }) => fencedMs !== null && letGoMs === null);
  for (const node of at.nodes) {
    const awaySinceMs = hosts.awaySinceMs(node.nodeId);
    node.agent = { connected: awaySinceMs === null, enrolled: true, awaySinceMs };
    node.heldByFencedRun = fenced.some(({ address }) => address === node.nodeId);
    node.run = runs.get(node.jobNodeId)?.seen ?? null;
    if (node.run !== null) node.run.lastActiveMs = awaySinceMs ?? clock.nowMs;
  }
  const gate = scene.asked();
  return world(at.job, [], { nowMs: clock.nowMs, nodes: at.nodes, gate, windows: scene.freezes });
}

/** Nobody is at work, and nobody looks at the ring: only somebody else could move the job. */
function isStill(scene: Scene): boolean {
  const { at, runs, hosts, clock } = scene;
  const waiting = scene.asked().flatMap(({ jobNodeId, answer, views, roundMs }) => {
    const isLooking = clock.nowMs < roundMs + VIEW_WITHIN_MS && views.some(({ seenMs }) => seenMs === null);
    const isToStop = runs.get(jobNodeId)?.seen.stopRequestedMs !== null;
    return answer === null || isLooking || isToStop ? [] : [jobNodeId];
  });
  return at.nodes
    .filter(({ jobNodeId, endedMs }) => endedMs === null && runs.has(jobNodeId))
    .every(({ jobNodeId, nodeId }) => waiting.includes(jobNodeId) || hosts.awaySinceMs(nodeId) !== null);
}

/** The gate is asked, and nothing keeps the job from going on: somebody has to look at the ring again soon. */
function isAsked(scene: Scene): boolean {
  const { at, runs, clock } = scene;
  if (keptBack(at.job, at.nodes, scene.isFrozen(), clock.nowMs) !== null) return false;
  for (const { hintsSinceMs, hintsWaitedMs } of runs.values())
    if (hintsSinceMs !== null && clock.nowMs > hintsSinceMs - hintsWaitedMs + at.options.hintsMs + LATE_MS)
      throw new BrokenPromise('hints are waited for beyond their limit');
  return scene.asked().length > 0;
}

/** One job to its end. Nothing looks at it but what would wake the scheduler: no timer is a safety net here. */
function carryOut(scene: Scene, tally: Tally): void {
  const performer = new Performer(scene, tally);
  const { clock, at } = scene;
  const { job } = at;
  const batches = at.batches.map((batch) => batch.map(({ id }) => id).join(' ')).join(', ');
  scene.tell(`${job.type}, ${at.bounds.strategy}: ${batches}`);
  scene.wake();
  let lookAgainMs: number | null = null;
  let dueMs: number | null = null;
  for (let passes = 0; job.endedMs === null; passes += 1) {
    if (passes > MOST_PASSES) throw new BrokenPromise('the job does not end');
    while (!scene.isWoken) {
      const nextMs: number = Math.min(clock.nextMs, lookAgainMs ?? Number.POSITIVE_INFINITY);
      if (nextMs === Number.POSITIVE_INFINITY)
        throw new BrokenPromise('nothing will ever have anybody look at the job');
      clock.goTo(nextMs);
      if (nextMs === lookAgainMs) scene.wake();
    }
    scene.isWoken = false;
    if (dueMs !== null && clock.nowMs > dueMs)
      throw new BrokenPromise('nobody has looked at the ring again for too long');
    tally.passes += 1;
    const said = plan(worldOf(scene));
    for (const command of said.commands) performer.perform(command);
    lookAgainMs = said.lookAgainAtMs;
    dueMs = isAsked(scene) ? clock.nowMs + UNSEEN_MS : null;
    if (job.endedMs === null && job.waitingFor === null && isStill(scene))
      throw new BrokenPromise('nobody is at work on the job, and it does not say for whom it waits');
  }
  tally.ends[job.status] = (tally.ends[job.status] ?? 0) + 1;
  if (at.nodes.some(({ endedMs }) => endedMs === null))
    throw new BrokenPromise('the job is over and leaves a node open');
}

/**
 * A job, and those that try again what it left, on a ring of which everything but the seed is made up.
 * @returns what happened last, in lines
 * @throws BrokenPromise with how to have it happen again, and what came before
 */
export function roll(seed: number, tally: Tally): readonly string[] {
  const scene = new Scene(seed);
  try {
    for (let jobs = 0; jobs < MOST_JOBS; jobs += 1) {
      if (!scene.isCalm) scene.trouble();
      carryOut(scene, tally);
      const left = scene.at.nodes.flatMap(({ status, nodeId, isRetried }) =>
        status === 'COMPLETE' || isRetried ? [] : [nodeId],
      );
      if (left.length === 0 || scene.isCalm || scene.rnd.chance(0.5)) break;
      scene.retries(new Set(left));
    }
  } catch (error) {
    const keyspaces = scene.ring.keyspaces.map((one) => JSON.stringify(one)).join('\n');
    const why = `RINGMASTER_SIM_SEED=${seed}: ${error instanceof Error ? error.message : String(error)}`;
    throw new BrokenPromise(
      `${why}\n${keyspaces}\n${JSON.stringify(scene.at.options)}\n${scene.story().join('\n')}`,
      { cause: error },
    );
  }
  return scene.story();
}
