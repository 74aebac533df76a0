// What becomes of a run whose configuration its own version was asked about: a failure, at once or where it only looks at its end; or an event.
import { StepFailed } from '../../shared/errors.ts';
import type { StepEvent } from '../../shared/events.ts';
import { isLooking } from '../../shared/looking.ts';
import type { StepContext } from './step.ts';
import { looked } from './telling.ts';
import { leftWhere, type Refused, type Verdict } from './try-config.ts';

/** What a run that only looks is told of it by `resultOf`: JSON of the failure that the job itself would end with. */
export interface WouldFail {
  message: string;
  resource: string;
  detail: Record<string, unknown>;
  traceback: string;
}

/** What validate-files returns. */
export interface ValidatedFiles {
  lookedMs: number;
  failure: WouldFail | null;
}

/** Of a restart; null: it does not look, or another agent has begun the run */
export const validatedFiles = ({ resultOf }: Pick<StepContext, 'resultOf'>): ValidatedFiles | null =>
  (resultOf('validate-files') ?? null) as ValidatedFiles | null;

/** null: nothing was refused, as far as that could be told */
export const refusedConfig = (context: Pick<StepContext, 'resultOf'>): WouldFail | null =>
  validatedFiles(context)?.failure ?? ((context.resultOf('validate-config') ?? null) as WouldFail | null);

const failed = ({ message, resource, detail, traceback }: WouldFail): StepFailed =>
  new StepFailed('config-refused', message, { resource, detail, traceback });

/**
 * @param words of a refusal: what was refused, and what is to be done
 * @throws StepFailed `config-refused`, unless the run only looks
 */
export async function* judge(
  { input }: StepContext,
  resource: string,
  verdicts: readonly Verdict[],
  words: (refused: Refused) => string,
): AsyncGenerator<StepEvent, WouldFail | null, void> {
  const what = `${input.product} ${input.version}`;
  for (const { left } of verdicts) if (left !== undefined) yield leftWhere(left);
  const refused = verdicts.find((verdict) => verdict.is === 'refused');
  if (refused !== undefined) {
    const { reason, pointer, traceback } = refused;
    const detail = { problems: [{ pointer, message: reason }] };
    const failure = { message: words(refused), resource: refused.resource, detail, traceback };
    if (!isLooking(input)) throw failed(failure);
    yield looked('config-refused', failure.message, { resource: failure.resource, after: detail });
    return failure;
  }
  const untold = verdicts.find((verdict) => verdict.is === 'unknown');
  if (untold === undefined) yield looked('config-values', `${what} takes it`, { resource });
  else {
    const message = `Not validated by ${what} itself, which will say what it makes of it when it starts: ${untold.why}`;
    yield looked('config-not-validated', message, { resource });
  }
  return null;
}

/** For a run that only looks, once it has told all else. @throws StepFailed `config-refused`, which the job itself would end with */
export function failIfRefused(context: StepContext): void {
  const refused = refusedConfig(context);
  if (refused !== null) throw failed(refused);
}
