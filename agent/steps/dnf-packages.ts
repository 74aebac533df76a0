// The product's packages by dnf and rpm.
import { StepFailed } from '../../shared/errors.ts';
import type { StepEvent } from '../../shared/events.ts';
import type { CommandResult } from '../host/host.ts';
import type { WantedPackages } from '../packages/apt-plan.ts';
import { rpmChanges, rpmObjections } from '../packages/dnf-plan.ts';
import { RPM_REPOSITORY } from '../packages/repository-names.ts';
import {
  CONFIG_QUERY,
  configDigests,
  offeredRpms,
  REPOQUERY_FORMAT,
  RPM_QUERY,
  rpmStates,
} from '../packages/rpm-states.ts';
import { refuseOtherVersions, shownPackages } from './install-packages.ts';
import { underLock } from './package-lock.ts';
import type { PackageManager } from './package-manager.ts';
import type { Step, StepContext } from './step.ts';
import { changed, looked, milestone } from './telling.ts';
import { leaving } from './waiting.ts';

/** It may read the lists of every repository of the host first. */
const LOOK_MS = 300_000;
const ENV = { LC_ALL: 'C' };

// It would wait for a lock in silence, and for as long as it takes; and what is recommended is no part of the closed set.
const DNF = ['dnf', '--setopt=exit_on_lock=True', '--setopt=install_weak_deps=False'] as const;
const repositoryOf = ({ input }: StepContext): string[] =>
  input.packageRepository?.manual ? [] : [`--repo=${RPM_REPOSITORY}`];

export const dnf: PackageManager = {
  name: 'dnf',
  async states({ host }, names) {
    return rpmStates((await host.run([...RPM_QUERY, ...names], { withinMs: LOOK_MS, env: ENV })).stdout);
  },
  async *readRepository(context) {
    yield* underLock(
      context,
      [...DNF, '--assumeyes', '--quiet', '--refresh', ...repositoryOf(context), 'makecache'],
      'dnf could not read the repository',
    );
    yield changed('package-lists', 'Read what the repository has');
  },
  async offered(context, names) {
    // Also what is excluded or locked: that it may not be changed is another matter than that there is none.
    const { stdout } = await context.host.run(
      [
        ...DNF,
        '--quiet',
        '--disableexcludes=all',
        ...repositoryOf(context),
        'repoquery',
        '--showduplicates',
        '--queryformat',
        REPOQUERY_FORMAT,
        ...names,
      ],
      { withinMs: LOOK_MS, env: ENV, signal: leaving(context) },
    );
    return offeredRpms(stdout);
  },
  async shippedDigests({ host }, names) {
    const { stdout } = await host.run([...CONFIG_QUERY, ...names], { withinMs: LOOK_MS, env: ENV });
    return configDigests(stdout);
  },
  reinstalls: 'dnf reinstall',
  install: installRpms,
};

const exactNames = (wanted: WantedPackages): string[] =>
  [...wanted].map(([name, version]) => `${name}-${version}`);

const areInstalled = (
  states: Awaited<ReturnType<PackageManager['states']>>,
  wanted: WantedPackages,
): boolean => [...wanted].every(([name, version]) => states.get(name)?.version === version);

function installRpms(wanted: WantedPackages): Step {
  return {
    name: 'install-packages',
    async *run(context) {
      const shown = shownPackages(wanted);
      const [first = '', ...others] = wanted.keys();
      yield looked('packages', `Checking if ${shown} are installed`);
      const states = await dnf.states(context, [first, ...others]);
      if (areInstalled(states, wanted)) {
        yield looked('packages', 'All of them are installed already');
        return;
      }
      refuseOtherVersions(states, wanted);
      const coming = yield* simulate(context, wanted);
      yield looked('packages-planned', `${coming.length} packages will be installed`, {
        after: { packages: coming },
      });
      const startedMs = context.host.nowMs();
      yield* underLock(
        context,
        [...DNF, '--assumeyes', '--quiet', 'install', ...exactNames(wanted)],
        'dnf could not install the packages',
      );
      // It ends well, too, where a script of a package failed: what is there is what counts.
      if (!areInstalled(await dnf.states(context, [first, ...others]), wanted)) {
        throw new StepFailed('packages-failed', `dnf ended well, and ${shown} are not installed`);
      }
      yield milestone('packages-installed', `Installed ${shown}`, true, {
        after: { 'install-ms': context.host.nowMs() - startedMs },
      });
    },
  };
}

// It exits 1 whether it was told to change nothing or could not have changed anything.
const isSimulated = ({ stdout, stderr }: CommandResult): boolean =>
  /^Operation aborted\.$/m.test(`${stdout}\n${stderr}`);

/** @returns the names of all that an installation would bring; @throws StepFailed as with apt */
async function* simulate(
  context: StepContext,
  wanted: WantedPackages,
): AsyncGenerator<StepEvent, string[], void> {
  const argv = [...DNF, '--assumeno', 'install', ...exactNames(wanted)] as const;
  const { stdout } = yield* underLock(context, argv, 'The packages cannot be installed', isSimulated);
  const changes = rpmChanges(stdout);
  const reasons = rpmObjections(changes);
  if (reasons.length > 0) {
    const message = `Nothing was installed, since more would change than these packages: ${reasons.join('; ')}`;
    throw new StepFailed('packages-would-change', message, { detail: { reasons } });
  }
  return changes.map(({ name }) => name);
}
