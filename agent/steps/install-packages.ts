// Installs exact versions by apt-get, after a simulation has shown that nothing else on the host would change.
import { StepFailed } from '../../shared/errors.ts';
import type { CommandResult } from '../host/host.ts';
import { objections, plannedChanges, type WantedPackages } from '../packages/apt-plan.ts';
import { DPKG_QUERY, type PackageState, packageStates } from '../packages/dpkg-states.ts';
import type { Step, StepContext, StepEvents } from './step.ts';
import { changed, looked, milestone } from './telling.ts';
import { leaving, ticking } from './waiting.ts';

const LOOK_MS = 60_000;
/** Longer than any package takes: dpkg that is killed half-way leaves a mess, so this is a last resort. */
const INSTALL_MS = 1_800_000;
/** Unattended upgrades take minutes, and are done then. */
const LOCK_MS = 600_000;
const LOCK_POLL_MS = 2_000;

const ENV = { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
// A changed configuration file stays as it is, and one that nobody changed is replaced: no question is left to ask.
const CONFFILES = ['--force-confdef', '--force-confold'] as const;
const aptGet = (mode: string, versions: readonly string[]): [string, ...string[]] => [
  'apt-get',
  '--yes',
  '--quiet',
  ...CONFFILES.map((flag) => `--option=Dpkg::Options::=${flag}`),
  mode,
  'install',
  '--',
  ...versions,
];

// apt's words, and dpkg's
const HELD_BY = [
  /Could not get lock \S+?\.? It is held by process (?<pid>\d+) \((?<program>[^)]*)\)/,
  /frontend lock was locked by another process with pid (?<pid>\d+)/,
];
const LOCK = '/var/lib/dpkg/lock-frontend';
const NO_SUCH =
  /^E: (?:Unable to locate package|Version '.*' for '.*' was not found|Package '.*' has no installation)/m;

/** @param wanted exact versions in the package manager's own writing */
export const installPackages = (wanted: WantedPackages): Step => ({
  name: 'install-packages',
  async *run(context) {
    const shown = [...wanted].map(([name, version]) => `${name} ${version}`).join(', ');
    yield looked('packages', `Checking if ${shown} are installed`);
    if (areInstalled(await statesOf(context, wanted), wanted)) {
      yield looked('packages', 'All of them are installed already');
      return;
    }
    // Only then does what is looked at stand still: another's packages are half-configured while it works.
    yield* underLock(context, ['apt-get', '--quiet', 'check']);
    const states = await statesOf(context, wanted);
    refuseOtherVersions(states, wanted);
    const broken = [...wanted.keys()].filter((name) => states.get(name)?.is === 'broken');
    if (broken.length > 0) {
      yield* underLock(context, ['dpkg', ...CONFFILES, '--configure', '--', ...broken]);
      yield changed('packages-repaired', `Configured what was left half-way: ${broken.join(', ')}`);
      if (areInstalled(await statesOf(context, wanted), wanted)) return;
    }
    const exact = [...wanted].map(([name, version]) => `${name}=${version}`);
    const coming = await simulate(context, exact, wanted);
    yield looked('packages-planned', `${coming.length} packages will be installed`, {
      after: { packages: coming },
    });
    const { host } = context;
    const startedMs = host.nowMs();
    yield* underLock(context, aptGet('--no-remove', exact));
    yield milestone('packages-installed', `Installed ${shown}`, true, {
      after: { 'install-ms': host.nowMs() - startedMs },
    });
  },
});

async function statesOf({ host }: StepContext, wanted: WantedPackages): Promise<Map<string, PackageState>> {
  // It exits 1 when it knows nothing of one of them, and tells of the others.
  const argv = [...DPKG_QUERY, ...wanted.keys()] as const;
  return packageStates((await host.run(argv, { withinMs: LOOK_MS, env: ENV })).stdout);
}

const areInstalled = (states: ReadonlyMap<string, PackageState>, wanted: WantedPackages): boolean =>
  [...wanted].every(([name, version]) => {
    const state = states.get(name);
    return state?.is === 'installed' && state.version === version;
  });

/**
 * @returns the names of all that an installation would bring or finish
 * @throws StepFailed `packages-would-change` when it would do more, `no-such-package`, `package-held`, `packages-failed`
 */
async function simulate(context: StepContext, exact: readonly string[], wanted: WantedPackages) {
  const simulation = await context.host.run(aptGet('--simulate', exact), {
    withinMs: LOOK_MS,
    env: ENV,
    signal: leaving(context),
  });
  if (simulation.exitCode !== 0) throw refusal(simulation, 'The packages cannot be installed');
  const changes = plannedChanges(simulation.stdout);
  const reasons = objections(changes, wanted);
  if (reasons.length > 0) {
    const message = `Nothing was installed, since more would change than these packages: ${reasons.join('; ')}`;
    throw new StepFailed('packages-would-change', message, { detail: { reasons } });
  }
  return changes.map(({ name }) => name);
}

/** @throws StepFailed `other-package-version`: to change it is what an upgrade is for */
function refuseOtherVersions(states: ReadonlyMap<string, PackageState>, wanted: WantedPackages): void {
  for (const [name, version] of wanted) {
    const state = states.get(name);
    if (state === undefined || state.is === 'absent' || state.version === version) continue;
    const held = state.isHeld ? ', and held there' : '';
    throw new StepFailed(
      'other-package-version',
      `${name} is installed in version ${state.version}${held}; an install does not change it to ${version}`,
      { resource: name, detail: { installed: state.version, wanted: version } },
    );
  }
}

/**
 * Runs dpkg or apt-get once nobody else does. A stop is heard while it waits, and not once it works.
 * @throws StepFailed `package-manager-locked`, or what the command ended with
 */
async function* underLock(context: StepContext, argv: [string, ...string[]]): StepEvents {
  const { host } = context;
  const deadline = host.nowMs() + LOCK_MS;
  let told = '';
  for (;;) {
    leaving(context).throwIfAborted();
    const ran = await ticking(context, host.run(argv, { withinMs: INSTALL_MS, env: ENV }));
    if (ran.exitCode === 0) return;
    const said = `${ran.stderr}\n${ran.stdout}`;
    const holder = HELD_BY.map((words) => words.exec(said)?.groups).find((found) => found !== undefined);
    if (holder === undefined) throw refusal(ran, `${argv[0]} could not install the packages`);
    const by = `process ${holder['pid']}${holder['program'] === undefined ? '' : ` (${holder['program']})`}`;
    if (host.nowMs() >= deadline) {
      const message = `The package manager is locked by ${by}, for ${LOCK_MS / 1_000} s now`;
      throw new StepFailed('package-manager-locked', message, { resource: LOCK });
    }
    if (by !== told) {
      const message = `Waiting for ${by}, which holds the package manager's lock`;
      yield looked('package-lock', message, { resource: LOCK });
      told = by;
    }
    await host.wait(LOCK_POLL_MS, leaving(context));
  }
}

function refusal(ran: CommandResult, message: string): StepFailed {
  const said = `${ran.stdout}\n${ran.stderr}`;
  const lines = said.split('\n').filter((line) => /^(E:|dpkg: error| installed .* script)/.test(line));
  const detail = { 'exit-code': ran.exitCode, said: lines.slice(-10).map((line) => line.trim()) };
  const reason = lines[0]?.trim() ?? 'it did not say why';
  if (NO_SUCH.test(said)) return new StepFailed('no-such-package', `${message}: ${reason}`, { detail });
  if (said.includes('Held packages were changed'))
    return new StepFailed('package-held', `${message}: one that would change is held`, { detail });
  return new StepFailed('packages-failed', `${message}: ${reason}`, { detail });
}
