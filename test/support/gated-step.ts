// Steps that the test holds at a gate.
import { setImmediate as turn } from 'node:timers/promises';
import type { Step, StepContext } from '../../agent/steps/step.ts';
import type { StepEvent } from '../../shared/events.ts';

const said = (subtype: string, message: string, changes = false): StepEvent => ({
  type: 'check',
  subtype,
  resource: null,
  message,
  changes,
});

export interface GatedStep {
  step: Step;
  open: () => void;
}

/**
 * Tells one event, then waits for its gate; ends early when its run is fenced. `isToStop`: whether its run was told to stop.
 * @param name of its own where a recipe has two
 */
export function gatedStep(name = 'wait-at-gate'): GatedStep & { isToStop: () => boolean } {
  let open: () => void = () => {};
  let stop: AbortSignal | null = null;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const step: Step = {
    name,
    async *run({ aborted, stopping }: StepContext) {
      stop = stopping;
      yield said('at-gate', 'at the gate');
      await Promise.race([gate, new Promise((resolve) => aborted.addEventListener('abort', resolve))]);
      aborted.throwIfAborted();
      yield said('past-gate', 'past the gate', true);
    },
  };
  return { step, open: () => open(), isToStop: () => stop?.aborted === true };
}

/** Hears neither stop nor fence: at work until its gate is opened. Only the first run; later ones have nothing to do. */
export function deafStep(): GatedStep {
  let open: () => void = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  let runs = 0;
  const step: Step = {
    name: 'deaf',
    async *run() {
      runs += 1;
      if (runs > 1) return;
      yield said('at-gate', 'at the gate');
      await gate;
    },
  };
  return { step, open: () => open() };
}

/** Tells numbered events as fast as they are kept, until its gate is opened. */
export function talkingStep(name: string): GatedStep & { told: string[] } {
  let isOpen = false;
  const told: string[] = [];
  const step: Step = {
    name: 'talk',
    async *run({ aborted }: StepContext) {
      while (!isOpen) {
        aborted.throwIfAborted();
        told.push(`${name} ${told.length + 1}`);
        yield said('talk', told.at(-1) ?? '');
        await turn();
      }
    },
  };
  return {
    step,
    told,
    open: () => {
      isOpen = true;
    },
  };
}
