// What a schedule of a model file works on: all of its cluster, or the datacenter or node that it names.
import { ACTIONS, JOB_TYPES, type JobType } from '../../../shared/actions.ts';
import { didYouMean } from '../../../shared/nearest-word.ts';
import { kindOf } from '../kinds.ts';
import type { Json } from '../rest-client.ts';
import { TARGET_FIELDS } from '../target.ts';
import { valueProblem } from '../values.ts';
import type { Place, Referred } from './model-file.ts';
import type { Stored } from './stored-model.ts';

/** The keys that say it, in place of job-scope and resource-id. */
export const TARGET_KEYS = ['datacenter', 'node'] as const;
export type TargetKey = (typeof TARGET_KEYS)[number];
export type TargetNames = Readonly<Partial<Record<TargetKey, string>>>;

export const scopeOf = ({ datacenter, node }: TargetNames): string =>
  node !== undefined ? 'node' : datacenter !== undefined ? 'datacenter' : 'cluster';

/** @param cluster that it is of @returns null: all of it */
export function referredBy({ datacenter, node }: TargetNames, cluster: Place): Referred | null {
  if (datacenter === undefined) return null;
  return node === undefined
    ? { kind: kindOf('dc'), place: [...cluster, datacenter] }
    : { kind: kindOf('node'), place: [...cluster, datacenter, node] };
}

/** As a file names what is stored. @returns null where that is gone, and its schedule with it, as far as a file can say */
export function namesOf({ record }: Stored, target: Stored | undefined): TargetNames | null {
  if (record['job-scope'] === 'cluster') return {};
  const [, datacenter, node] = target?.place ?? [];
  if (datacenter === undefined) return null;
  return { datacenter, ...(node === undefined ? {} : { node }) };
}

/** What every job is asked for, and a schedule says itself. */
const OWN: readonly string[] = ['job-type', ...TARGET_FIELDS];

/**
 * Options as the coordinator keeps them: without those that are empty.
 * @param problem told what is wrong of which option
 */
export function optionsIn(type: unknown, given: Json, problem: (name: string, why: string) => void): Json {
  const action = JOB_TYPES.includes(type as JobType) ? ACTIONS[type as JobType] : undefined;
  const options: Json = {};
  for (const [name, value] of Object.entries(given)) {
    const parameter = action?.parameters.find((one) => one.name === name);
    if (value === null) continue;
    options[name] = value;
    if (action === undefined) continue; // what is wrong of the type is said already
    if (OWN.includes(name)) problem(name, 'is no option: the schedule itself says it');
    else if (parameter === undefined) {
      const known = action.parameters.filter((one) => !one.secret).map((one) => one.name);
      problem(
        name,
        `is no option of ${action.name}${didYouMean(
          name,
          known.filter((one) => !OWN.includes(one)),
        )}`,
      );
    } else if (parameter.secret) problem(name, 'is a secret, and a schedule keeps none');
    else {
      const { type: kind, minimum, maximum, 'allowed-values': allowed } = parameter;
      const why = valueProblem({ type: kind, minimum, maximum, allowed }, value);
      if (why !== null) problem(name, why);
    }
  }
  return options;
}
