// Steps that are done once more, on files that were put back: under names of their own, and by where the node answers with these.
import { LEAVE } from './leave.ts';
import { asReverted, revertedConfig } from './revert-config-files.ts';
import type { Step } from './step.ts';

export const againOf = (name: string): string => `${name}-again`;

/** What the step and those after it knew of the run is now known of what was put back; no leave was asked for the node that it started. */
export const again = (step: Step): Step => ({
  name: againOf(step.name),
  isAfterFailure: true,
  async *run(context) {
    return yield* step.run({
      ...context,
      input: asReverted(context.input, context),
      resultOf: (name) =>
        name === LEAVE
          ? undefined
          : name === 'write-config-files'
            ? revertedConfig(context)
            : (context.resultOf(againOf(name)) ?? context.resultOf(name)),
    });
  },
});
