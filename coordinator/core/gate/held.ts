// Nodes at the gate that wait for nothing but others of their job, which have leave and will be back, or are started first: nobody is asked what is known.
import { isUnderWay } from '../signals.ts';
import type { World } from '../world.ts';
import type { StopQuestion } from './facts.ts';
import { type Decision, ofViews } from './gate.ts';
import { listed } from './keyspace-names.ts';

/** Should nothing wake the pass when one of those comes to its end. */
export const HELD_LOOK_MS = 10_000;

type Wait = Extract<Decision, { kind: 'wait' }>;

const NO_PATIENCE = { hints: 0, 'own-view': 0 };

/**
 * However old what was seen is: it is looked at anew before anything is allowed.
 * @param atWork addresses of nodes whose runs wake the pass when they end
 * @returns null: something else is waited for too, or nothing
 */
export function heldByLeave(question: StopQuestion, atWork: ReadonlySet<string>, nowMs: number): Wait | null {
  const others = question.onLeave.filter((address) => !atWork.has(address));
  if (question.options.force || others.length === question.onLeave.length) return null;
  const decision = ofViews(question, NO_PATIENCE, nowMs);
  // Another that was away may be back by now, and the level be kept without those of this job.
  if (decision.kind !== 'wait' || !decision.addresses.every((address) => atWork.has(address))) return null;
  const without = ofViews({ ...question, onLeave: others }, NO_PATIENCE, nowMs);
  return without.kind === 'allowed' ? decision : null;
}

/**
 * Whoever was taken before its turn, out of a later batch, is worked on alone: the strategy bounds what is under way, and a node
 * settles before the next one stops. Of one batch several are under way anyway.
 */
export function heldByFirst({ jobNodeId, peers }: StopQuestion, { nodes }: World): Wait | null {
  const own = nodes.find((node) => node.jobNodeId === jobNodeId);
  const first = nodes.filter((node) => own !== undefined && node.batch > own.batch && isUnderWay(node));
  if (first.length === 0) return null;
  const nodeIds = first.map(({ nodeId }) => nodeId);
  const addresses = peers.filter(({ nodeId }) => nodeIds.includes(nodeId)).map(({ address }) => address);
  const message = `Found down, and so started first: ${listed(first.map(({ name }) => name))}.`;
  return { kind: 'wait', message, addresses, nodeIds, helps: '', passing: null };
}
