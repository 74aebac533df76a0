// Why a run goes back, as it stands in the journal from then on, and what it says of that.
import type { RecordBody } from '../shared/wire/messages.ts';
import type { JournalStep } from './disk/journal-state.ts';
import type { Step } from './steps/step.ts';

/** Noted with the first step of the way back: what has failed is not tried again by whoever takes the run up. */
export interface WayBack {
  /** the event that tells of it */
  failure: RecordBody;
  /** the same in a sentence */
  reason: string;
}

/** The first step of the way back; undefined: this recipe has none. */
export const firstBack = (steps: readonly Step[]): Step | undefined =>
  steps.find(({ isAfterFailure }) => isAfterFailure === true);

/** @returns null for a run that has not begun to go back */
export function wayBackOf(steps: readonly Step[], known: readonly JournalStep[]): WayBack | null {
  const first = firstBack(steps);
  const begun = known.find(({ name, started }) => started && name === first?.name);
  return (begun?.notes[0] as WayBack | undefined) ?? null;
}

export const GOING_BACK = {
  words: 'The files that this run wrote are put back now, and the database node is started with them',
  view: {},
};

/** Why a run has failed, in a sentence. @param failure of its last step; null: it has gone all the way back */
export function reasonOf(way: WayBack | null, failure: string | null): string | null {
  if (way === null) return failure;
  return failure === null
    ? `${way.reason}. The configuration of before was put back, and the database node is back with it`
    : `${way.reason}. Going back to the configuration of before failed too: ${failure}`;
}
