// The product's packages by dnf and rpm.
import { posix } from 'node:path';
import { StepFailed } from '../../shared/errors.ts';
import type { StepEvent } from '../../shared/events.ts';
import { isLooking } from '../../shared/looking.ts';
import type { CommandResult } from '../host/host.ts';
import { exactNames, type OtherVersions, type WantedPackages } from '../packages/apt-plan.ts';
import { formerVersions, rpmChanges, rpmObjections } from '../packages/dnf-plan.ts';
import { RPM_REPOSITORY } from '../packages/repository-names.ts';
import {
  CONFIG_QUERY,
  configDigests,
  OWNER_QUERY,
  offeredRpms,
  REPOQUERY_FORMAT,
  RPM_QUERY,
  rpmPairs,
  rpmStates,
} from '../packages/rpm-states.ts';
import { PRODUCTS } from '../products/index.ts';
import { askPackages } from './ask-packages.ts';
import {
  areOrIs,
  installedAlready,
  planned,
  refuseMore,
  refuseOtherVersions,
  shownPackages,
} from './install-packages.ts';
import { underLock } from './package-lock.ts';
import type { PackageManager } from './package-manager.ts';
import type { Step, StepContext } from './step.ts';
import { changed, looked, milestone } from './telling.ts';
import { leaving } from './waiting.ts';

/** It may read the lists of every repository of the host first. */
const LOOK_MS = 300_000;

// It would wait for a lock in silence, and for as long as it takes; and what is recommended is no part of the closed set.
const DNF = ['dnf', '--setopt=exit_on_lock=True', '--setopt=install_weak_deps=False'] as const;
const repositoryOf = ({ input }: StepContext): string[] =>
  input.packageRepository?.manual ? [] : [`--repo=${RPM_REPOSITORY}`];

export const dnf: PackageManager = {
  name: 'dnf',
  async states(context, names) {
    return rpmStates(await askPackages(context, [...RPM_QUERY, ...names]));
  },
  async *readRepository(context) {
    yield* underLock(
      context,
      [...DNF, '--assumeyes', '--quiet', '--refresh', ...repositoryOf(context), 'makecache'],
      'dnf could not read the repository',
    );
    yield changed('package-lists', 'Read what the repository has');
  },
  async *offered(context, names) {
    // Also what is excluded or locked: that it may not be changed is another matter than that there is none.
    const { stdout } = yield* underLock(
      context,
      [
        ...DNF,
        '--quiet',
        '--disableexcludes=all',
        // Whoever only looks fetches nothing, also where what was read is old.
        ...(isLooking(context.input) ? ['--cacheonly'] : []),
        ...repositoryOf(context),
        'repoquery',
        '--showduplicates',
        '--queryformat',
        REPOQUERY_FORMAT,
        ...names,
      ],
      'dnf could not look for the packages',
      undefined,
      { withinMs: LOOK_MS, signal: leaving(context) },
    );
    return offeredRpms(stdout);
  },
  async shippedDigests(context, names) {
    return configDigests(await askPackages(context, [...CONFIG_QUERY, ...names]));
  },
  install: (wanted) => installRpms({ wanted, others: 'stay', from: async () => exactNames(wanted, '-') }),
  download: downloadRpms,
  async *rehearse(context, wanted, directory) {
    const packages = await downloaded(context, directory);
    yield planned(yield* simulate(context, { wanted, others: 'are-replaced', packages }));
  },
  async ownerOf(context, path) {
    const said = await askPackages(context, [...OWNER_QUERY, path]);
    return rpmPairs(said)[0] ?? null;
  },
  async *downloadAgain(context, name, version, directory) {
    // A lock on the version says that it may not be changed, and this changes nothing.
    yield* underLock(
      context,
      [
        ...DNF,
        ...KEEP,
        '--assumeyes',
        '--quiet',
        '--disableexcludes=all',
        `--destdir=${directory}`,
        'reinstall',
        `${name}-${version}`,
      ],
      'dnf could not download the package',
      undefined,
      { withinMs: context.input.limits.downloadMs, signal: leaving(context) },
    );
  },
  async archiveOf({ host }, name, version, directory) {
    const found = (await host.listDirectory(directory)).find(
      (file) => file.startsWith(`${name}-${version}.`) && file.endsWith('.rpm'),
    );
    if (found !== undefined) return posix.join(directory, found);
    throw new StepFailed('package-not-kept', `dnf did not put ${name} ${version} into ${directory}`, {
      resource: directory,
    });
  },
  asTar: ['rpm2archive - <"$package"', 'gzip --decompress'],
  replace: (wanted, directory) =>
    installRpms({ wanted, others: 'are-replaced', from: (context) => downloaded(context, directory) }),
  commands: {
    reinstall: (name) => `dnf reinstall ${name}`,
    finish: () => ['dnf remove --duplicates'],
    goBack: (packages) => `dnf downgrade ${exactNames(packages, '-').join(' ')}`,
  },
};

// With the node stopped nothing may be wanted of a network. Their signatures were looked at when they were downloaded.
const FROM_FILES = ['--disablerepo=*', '--setopt=localpkg_gpgcheck=False'] as const;

const downloaded = async ({ host }: StepContext, directory: string): Promise<string[]> => [
  ...FROM_FILES,
  ...(await host.listDirectory(directory)).map((file) => posix.join(directory, file)),
];

const KEEP = ['--downloadonly', '--setopt=keepcache=True'] as const;

interface RpmInstall {
  wanted: WantedPackages;
  others: OtherVersions;
  /** how dnf is told of them: by their names, or as files */
  from(context: StepContext): Promise<string[]>;
}

const areInstalled = (
  states: Awaited<ReturnType<PackageManager['states']>>,
  wanted: WantedPackages,
): boolean =>
  [...wanted].every(([name, version]) => {
    const state = states.get(name);
    return state?.is === 'installed' && state.version === version;
  });

function installRpms({ wanted, others, from }: RpmInstall): Step {
  return {
    name: 'install-packages',
    async *run(context) {
      const shown = shownPackages(wanted);
      yield looked('packages', `Checking if ${shown} ${areOrIs(wanted)} installed`);
      const states = await statesOf(context, wanted);
      if (areInstalled(states, wanted)) {
        yield looked('packages', installedAlready(wanted));
        return;
      }
      if (others === 'stay') refuseOtherVersions(states, wanted);
      const packages = await from(context);
      yield planned(yield* simulate(context, { wanted, others, packages }));
      const startedMs = context.host.nowMs();
      let said: string[] = [];
      if (!areThere(await presentRpms(context, wanted), wanted)) {
        const ran = yield* underLock(
          context,
          [...DNF, '--assumeyes', '--quiet', 'install', ...packages],
          'dnf could not install the packages',
        );
        said = failedScripts(ran);
      }
      yield* removeDoubled(context, wanted);
      // It ends well, too, where a script of a package failed: what is there is what counts.
      if (!areInstalled(await statesOf(context, wanted), wanted)) {
        const why = said[0] === undefined ? '' : `: ${said[0]}`;
        const message = `dnf ended well, and ${shown} are not installed${why}`;
        throw new StepFailed('packages-failed', message, { detail: { said } });
      }
      if (said.length > 0) {
        const message = `A script of a package failed, which rpm takes for installed all the same: ${said[0]}`;
        yield looked('package-script-failed', message, { after: { said } });
      }
      yield milestone('packages-installed', `Installed ${shown}`, true, {
        after: { 'install-ms': context.host.nowMs() - startedMs },
      });
    },
  };
}

/** In dnf's words, which keeps what the script itself said in its own log. */
const failedScripts = ({ stdout, stderr }: CommandResult): string[] =>
  `${stdout}\n${stderr}`
    .split('\n')
    .filter((line) => /^Error in \S+ scriptlet in rpm package /.test(line))
    .slice(-10);

async function statesOf(context: StepContext, wanted: WantedPackages) {
  const [first = '', ...more] = wanted.keys();
  return await dnf.states(context, [first, ...more]);
}

/** Every one of these names, both versions of one that has two. */
const presentRpms = async (context: StepContext, wanted: WantedPackages): Promise<[string, string][]> =>
  rpmPairs(await askPackages(context, [...RPM_QUERY, ...wanted.keys()]));

/** Whatever else of them is. */
const areThere = (present: readonly [string, string][], wanted: WantedPackages): boolean =>
  exactNames(wanted, '-').every((exact) => present.some((one) => one.join('-') === exact));

async function* downloadRpms(
  context: StepContext,
  wanted: WantedPackages,
  directory: string,
): AsyncGenerator<StepEvent, void, void> {
  const { host } = context;
  const packages = exactNames(wanted, '-');
  yield planned(yield* simulate(context, { wanted, others: 'are-replaced', packages }));
  if (areThere(await presentRpms(context, wanted), wanted)) return; // by an earlier try, which had all that it takes
  const startedMs = host.nowMs();
  await host.remove(directory); // all that lies there is going to be installed
  await host.ensureDirectory(directory, 0o755);
  // It looks at the signature of each, as an installation does. Unless told to keep them it removes them after the next
  // installation, whosoever that is.
  yield* underLock(
    context,
    [...DNF, ...KEEP, '--assumeyes', '--quiet', `--destdir=${directory}`, 'install', ...packages],
    'dnf could not download the packages',
  );
  yield milestone('packages-downloaded', `Downloaded ${shownPackages(wanted)}`, true, {
    after: { 'download-ms': host.nowMs() - startedMs },
  });
}

// While dnf works there are both as well: once it has let go of the lock the old one has gone by itself.
const isGone = ({ exitCode, stdout, stderr }: CommandResult): boolean =>
  exitCode === 0 || /^error: package \S+ is not installed$/m.test(`${stdout}\n${stderr}`);

/** What a dnf that was killed left of the versions before: their entries go, and the files that the new ones have not. */
async function* removeDoubled(
  context: StepContext,
  wanted: WantedPackages,
): AsyncGenerator<StepEvent, void, void> {
  const present = await presentRpms(context, wanted);
  if (!areThere(present, wanted)) return;
  const { companions } = PRODUCTS[context.input.product].package;
  for (const [name, version] of formerVersions(present, wanted, companions)) {
    const argv = ['rpm', '--erase', '--', `${name}-${version}`] as const;
    const failing = `rpm could not remove what was left of ${name} ${version}`;
    const { exitCode } = yield* underLock(context, argv, failing, isGone);
    if (exitCode === 0) yield changed('packages-repaired', `Removed what was left of ${name} ${version}`);
  }
}

// It exits 1 whether it was told to change nothing or could not have changed anything.
const isSimulated = ({ stdout, stderr }: CommandResult): boolean =>
  /^(Operation aborted|Nothing to do)\.$/m.test(`${stdout}\n${stderr}`);

/** @returns the names of all that an installation would bring; @throws StepFailed as with apt */
async function* simulate(
  context: StepContext,
  { wanted, others, packages }: Omit<RpmInstall, 'from'> & { packages: readonly string[] },
): AsyncGenerator<StepEvent, string[], void> {
  const argv = [...DNF, '--assumeno', 'install', ...packages] as const;
  const ran = yield* underLock(context, argv, 'The packages cannot be installed', isSimulated);
  const changes = rpmChanges(ran.stdout);
  refuseMore(ran, rpmObjections(changes, wanted, others));
  return changes.map(({ name }) => name);
}
