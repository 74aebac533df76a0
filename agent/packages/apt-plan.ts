// What apt-get says that it would do, read from `apt-get --simulate`, and what of it an install may not do.

export type PlannedChange =
  | { do: 'install'; name: string; to: string }
  /** up or down */
  | { do: 'replace'; name: string; from: string; to: string }
  | { do: 'remove'; name: string; from: string }
  /** finish what an earlier run left half-configured */
  | { do: 'configure'; name: string };

/** By name: the exact versions that are to be on the host. The closed set: nothing else there may change. */
export type WantedPackages = ReadonlyMap<string, string>;

/** As apt (`=`) and dnf (`-`) take them. */
export const exactNames = (wanted: WantedPackages, by: '=' | '-'): string[] =>
  [...wanted].map(([name, version]) => `${name}${by}${version}`);

/** What may become of other versions of the wanted packages: an install leaves them, an upgrade replaces them. */
export type OtherVersions = 'stay' | 'are-replaced';

// `Inst name [old] (new origin [architecture])`: apt-get(8) promises this form for --simulate.
const INSTALL = /^Inst (?<name>\S+)(?: \[(?<from>[^\]]+)\])? \((?<to>\S+)/;
const REMOVE = /^(?:Remv|Purg) (?<name>\S+)(?: \[(?<from>[^\]]+)\])?/;
const CONFIGURE = /^Conf (?<name>\S+)/;

/** Reads the standard output of a simulation, in its order. A package that is installed is told of once. */
export function plannedChanges(simulation: string): PlannedChange[] {
  const changes: PlannedChange[] = [];
  const installed = new Set<string>();
  for (const line of simulation.split('\n')) {
    const { name = '', from, to = '' } = INSTALL.exec(line)?.groups ?? {};
    if (name !== '') {
      installed.add(name);
      changes.push(from === undefined ? { do: 'install', name, to } : { do: 'replace', name, from, to });
    }
    const removed = REMOVE.exec(line)?.groups;
    if (removed !== undefined)
      changes.push({ do: 'remove', name: removed['name'] ?? '', from: removed['from'] ?? '' });
    const configured = CONFIGURE.exec(line)?.groups?.['name'];
    if (configured !== undefined && !installed.has(configured))
      changes.push({ do: 'configure', name: configured });
  }
  return changes;
}

/**
 * Why these changes may not be made, a sentence each; none when they may. Packages that are not there yet may come along,
 * since those that are wanted depend on them.
 * @param halfWay those that an earlier run left so: whatever finishes them is a repair
 */
export const objections = (
  changes: readonly PlannedChange[],
  wanted: WantedPackages,
  others: OtherVersions,
  halfWay: ReadonlySet<string>,
): string[] =>
  changes
    .map((change) => objectionTo(change, wanted.get(change.name), others, halfWay.has(change.name)))
    .filter((reason) => reason !== null);

/** @param wanted the version, undefined when the package is none of those */
function objectionTo(
  change: PlannedChange,
  wanted: string | undefined,
  others: OtherVersions,
  isHalfWay: boolean,
): string | null {
  const { name } = change;
  switch (change.do) {
    case 'remove':
      return `${name} ${change.from} would be removed`;
    case 'replace':
      if (others === 'are-replaced' && change.to === wanted) return null;
      if (isHalfWay && change.to === (wanted ?? change.to)) return null;
      return `${name} ${change.from} would be replaced by ${change.to}`;
    case 'configure':
      return wanted === undefined && !isHalfWay ? `${name} is half-configured` : null;
    case 'install':
      return wanted === undefined || wanted === change.to
        ? null
        : `${name} would be ${change.to}, not ${wanted}`;
  }
}
