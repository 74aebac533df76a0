// Bringing an agent to a host over SSH: what may go wrong, whether that is tried again, and which package fits the host.

/** As the original: three tries (`ssh_max_attempts`). */
export const MOST_TRIES = 3;

/**
 * What stood in the way, and what comes then. `again`: it may be gone by itself in some seconds; tried three times, then the node fails.
 * `reach`: tried three times as well, and then waited for. `wait`: there is no way in as yet, and the job waits as it would without a
 * credential; tried again now and then. `change`: likewise, but only once the model says something else: hosts lock out who insists with
 * what was refused. `fail`: the node fails.
 */
export const FAULTS = {
  timeout: 'again',
  'connection-lost': 'again',
  'install-failed': 'again',
  'enrol-failed': 'again',
  'not-connected': 'again',
  unreachable: 'reach',
  'no-package': 'wait',
  'no-login': 'change',
  'bad-key': 'change',
  'auth-refused': 'change',
  'host-key-changed': 'fail',
  'become-refused': 'fail',
  'not-root': 'fail',
  'no-systemd': 'fail',
  'service-masked': 'fail',
  'unknown-package-format': 'fail',
  'no-space': 'fail',
  'package-manager-locked': 'fail', // it was waited for within the try
  'enrolled-elsewhere': 'fail',
  'no-end': 'fail',
} as const satisfies Record<string, NextTry | 'reach'>;
export type NextTry = 'again' | 'wait' | 'change' | 'fail';
export type FaultKind = keyof typeof FAULTS;

/**
 * @param failedTries this one included, since the job last waited for a way in
 * @param isWaitedFor the job waits for this very reason since an earlier try
 */
export function nextTry(kind: FaultKind, failedTries: number, isWaitedFor: boolean): NextTry {
  const course = FAULTS[kind];
  const isLast = failedTries >= MOST_TRIES;
  if (course === 'reach') return isWaitedFor || isLast ? 'wait' : 'again';
  return course === 'again' && isLast ? 'fail' : course;
}

/** Follows the reason of a try that failed, for whoever reads its event: which try it was, and what comes. */
export function whatComes(
  kind: FaultKind,
  failedTries: number,
  next: NextTry,
  { againMs, waitMs }: { againMs: number; waitMs: number },
): string {
  const isCounted = FAULTS[kind] === 'again' || FAULTS[kind] === 'reach';
  const tried = `. This was try ${failedTries} of ${MOST_TRIES}`;
  if (next === 'again') return `${tried}, the next begins in ${againMs / 1_000} s`;
  if (!isCounted) return '';
  if (next === 'fail') return tried;
  return `${tried}: the job waits, and looks again every ${waitMs / 1_000} s`;
}

export type PackageFormat = 'deb' | 'rpm';

/** What the host said of itself, as root. */
export interface HostFacts {
  uid: number;
  /** of `uname -m` */
  machine: string;
  hasSystemd: boolean;
  /** how the agent's service was masked, in the words of systemctl for its opposite; null: it may be started */
  unmask: 'unmask' | 'unmask --runtime' | null;
  /** null: neither apt nor rpm is there */
  format: PackageFormat | null;
  /** null: no agent is installed */
  agentVersion: string | null;
  /** the node that the installed agent is enrolled as; null: not enrolled */
  enrolledAs: string | null;
  /** of that node's agent, in PEM without line ends between its own; null: not told */
  certificate: string | null;
  /** KiB free where packages are put, and where the upload goes; null: not told */
  freeKib: { usr: number | null; upload: number | null };
}

/** What `systemctl is-enabled` says of a service that nobody can start, and what takes that away: one that lasts until the next boot is not taken away with the others. */
const UNMASK: Readonly<Record<string, NonNullable<HostFacts['unmask']>>> = {
  masked: 'unmask',
  'masked-runtime': 'unmask --runtime',
};

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
    unmask: UNMASK[said.get('service') ?? ''] ?? null,
    format: format === 'deb' || format === 'rpm' ? format : null,
    agentVersion: said.get('agent') ?? null,
    enrolledAs: node === undefined || node === 'not enrolled' ? null : node,
    certificate: said.get('certificate') || null,
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
