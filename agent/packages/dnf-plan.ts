// What dnf says that it would do, read from `dnf --assumeno`, and what of it an install or upgrade may not do.
import type { OtherVersions, WantedPackages } from './apt-plan.ts';

/** By name: what would become of a package, in the headings of dnf's table. */
export interface RpmChange {
  heading: string;
  name: string;
  /** null: of a name so long that dnf breaks the line after it */
  version: string | null;
}

const REMOVING = 'Removing';
const HEADING = /^([A-Z][^:]*):$/;
/** Below the row of a package those that it obsoletes: they would go. */
const REPLACING = /^ {5}replacing {2}(?<name>\S+)\.[^\s.]+ (?<version>\S+)\s*$/;
const ROW = /^ (?<name>\S+)(?:\s+\S+\s+(?<version>\S+)\s.*)?$/;

/** Reads the table between its headings and the summary, in its order. */
export function rpmChanges(output: string): RpmChange[] {
  const [table = ''] = output.split(/^Transaction Summary$/m);
  const changes: RpmChange[] = [];
  let heading: string | null = null;
  for (const line of table.split('\n')) {
    heading = HEADING.exec(line)?.[1] ?? heading;
    const obsoleted = REPLACING.exec(line)?.groups;
    if (obsoleted?.['name'] !== undefined)
      changes.push({ heading: REMOVING, name: obsoleted['name'], version: obsoleted['version'] ?? null });
    const { name, version = null } = ROW.exec(line)?.groups ?? {};
    if (heading !== null && name !== undefined) changes.push({ heading, name, version });
  }
  return changes;
}

/** Why these changes may not be made, a sentence each; none when they may: packages that are not there yet may come along. */
export const rpmObjections = (
  changes: readonly RpmChange[],
  wanted: WantedPackages,
  others: OtherVersions,
): string[] =>
  changes
    .filter(({ heading }) => !heading.startsWith('Installing'))
    .filter((change) => !(others === 'are-replaced' && isWantedUpgrade(change, wanted)))
    .map(({ heading, name, version }) => {
      const shown = version === null ? name : `${name} ${version}`;
      if (/^(Upgrading|Downgrading|Reinstalling)/.test(heading))
        return `${shown} would take the place of another`;
      if (heading.startsWith(REMOVING)) return `${shown} would be removed`;
      return `${heading}: ${shown}`;
    });

/** The table has a version with its epoch. */
const isWantedUpgrade = ({ heading, name, version }: RpmChange, wanted: WantedPackages): boolean =>
  heading === 'Upgrading' &&
  wanted.has(name) &&
  (version === null || version.replace(/^\d+:/, '') === wanted.get(name));

/**
 * Of packages that are there in two versions the former ones, in an order in which rpm lets them go: companions need the very
 * version of the main package, and of the others those come first that depend on what follows them.
 * @param present name and version of all that are there
 */
export function formerVersions(
  present: readonly (readonly [name: string, version: string])[],
  wanted: WantedPackages,
  companions: readonly string[],
): (readonly [name: string, version: string])[] {
  const former = present.filter(([name, version]) => version !== wanted.get(name));
  const isCompanion = ([name]: readonly [string, string]): boolean => companions.includes(name);
  return [...former.filter(isCompanion), ...former.filter((one) => !isCompanion(one))];
}
