// What a run that asks for leave is told once its ring was looked at, and what its job says of a wait.
import type { StopNote } from '../../../shared/ring-view.ts';
import { iso } from '../waiting.ts';
import type { WaitingFor } from '../world.ts';
import type { GateAnswer, StopQuestion } from './facts.ts';
import type { Decision } from './gate.ts';
import { ownUnheard } from './own-view.ts';

type Told = Exclude<Decision, { kind: 'looking' }>;
type Wait = Extract<Decision, { kind: 'wait' }>;

export interface Moment {
  nowMs: number;
  /** since when hints alone are waited for, and for how long they were before that */
  hints: { sinceMs: number; waitedMs: number };
  /** other nodes of the job are at work, or have leave */
  isHeld: boolean;
  /** nothing but these is waited for: nobody looks meanwhile */
  isByLeave: boolean;
  /** how its clock stands */
  kept: Pick<GateAnswer, 'countsFromMs' | 'heldSinceMs'>;
}

/** What of an answer is stored anew once it differs. */
const KEPT = [
  'verdict',
  'message',
  'hintsSinceMs',
  'hintsWaitedMs',
  'ownUnheardSinceMs',
  'heldSinceMs',
  'countsFromMs',
] as const satisfies readonly (keyof GateAnswer)[];

export const isNews = (before: GateAnswer | null, now: GateAnswer): boolean =>
  before === null || KEPT.some((name) => before[name] !== now[name]);

/** Runs while hints alone are waited for, and keeps what it showed, so that other waits in between make theirs no longer. */
function hintsClock(isRunning: boolean, { nowMs, hints }: Moment): Partial<GateAnswer> {
  const allMs = isRunning ? hints.waitedMs : hints.waitedMs + nowMs - hints.sinceMs;
  return {
    ...(isRunning ? { hintsSinceMs: hints.sinceMs } : {}),
    ...(allMs === 0 ? {} : { hintsWaitedMs: allMs }),
  };
}

/** How long hints alone have held up a stop that is allowed now. */
function hintsNote({ nowMs, hints }: Moment): StopNote[] {
  const seconds = (hints.waitedMs + nowMs - hints.sinceMs) / 1_000;
  if (seconds === 0) return [];
  return [
    { subtype: 'gate-hints', message: `Hints were waited for: ${seconds.toFixed(1)} s in all`, loud: false },
  ];
}

/** @param question with its limit as it counts by now */
export function answerOf(question: StopQuestion, decision: Told, moment: Moment): GateAnswer {
  const { kind: verdict, message } = decision;
  if (decision.kind !== 'wait')
    return {
      verdict,
      message,
      notes: [...(verdict === 'allowed' ? hintsNote(moment) : []), ...decision.notes],
    };
  return {
    verdict,
    message,
    notes: [],
    ...hintsClock(decision.passing?.of === 'hints', moment),
    // Nobody looks while it is held: that is no time in which the node did not tell.
    ...(moment.isByLeave || ownUnheard(question) === null
      ? {}
      : { ownUnheardSinceMs: question.answer?.ownUnheardSinceMs ?? moment.nowMs }),
    ...moment.kept,
  };
}

function whatOf(
  { name, askedMs, options }: StopQuestion,
  { message, helps, passing }: Wait,
  { nowMs, isHeld, isByLeave }: Moment,
): string {
  const limitMs = askedMs + options.timeoutMs;
  const end =
    passing !== null
      ? `from ${iso(passing.untilMs)} on without that`
      : isHeld
        ? `its limit of ${options.timeoutMs / 1_000} s does not count while other nodes of this job are at work`
        : options.atLimit === 'fail'
          ? `the run fails at ${iso(limitMs)} otherwise`
          : nowMs < limitMs
            ? 'the job is held until then'
            : `held beyond its limit of ${options.timeoutMs / 1_000} s`;
  const looks = isByLeave ? 'looked at again once the run there has ended' : 'looked at every few seconds';
  const byForce = options.force
    ? ''
    : `; a job with force${options.keepsApart ? ' and another concurrency-strategy' : ''} does not wait`;
  return `Node ${name} is not stopped yet. ${message} It goes on by itself once that has changed (${looks}; ${end}), or terminate the job${byForce}.${helps}`;
}

/** @param askedMs when its node began to ask, whatever its limit counts from */
export function waitOf(question: StopQuestion, askedMs: number, decision: Wait, moment: Moment): WaitingFor {
  const isForHints = decision.passing?.of === 'hints';
  return {
    kind: isForHints ? 'hints' : 'gate',
    ids: [...decision.nodeIds].sort(),
    since: iso(isForHints ? moment.hints.sinceMs : askedMs),
    what: whatOf(question, decision, moment),
  };
}
