// A job before it is made: its target, whether the model lets it be carried out, and the batches in which it would be.
import { isFetching, type JobScope, type JobType } from '../../shared/actions.ts';
import { InvalidInput } from '../../shared/errors.ts';
import { gateOptions } from '../../shared/gate-options.ts';
import { CANARIES, CANARY_WAIT_S, STRATEGIES } from '../../shared/job-options.ts';
import { canariesOf, type ModelNode, orderNodes } from '../../shared/node-order.ts';
import {
  type Bounds,
  isOneByOne,
  type NodeToPlan,
  planBatches,
  strategyInForce,
} from '../core/planning/batches.ts';
import type { Executor } from '../store/database.ts';
import { passwordObstacle } from '../store/default-password.ts';
import type { NewJob } from '../store/jobs.ts';
import { readSharing } from '../store/ring-sharing.ts';
import { readTarget, type Target } from '../store/targets.ts';
import { checkVersions } from './upgrade-versions.ts';

export interface JobToPlan {
  type: JobType;
  scope: JobScope;
  resourceId: string;
  /** the nodes that it works on; null: all of its target */
  only: ReadonlySet<string> | null;
  /** its options, as they were checked */
  jobData: Readonly<Record<string, unknown>>;
  isPasswordGiven: boolean;
  /** told at once that the model lacks something, or by the job's end */
  strict: boolean;
  /** it stops no node, so that all of them are one batch */
  isLooking: boolean;
  /** for whoever wants to know what it leaves of each range, though it works on one node at a time */
  toTell: boolean;
}

export interface PlannedJob {
  target: Target;
  bounds: Bounds;
  /** so many of the first batches, and the wait after them; null: none */
  canary: NewJob['canary'];
  batches: (ModelNode & NodeToPlan)[][];
  /** when the oldest of what it rests on was seen, of who shares token ranges; null: nothing is known of that, or nothing rests on it */
  seenMs: number | null;
}

/** What this job type cannot do without. @throws InvalidInput */
function checkTarget(type: JobType, target: Target, strict: boolean): void {
  const problems: { pointer: string; message: string }[] = [];
  const wrong = (message: string): void => void problems.push({ pointer: '/resource-id', message });
  if (target.nodes.length === 0) wrong('has no nodes: there is nothing to work on');
  if (strict && isFetching(type) && target.nodes.some(({ hasSource }) => !hasSource))
    wrong('has a cluster without a repository that has a repo-url: there is nothing to install from');
  const bare = target.nodes.filter((node) => !node.hasProfile).map((node) => node.name);
  if (strict && bare.length > 0)
    wrong(
      `has nodes without a config profile of their own, their datacenter's or their cluster's: ${bare.slice(0, 5).join(', ')}`,
    );
  if (problems.length > 0)
    throw new InvalidInput(`The ${type} job cannot be carried out as the model stands`, problems);
}

/** An install that is to change the default password, where no role has one. @throws InvalidInput */
async function checkPassword(
  db: Executor,
  { password }: Target,
  { isGiven, lastNodeId }: { isGiven: boolean; lastNodeId: string | undefined },
): Promise<void> {
  if (!password.isDefault || !(isGiven || password.isGiven) || lastNodeId === undefined) return;
  const obstacle = await passwordObstacle(db, lastNodeId);
  if (obstacle === null) return;
  const pointer = isGiven ? '/change-default-cassandra-password' : '/resource-id';
  throw new InvalidInput('The install job cannot be carried out as the model stands', [
    { pointer, message: obstacle },
  ]);
}

function boundsOf(type: JobType, jobData: JobToPlan['jobData']): Bounds {
  const asked = STRATEGIES.find((one) => one === jobData['concurrency-strategy']);
  const size = jobData['batch-size'];
  return {
    strategy: strategyInForce(type, asked ?? 'default'),
    batchSize: typeof size === 'number' ? size : null,
    gate: gateOptions(jobData),
  };
}

/** @throws NotFound, InvalidInput */
export async function planJob(db: Executor, job: JobToPlan): Promise<PlannedJob> {
  const whole = await readTarget(db, job.scope, job.resourceId);
  const target = { ...whole, nodes: whole.nodes.filter(({ id }) => job.only?.has(id) ?? true) };
  checkTarget(job.type, target, job.strict);
  if (job.strict && job.type === 'upgrade') await checkVersions(db, target);
  const ordered = orderNodes(job.type, target.nodes);
  if (job.strict && job.type === 'install')
    await checkPassword(db, target, { isGiven: job.isPasswordGiven, lastNodeId: ordered.at(-1)?.id });
  const bounds = boundsOf(job.type, job.jobData);
  if (job.isLooking)
    return {
      ...{ target, bounds, canary: null, seenMs: null },
      batches: [ordered.map((node) => ({ ...node, sharing: null }))],
    };
  const ids = ordered.map(({ id }) => id);
  // Of a thousand nodes that is some 20 MB.
  const known = await readSharing(db, job.toTell || !isOneByOne(bounds) ? ids : []);
  const nodes = ordered.map((node) => ({ ...node, sharing: known.get(node.id) ?? null }));
  const canary = CANARIES.find((one) => one === job.jobData['canary']) ?? 'none';
  const canaries = canariesOf(job.type, nodes, canary);
  const others = nodes.filter((node) => !canaries.includes(node));
  const waitS = job.jobData['canary-wait'];
  return {
    target,
    bounds,
    canary:
      canaries.length === 0
        ? null
        : { batches: canaries.length, waitS: typeof waitS === 'number' ? waitS : CANARY_WAIT_S },
    batches: [...canaries.map((node) => [node]), ...planBatches(others, bounds)],
    seenMs: known.size === 0 ? null : Math.min(...[...known.values()].map(({ seenMs }) => seenMs)),
  };
}
