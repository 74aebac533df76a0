// Jobs that go on only when somebody says so: paused by a person, or held since a node failed.
import { isCanary, stillWaits } from './canary.ts';
import { isUnderWay } from './signals.ts';
import { goesOn, iso, namesOf } from './waiting.ts';
import type { WaitingFor, World, WorldNode } from './world.ts';

/**
 * Nodes that have failed since the job was last told to go on; none where it was not asked to hold then. A job that goes on after
 * failures was given canaries to be told of theirs.
 */
const holding = (world: World, nodes: readonly WorldNode[]) => {
  const { job } = world;
  return nodes.flatMap((node) =>
    (job.holdOnError || (job.continueOnError && isCanary(world, node))) &&
    node.status === 'FAILED' &&
    node.endedMs !== null &&
    node.endedMs > (job.resumedMs ?? 0)
      ? [{ ...node, endedMs: node.endedMs }]
      : [],
  );
};

/** Its events say it whole. */
const MOST_REASON = 320;
const MOST_REASONS = 3;

/** `a, last at start-node: …`; nothing of a node of which no more is known than that it failed. */
function whyOf({ name, run, bootstrap }: WorldNode): string[] {
  const reason = (run === null ? bootstrap?.reason : run.reason) ?? null;
  if (reason === null) return [];
  const whole = reason.replaceAll(/\s+/g, ' ').replace(/[ .]+$/, '');
  const letters = [...whole];
  const short =
    letters.length > MOST_REASON ? `${letters.slice(0, MOST_REASON).join('').trimEnd()} …` : whole;
  return [`${name}${run === null || run.step === null ? '' : `, last at ${run.step}`}: ${short}`];
}

function whysOf(failed: readonly WorldNode[]): string {
  const whys = failed.flatMap(whyOf);
  if (whys.length === 0) return '';
  const told = [...whys.slice(0, MOST_REASONS), ...(whys.length > MOST_REASONS ? ['…'] : [])].join('; ');
  return ` Why: ${told}${told.endsWith('…') ? '' : '.'}`;
}

/**
 * @param nodes as this pass leaves them
 * @returns null: nothing keeps the job from starting nodes, and these from stopping
 */
export function paused(world: World, nodes: readonly WorldNode[]): WaitingFor | null {
  const { job } = world;
  if (job.terminateRequestedMs !== null) return null;
  const left = nodes.filter(({ endedMs }) => endedMs === null);
  const underWay = goesOn(left.filter(isUnderWay));
  const failed = holding(world, nodes);
  if (job.pausedMs !== null) {
    const then =
      failed.length === 0
        ? stillWaits(world, nodes)
        : ` Once it is resumed it holds, since ${namesOf(failed)} failed.`;
    return {
      kind: 'paused',
      ids: [job.id],
      since: iso(job.pausedMs),
      what: `${pauseWords(job.pausedBy)}.${then}${underWay}`,
    };
  }
  if (failed.length === 0 || left.length === 0) return null;
  return {
    kind: 'failure',
    ids: failed.map(({ nodeId }) => nodeId),
    since: iso(Math.max(...failed.map(({ endedMs }) => endedMs))),
    what: `Held since ${failed.every((node) => isCanary(world, node)) ? 'the canary ' : ''}${namesOf(failed)} failed: resume the job to go on with the other nodes, with retry to try what failed again first, or terminate it; once it is over a retry of it works on those that are left.${underWay}${whysOf(failed)}`,
  };
}

/** Who asked, as an event says it; null while authentication is off. */
export const pauseWords = (by: string | null): string =>
  `Paused${by === null ? '' : ` by ${by}`}: no node is started or stopped until the job is resumed or terminated`;
/**
 * @param again names of nodes that are tried again first
 * @param pause null: there was none; `held`: it alone is over, and the job holds since nodes failed
 */
export function resumeWords(
  by: string | null,
  again: readonly string[] = [],
  pause: 'over' | 'held' | null = null,
): string {
  const resumed = `Resumed${by === null ? '' : ` by ${by}`}: `;
  if (pause === 'held') return `${resumed}the pause is over, and the job holds since nodes failed`;
  if (pause === 'over' && again.length === 0) return `${resumed}the pause is over`; // it may still wait after canaries
  const are = again.length === 1 ? 'is' : 'are';
  const tried = again.length === 0 ? '' : `${again.join(', ')} ${are} tried again, and `;
  return `${resumed}${tried}the job goes on with the nodes that are left`;
}
