// Jobs that try a few nodes before the others: how long they wait once these are over.
import { iso, namesOf } from './waiting.ts';
import type { WaitingFor, World, WorldNode } from './world.ts';

export interface CanaryCommand {
  do: 'set-canary-clock';
  waitedMs: number;
  /** null: it stands still */
  sinceMs: number | null;
}

export interface CanaryWait {
  commands: CanaryCommand[];
  /** what an event says of a wait that begins */
  begins: string | null;
  /** null: the job does not wait for this */
  waitingFor: WaitingFor | null;
  lookAgainAtMs: number[];
}

const NO_WAIT: Readonly<CanaryWait> = { commands: [], begins: null, waitingFor: null, lookAgainAtMs: [] };

export const isCanary = ({ job }: World, node: WorldNode): boolean => node.batch < (job.canary?.batches ?? 0);

const isBegun = ({ endedMs, run, bootstrap }: WorldNode): boolean =>
  endedMs !== null || run !== null || bootstrap !== null;

interface Ended {
  status: string;
  endedMs: number;
}

/** The canary that ended last; null: one is not over yet, the job has come to the others, or there are none. */
function lastCanary(world: World, nodes: readonly WorldNode[]): Ended | null {
  const canaries = nodes.filter((node) => isCanary(world, node));
  const others = nodes.filter((node) => !isCanary(world, node));
  const over = canaries.flatMap(({ status, endedMs }) => (endedMs === null ? [] : [{ status, endedMs }]));
  if (over.length < canaries.length || others.length === 0 || others.some(isBegun)) return null;
  return over.reduce<Ended | null>(
    (last, one) => (last === null || one.endedMs >= last.endedMs ? one : last),
    null,
  );
}

/** @param when it goes on by itself; null: it does not */
function wordsOf(complete: readonly WorldNode[], when: string | null): string {
  const [canaries, are] = complete.length === 1 ? ['The canary', 'is'] : ['The canaries', 'are'];
  const end = when === null ? 'once it is resumed' : `${when}, or as soon as it is resumed`;
  return `${canaries} ${namesOf(complete)} ${are} COMPLETE: the job goes on with the other nodes ${end}.`;
}

interface Wait {
  complete: readonly WorldNode[];
  /** when the last of them was over */
  endedMs: number;
  /** when the wait is; null: it ends by a resume alone */
  dueMs: number | null;
}

/**
 * What the job waits for now, or would if nothing else kept it. After a canary that failed it is nothing: the job ended, or held and
 * was told to go on.
 */
function waitOf(world: World, nodes: readonly WorldNode[]): Wait | null {
  const { nowMs, job } = world;
  const { canary } = job;
  if (canary === null || canary.passedMs !== null) return null;
  const last = lastCanary(world, nodes);
  if (last?.status !== 'COMPLETE') return null;
  const { waitMs, waitedMs, sinceMs } = canary;
  const dueMs = waitMs === 0 ? null : (sinceMs ?? nowMs) + waitMs - waitedMs;
  if (dueMs !== null && nowMs >= dueMs) return null;
  const complete = nodes.filter((node) => isCanary(world, node) && node.status === 'COMPLETE');
  return { complete, endedMs: last.endedMs, dueMs };
}

/** Said of a job that is paused: its resume ends the pause alone. Nothing where it does not wait after its canaries. */
export function stillWaits(world: World, nodes: readonly WorldNode[]): string {
  const wait = waitOf(world, nodes);
  if (wait === null) return '';
  const { complete, dueMs } = wait;
  const after = `${complete.length === 1 ? 'its canary' : 'its canaries'} ${namesOf(complete)}`;
  return dueMs === null
    ? ` Once it is resumed it waits after ${after}, until it is resumed again.`
    : ` Once it is resumed it waits ${Math.ceil((dueMs - world.nowMs) / 1_000)} s more after ${after}, or until it is resumed again.`;
}

/**
 * Its clock stands still while the job is kept from going on by anything else, as by a pause.
 * @param nodes as this pass leaves them
 * @param isHeld whether something else keeps the job from starting nodes
 */
export function canaryWait(world: World, nodes: readonly WorldNode[], isHeld: boolean): CanaryWait {
  const { nowMs, job } = world;
  const wait = waitOf(world, nodes);
  if (job.canary === null || wait === null) return NO_WAIT;
  const { waitMs, waitedMs, sinceMs } = job.canary;
  const { complete, endedMs, dueMs } = wait;
  if (isHeld) {
    const stop: CanaryCommand[] =
      sinceMs === null
        ? []
        : [{ do: 'set-canary-clock', waitedMs: waitedMs + nowMs - sinceMs, sinceMs: null }];
    return { ...NO_WAIT, commands: stop };
  }
  return {
    commands: sinceMs === null ? [{ do: 'set-canary-clock', waitedMs, sinceMs: nowMs }] : [],
    begins:
      sinceMs === null && waitedMs === 0
        ? wordsOf(complete, dueMs === null ? null : `in ${waitMs / 1_000} s`)
        : null,
    waitingFor: {
      kind: 'canary',
      ids: complete.map(({ nodeId }) => nodeId),
      since: iso(endedMs),
      what: wordsOf(complete, dueMs === null ? null : `at ${iso(dueMs)}`),
    },
    lookAgainAtMs: dueMs === null ? [] : [dueMs],
  };
}
