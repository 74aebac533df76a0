// Installs exact versions by apt-get, after a simulation has shown that nothing else on the host would change.
import { StepFailed } from '../../shared/errors.ts';
import { objections, plannedChanges, type WantedPackages } from '../packages/apt-plan.ts';
import { DPKG_QUERY, type PackageState, packageStates } from '../packages/dpkg-states.ts';
import { refusal, underLock } from './package-lock.ts';
import type { Step, StepContext } from './step.ts';
import { changed, looked, milestone } from './telling.ts';
import { leaving } from './waiting.ts';

const LOOK_MS = 60_000;

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
