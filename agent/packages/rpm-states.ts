// What rpm and dnf know of packages, read from `rpm --query` and `dnf repoquery`: name and version, apart by a tab.
import type { PackageState } from './dpkg-states.ts';

/** A version and its release, in one; without a version's epoch, as dnf takes it in a package's name. */
const FORMAT = '%{NAME}\\t%{VERSION}-%{RELEASE}\\n';
export const RPM_QUERY = ['rpm', '--query', '--queryformat', FORMAT, '--'] as const;
/** Takes one file. */
export const OWNER_QUERY = ['rpm', '--query', '--queryformat', FORMAT, '--file', '--'] as const;
export const REPOQUERY_FORMAT = FORMAT.toLowerCase();

export const CONFIG_QUERY = ['rpm', '--query', '--configfiles', '--dump', '--'] as const;

/** By absolute path: the digest that each configuration file came with, of the algorithm that its package was made with. */
export const configDigests = (output: string): Map<string, string> =>
  new Map(
    [...output.matchAll(/^(?<path>\/.+) \d+ \d+ (?<digest>[0-9a-f]{32,}) \d+ /gm)].map(({ groups }) => [
      groups?.['path'] ?? '',
      groups?.['digest'] ?? '',
    ]),
  );

/** Each that is installed, or offered. */
export const rpmPairs = (output: string): [name: string, version: string][] =>
  output.split('\n').flatMap((line): [string, string][] => {
    const [, name, version] = /^(\S+)\t(\S+)$/.exec(line) ?? [];
    return name === undefined || version === undefined ? [] : [[name, version]];
  });

/**
 * By name; those that are not installed are left out. One of which two versions are there was left so by a dnf that was killed
 * between the new one and the old. Holds are dnf's business: it is asked when something is to change.
 */
export function rpmStates(output: string): Map<string, PackageState> {
  const states = new Map<string, PackageState>();
  for (const [name, version] of rpmPairs(output)) {
    const is = states.has(name) ? 'broken' : 'installed';
    states.set(name, { version, is, isHalfUnpacked: false, isHeld: false });
  }
  return states;
}

/** By name, newest first: dnf has them the other way round. */
export function offeredRpms(output: string): Map<string, string[]> {
  const offered = new Map<string, string[]>();
  for (const [name, version] of rpmPairs(output)) offered.set(name, [version, ...(offered.get(name) ?? [])]);
  return offered;
}
