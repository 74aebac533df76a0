// What a run's journalled steps say of the steps of its recipe: by name, since an agent that was upgraded in the middle may have a recipe with other steps.
import type { JournalStep } from './disk/journal-state.ts';
import type { Step } from './steps/step.ts';

type Known = readonly JournalStep[];

/** Between a step that must reach a later one and that one the database node may be down: no stopping there. */
export function mayStopAmong(steps: readonly Step[], known: Known): boolean {
  const finished = new Set(known.filter((step) => step.finished).map(({ name }) => name));
  const started = new Set(known.filter((step) => step.started).map(({ name }) => name));
  return !steps.some(
    ({ name, mustReach }) => mustReach !== undefined && !finished.has(mustReach) && started.has(name),
  );
}

/** Under which number a step is journalled: its place in the recipe, unless an earlier agent's recipe had another one there. */
export function numberOf(name: string, place: number, known: Known): number {
  const numbers = known.map(({ index }) => index);
  const index = known.find((step) => step.name === name)?.index;
  return index ?? (numbers.includes(place) ? Math.max(...numbers) + 1 : place);
}
