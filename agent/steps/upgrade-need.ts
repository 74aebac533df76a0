// Whether this run changes the version of the database node, and from which.
import { upgradeStep } from '../../shared/upgrade-step.ts';
import { upgradeFilesOf } from '../products/index.ts';
import type { StepContext } from './step.ts';

/** What check-upgrade returns. */
export interface Upgrade {
  from: string;
  to: string;
}

/** null: no version changes, or this is no upgrade */
export function dueUpgrade({ resultOf }: Pick<StepContext, 'resultOf'>): Upgrade | null {
  return (resultOf('check-upgrade') ?? null) as Upgrade | null;
}

/** A major one goes to another series, and is not gone back on once the new version has started. */
export const isMajor = ({ input }: Pick<StepContext, 'input'>, { from, to }: Upgrade): boolean =>
  upgradeStep(input.product, from, to) === 'major';

/** What take-snapshot returns; undefined: none was wanted. */
export const snapshotTaken = ({ resultOf }: Pick<StepContext, 'resultOf'>): { tag: string } | undefined =>
  resultOf('take-snapshot') as { tag: string } | undefined;

/** What fetch-packages returns. */
export interface FetchedPackages {
  /** exact versions by name: those to install, and those that are there before */
  wanted: Record<string, string>;
  old: Record<string, string>;
  /** whether the repository has the old ones as well */
  isOldOffered: boolean;
}

/** null where no version changes */
export const fetchedPackages = ({ resultOf }: Pick<StepContext, 'resultOf'>): FetchedPackages | null =>
  (resultOf('fetch-packages') ?? null) as FetchedPackages | null;

/** An upgrade that has begun to replace packages: kept on the disk until the new version answers, whatever job that is of. */
export interface BegunUpgrade extends Upgrade {
  /** exact versions that were there before, by name */
  old: Record<string, string>;
}

/** null: none that is not over, or one to another version than is wanted now */
export async function begunUpgrade({
  host,
  input,
}: Pick<StepContext, 'host' | 'input'>): Promise<BegunUpgrade | null> {
  const text = await host.readText(upgradeFilesOf(input).begun);
  const begun = text === null ? null : (JSON.parse(text) as BegunUpgrade); // replaced whole, by rename
  return begun?.to === input.version ? begun : null;
}
