// Nodes at the gate that wait for nothing but others of their job, which have leave and will be back: nobody is asked what is known.
import type { StopQuestion } from './facts.ts';
import { type Decision, ofViews } from './gate.ts';

/** Should nothing wake the pass when one of those comes to its end. */
export const HELD_LOOK_MS = 10_000;

const NO_PATIENCE = { hints: 0, 'own-view': 0 };

/**
 * However old what was seen is: it is looked at anew before anything is allowed.
 * @param atWork addresses of nodes whose runs wake the pass when they end
 * @returns null: something else is waited for too, or nothing
 */
export function heldByLeave(
  question: StopQuestion,
  atWork: ReadonlySet<string>,
  nowMs: number,
): Extract<Decision, { kind: 'wait' }> | null {
  const others = question.onLeave.filter((address) => !atWork.has(address));
  if (question.options.force || others.length === question.onLeave.length) return null;
  const decision = ofViews(question, NO_PATIENCE, nowMs);
  // Another that was away may be back by now, and the level be kept without those of this job.
  if (decision.kind !== 'wait' || !decision.addresses.every((address) => atWork.has(address))) return null;
  const without = ofViews({ ...question, onLeave: others }, NO_PATIENCE, nowMs);
  return without.kind === 'allowed' ? decision : null;
}
