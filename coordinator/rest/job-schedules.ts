// Schedules of jobs: what holds between the fields of one, and when it is due.
import { isDeepStrictEqual } from 'node:util';
import { ACTIONS, type JobType } from '../../shared/actions.ts';
import { type FieldProblem, InvalidInput, pointerTo } from '../../shared/errors.ts';
import { nextTime } from '../core/schedules.ts';
import { cronProblem } from '../core/windows/cron.ts';
import type { ModelRow, ModelValues } from '../store/models.ts';
import { actionOptions } from './parameters.ts';
import { withoutIdleZone, zoneInVain } from './time-zones.ts';

const TARGET = ['job-scope', 'resource-id'] as const;
const ASKED = ['job-type', ...TARGET, 'options'] as const;
const TIMES = ['cron', 'time-zone', 'at', 'enabled'] as const;

type Of = (name: string) => unknown;

/** What is given beside the options of a job, or never kept. */
function misplaced(type: JobType, options: Readonly<Record<string, unknown>>): FieldProblem[] {
  const secrets = ACTIONS[type].parameters.filter(({ secret }) => secret).map(({ name }) => name);
  const wrong = (name: string, message: string): FieldProblem[] =>
    (options[name] ?? null) === null ? [] : [{ pointer: pointerTo('options', name), message }];
  return [
    ...['job-type', ...TARGET].flatMap((name) => wrong(name, 'is a field of the schedule itself')),
    ...secrets.flatMap((name) =>
      wrong(name, "is a secret, and a schedule keeps none: give the cluster's new-password"),
    ),
  ];
}

/** Options as a POST to the action takes them. @returns them as they were checked, without what names the target */
function checkedOptions(of: Of, problems: FieldProblem[]): Record<string, unknown> {
  const type = of('job-type') as JobType;
  const given = of('options') as Record<string, unknown>;
  const scope = of('job-scope');
  const resourceId = of('resource-id') ?? (scope === 'cluster' ? of('cluster-id') : null);
  const target = { 'job-scope': scope, 'resource-id': resourceId };
  problems.push(...misplaced(type, given));
  try {
    const checked = actionOptions(ACTIONS[type], { ...given, 'job-type': null, ...target });
    const { 'job-scope': _scope, 'resource-id': _id, ...options } = checked;
    return options;
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    for (const { pointer, message } of error.problems)
      problems.push({ pointer: pointer.slice(1) in target ? pointer : `/options${pointer}`, message });
    return {};
  }
}

function checkTimes(of: Of, nowMs: number, problems: FieldProblem[]): void {
  const [cron, at] = [of('cron'), of('at')];
  const wrong = (field: string, message: string): void =>
    void problems.push({ pointer: `/${field}`, message });
  if (cron === null && at === null) wrong('cron', 'is required; or at, for a job that is made once');
  else if (cron !== null && at !== null)
    wrong('at', 'cannot be given together with cron: it is one or the other');
  else if (cron !== null) {
    const problem = cronProblem(String(cron), String(of('time-zone')), nowMs);
    if (problem !== null) wrong('cron', problem);
  } else if (of('enabled') === true && Date.parse(String(at)) <= nowMs) wrong('at', 'must be later than now');
}

/** @returns null: not while it is not enabled */
function nextOn(of: Of, nowMs: number): Date | null {
  const [cron, at] = [of('cron'), of('at')];
  const times =
    cron === null
      ? { atMs: Date.parse(String(at)) }
      : { cron: String(cron), timeZone: String(of('time-zone')) };
  const nextMs = of('enabled') === true ? nextTime(times, nowMs) : null;
  return nextMs === null ? null : new Date(nextMs);
}

/** Whether a field is to be what it was. */
const isSame = (name: string, is: unknown, before: ModelRow): boolean => {
  const was = before[name.replaceAll('-', '_')];
  if (name !== 'at' || is === null || was === null) return isDeepStrictEqual(is, was);
  return Date.parse(String(is)) === Date.parse(String(was));
};

/**
 * What is to be stored of a schedule: its options as they were checked and, where what says when has changed, when it is due. Else
 * that stays, so that a time which has just come and was not seen to yet is not lost. What an action does not take any more is in
 * nobody's way who puts such a schedule off.
 * @param of a field as it is to be, by its name
 * @param before null when it is made
 * @param nowMs by PostgreSQL's clock, which says what is due; read while nobody else can change or see to it
 * @throws InvalidInput naming every field at fault
 */
export function meantSchedule(
  values: ModelValues,
  of: Of,
  before: ModelRow | null,
  nowMs: number,
): ModelValues {
  const problems: FieldProblem[] = [];
  const isKept = (names: readonly string[]): boolean =>
    before !== null && names.every((name) => isSame(name, of(name), before));
  const isAsked = of('enabled') === true || !isKept(ASKED);
  const meant = isAsked ? { ...values, options: checkedOptions(of, problems) } : values;
  const isTimed = !isKept(TIMES);
  if (isTimed) checkTimes(of, nowMs, problems);
  const zone = of('cron') === null && of('at') !== null ? zoneInVain(values, before, 'at') : null;
  if (zone !== null) problems.push({ pointer: '/time-zone', message: zone });
  if (problems.length > 0) throw new InvalidInput('The job-schedule is not valid', problems);
  return withoutIdleZone(isTimed ? { ...meant, 'next-on': nextOn(of, nowMs) } : meant, of('cron'));
}
