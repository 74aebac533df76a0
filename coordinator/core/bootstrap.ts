// Bringing an agent to a host over SSH: what may go wrong, whether that is tried again, and which package fits the host.

/** As the original: three tries (`ssh_max_attempts`). */
export const MOST_TRIES = 3;

/** What stood in the way, and whether it may be gone by itself in some seconds. A password that was refused is not sent again: hosts lock out who insists. */
export const FAULTS = {
  unreachable: { mayPass: true },
  timeout: { mayPass: true },
  'connection-lost': { mayPass: true },
  'install-failed': { mayPass: true },
  'enrol-failed': { mayPass: true },
  'not-connected': { mayPass: true },
  'no-login': { mayPass: false },
  'bad-key': { mayPass: false },
  'auth-refused': { mayPass: false },
  'host-key-changed': { mayPass: false },
  'become-refused': { mayPass: false },
  'not-root': { mayPass: false },
  'no-systemd': { mayPass: false },
  'unknown-package-format': { mayPass: false },
  'no-package': { mayPass: false },
  'no-space': { mayPass: false },
  'enrolled-elsewhere': { mayPass: false },
} as const satisfies Record<string, { mayPass: boolean }>;
export type FaultKind = keyof typeof FAULTS;

/** @param failedTries this one included */
export const isTriedAgain = (kind: FaultKind, failedTries: number): boolean =>
  FAULTS[kind].mayPass && failedTries < MOST_TRIES;

export type PackageFormat = 'deb' | 'rpm';

/** What the host said of itself, as root. */
export interface HostFacts {
  uid: number;
  /** of `uname -m` */
  machine: string;
  hasSystemd: boolean;
  /** null: neither apt nor rpm is there */
  format: PackageFormat | null;
  /** null: no agent is installed */
  agentVersion: string | null;
  /** the node that the installed agent is enrolled as; null: not enrolled */
  enrolledAs: string | null;
  /** KiB free where packages are put, and where the upload goes; null: not told */
  freeKib: { usr: number | null; upload: number | null };
}

/** From lines `name value`, in any order; what is not known is passed over. */
export function readHostFacts(text: string): HostFacts {
  const said = new Map(
    text.split('\n').flatMap((line) => {
      const [, name, value] = /^([a-z-]+) (.*)$/.exec(line.trim()) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value.trim()] as const];
    }),
  );
  const number = (name: string): number | null => {
    const value = said.get(name) ?? '';
    return /^\d+$/.test(value) ? Number(value) : null;
  };
  const format = said.get('format');
  const node = said.get('node');
  return {
    uid: number('uid') ?? -1,
    machine: said.get('machine') ?? 'unknown',
    hasSystemd: said.get('systemd') === 'yes',
    format: format === 'deb' || format === 'rpm' ? format : null,
    agentVersion: said.get('agent') ?? null,
    enrolledAs: node === undefined || node === 'not enrolled' ? null : node,
    freeKib: { usr: number('free-usr'), upload: number('free-upload') },
  };
}

/** The words of each format for what `uname -m` calls a machine. */
const ARCHITECTURES: Readonly<Record<string, Readonly<Record<PackageFormat, string>>>> = {
  x86_64: { deb: 'amd64', rpm: 'x86_64' },
  aarch64: { deb: 'arm64', rpm: 'aarch64' },
};

const PATTERNS: Readonly<Record<PackageFormat, RegExp>> = {
  deb: /^ringmaster-agent_(\d[\w.+~]*)_(\w+)\.deb$/,
  rpm: /^ringmaster-agent-(\d[\w.+~]*)-\d+\.(\w+)\.rpm$/,
};

const numbersOf = (version: string): number[] => version.split(/\D+/).filter(Boolean).map(Number);

/** Below zero where `a` is the earlier one. */
function compareVersions(a: string, b: string): number {
  const [left, right] = [numbersOf(a), numbersOf(b)];
  const differences = Array.from(
    { length: Math.max(left.length, right.length) },
    (_, at) => (left[at] ?? 0) - (right[at] ?? 0),
  );
  return differences.find((difference) => difference !== 0) ?? 0;
}

/**
 * The newest agent package among files of a directory that fits the host.
 * @returns its name; null when there is none
 */
export function fittingPackage(
  names: readonly string[],
  host: { format: PackageFormat; machine: string },
): string | null {
  const wanted = ARCHITECTURES[host.machine]?.[host.format] ?? host.machine;
  const fitting = names.flatMap((name) => {
    const [, version, architecture] = PATTERNS[host.format].exec(name) ?? [];
    return version !== undefined && architecture === wanted ? [{ name, version }] : [];
  });
  fitting.sort((a, b) => compareVersions(b.version, a.version));
  return fitting[0]?.name ?? null;
}

/** Unpacked it takes about three times its own size; some more for what the system writes meanwhile. */
const UNPACKED = 4;

/** Where there is too little room for a package; null when there is enough, or nobody could tell. */
export function tooLittleRoom(
  packageBytes: number,
  { freeKib }: HostFacts,
): { place: string; freeMib: number; neededMib: number } | null {
  const mib = (kib: number): number => Math.floor(kib / 1_024);
  const neededKib = Math.ceil(packageBytes / 1_024);
  const places = [
    { place: '/var/tmp', free: freeKib.upload, needed: neededKib },
    { place: '/usr', free: freeKib.usr, needed: neededKib * UNPACKED },
  ];
  for (const { place, free, needed } of places)
    if (free !== null && free < needed) return { place, freeMib: mib(free), neededMib: mib(needed) + 1 };
  return null;
}
