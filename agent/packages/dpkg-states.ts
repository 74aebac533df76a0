// What dpkg knows of packages, read from `dpkg-query`.

export interface PackageState {
  version: string;
  /** `broken`: unpacked or half-configured, as a failed or interrupted run leaves it */
  is: 'installed' | 'broken' | 'absent';
  /** broken so that it cannot be configured: dpkg was killed while it unpacked it, whatever version it notes */
  isHalfUnpacked: boolean;
  /** apt-mark hold: apt-get is to leave it as it is */
  isHeld: boolean;
}

export const DPKG_QUERY = [
  'dpkg-query',
  '--show',
  '--showformat',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query fills these in
  '${Package}\\t${db:Status-Abbrev}\\t${Version}\\n',
  '--',
] as const;

// biome-ignore lint/suspicious/noTemplateCurlyInString: as above
export const CONFFILES_QUERY = ['dpkg-query', '--show', '--showformat', '${Conffiles}\\n', '--'] as const;

/** By absolute path: the MD5 that each configuration file came with, whatever became of it on this host. */
export const conffileDigests = (output: string): Map<string, string> =>
  new Map(
    [...output.matchAll(/^ (?<path>\/.+) (?<digest>[0-9a-f]{32})(?: [\w-]+)*$/gm)].map(({ groups }) => [
      groups?.['path'] ?? '',
      groups?.['digest'] ?? '',
    ]),
  );

/** Of `dpkg-query --search`: `name: path`, or several names, with their architecture where there are packages of two; null: none brought it. */
export function ownerIn(output: string, path: string): string | null {
  const line = output
    .split('\n')
    .find((one) => one.endsWith(`: ${path}`) && !one.startsWith('diversion by '));
  return /^[^\s:,]+/.exec(line ?? '')?.[0] ?? null;
}

/** Of `dpkg --audit`: below a sentence for each kind of trouble the packages that have it, indented, each with what it is. */
export const auditedNames = (output: string): string[] => [
  ...new Set([...output.matchAll(/^ (?<name>[^\s:]+)/gm)].map(({ groups }) => groups?.['name'] ?? '')),
];

/** dpkg-query(1), Status-Abbrev: what is wanted, what is, and an error flag. */
const STATES: Readonly<Record<string, PackageState['is']>> = { i: 'installed', c: 'absent', n: 'absent' };

/** By name; packages that dpkg never heard of are left out. */
export function packageStates(output: string): Map<string, PackageState> {
  const states = new Map<string, PackageState>();
  for (const line of output.split('\n')) {
    const { name, wants, is, flag, version } =
      /^(?<name>\S+)\t(?<wants>\w)(?<is>\w)(?<flag>.) ?\t(?<version>.*)$/.exec(line)?.groups ?? {};
    if (name === undefined || version === undefined) continue;
    const isHalfUnpacked = is === 'H' || flag === 'R';
    states.set(name, {
      version,
      is: isHalfUnpacked ? 'broken' : (STATES[is ?? ''] ?? 'broken'),
      isHalfUnpacked,
      isHeld: wants === 'h',
    });
  }
  return states;
}
