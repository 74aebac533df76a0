// Installs exact versions by apt-get, after a simulation has shown that nothing else on the host would change.
import { StepFailed } from '../../shared/errors.ts';
import type { StepEvent } from '../../shared/events.ts';
import { type CommandResult, MOST_OUTPUT } from '../host/host.ts';
import {
  exactNames,
  type OtherVersions,
  objections,
  plannedChanges,
  type WantedPackages,
} from '../packages/apt-plan.ts';
import { DPKG_QUERY, type PackageState, packageStates } from '../packages/dpkg-states.ts';
import { withFreshLists } from './apt-lists.ts';
import { askPackages } from './ask-packages.ts';
import { leftHalfWay } from './left-half-way.ts';
import { refusal, underLock } from './package-lock.ts';
import type { Step, StepContext } from './step.ts';
import { changed, looked, milestone } from './telling.ts';
import { leaving } from './waiting.ts';

const LOOK_MS = 60_000;

const ENV = { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
// A changed configuration file stays as it is, and one that nobody changed is replaced: no question is left to ask.
const CONFFILES = ['--force-confdef', '--force-confold'] as const;
const aptGet = (mode: string, { targets, torn }: Plan): [string, ...string[]] => [
  'apt-get',
  '--yes',
  '--quiet',
  '--no-install-recommends', // no part of the closed set
  ...CONFFILES.map((flag) => `--option=Dpkg::Options::=${flag}`),
  mode,
  ...(torn.length > 0 ? ['--reinstall'] : []),
  'install',
  '--',
  ...targets,
];

/** What apt-get is to do, as the packages are now. */
interface Plan {
  wanted: WantedPackages;
  others: OtherVersions;
  states: ReadonlyMap<string, PackageState>;
  halfWay: ReadonlyMap<string, PackageState>;
  /** in apt-get's words */
  targets: readonly string[];
  /** those that are half-unpacked: apt-get takes them for installed unless told to install them again */
  torn: readonly string[];
}

async function planFor(context: StepContext, wanted: WantedPackages, others: OtherVersions): Promise<Plan> {
  const states = await statesOf(context, wanted);
  const halfWay = await leftHalfWay(context, wanted);
  const torn = [...halfWay].filter(([, { isHalfUnpacked }]) => isHalfUnpacked).map(([name]) => name);
  const isUnpacked = (name: string, version: string): boolean => {
    const state = states.get(name);
    return state?.version === version && state.is !== 'absent' && !state.isHalfUnpacked;
  };
  // Those that are whole would be installed again as well, for which it has no file of one that has yet to be configured.
  const exact = [...wanted].filter(([name, version]) => torn.length === 0 || !isUnpacked(name, version));
  const targets = [...exactNames(new Map(exact), '='), ...torn.filter((name) => !wanted.has(name))];
  return { wanted, others, states, halfWay, targets, torn };
}

/**
 * @param wanted exact versions in the package manager's own writing
 * @param others what becomes of other versions of them
 */
export const installPackages = (wanted: WantedPackages, others: OtherVersions = 'stay'): Step => ({
  name: 'install-packages',
  async *run(context) {
    yield looked('packages', `Checking if ${shownPackages(wanted)} ${areOrIs(wanted)} installed`);
    if (areInstalled(await statesOf(context, wanted), wanted)) {
      yield looked('packages', installedAlready(wanted));
      return;
    }
    yield* settle(context);
    const bringing = () => bring(context, wanted, others);
    // An upgrade was rehearsed while its node served: now that it does not, nothing is waited for that a repository may take long for.
    yield* others === 'are-replaced' ? bringing() : withFreshLists(context, bringing);
  },
});

async function* bring(
  context: StepContext,
  wanted: WantedPackages,
  others: OtherVersions,
): AsyncGenerator<StepEvent, void, void> {
  const plan = await planFor(context, wanted, others);
  const { states, halfWay, torn } = plan;
  if (others === 'stay') refuseOtherVersions(states, wanted);
  // Those that depend on one which has yet to be replaced are finished with it.
  const isAllThere = [...states].every(
    ([name, { is, version }]) => is === 'absent' || version === wanted.get(name),
  );
  if (halfWay.size > 0 && torn.length === 0 && isAllThere) {
    const names = [...halfWay.keys()];
    yield* underLock(context, ['dpkg', ...CONFFILES, '--configure', '--', ...names]);
    yield changed('packages-repaired', `Configured what was left half-way: ${names.join(', ')}`);
    if (areInstalled(await statesOf(context, wanted), wanted)) return;
  }
  yield planned(await simulate(context, plan));
  const { host } = context;
  const startedMs = host.nowMs();
  yield* underLock(context, aptGet('--no-remove', plan));
  await expectInstalled(context, wanted);
  if (torn.length > 0)
    yield changed('packages-repaired', `Unpacked anew what was left half-way: ${torn.join(', ')}`);
  yield milestone('packages-installed', `Installed ${shownPackages(wanted)}`, true, {
    after: { 'install-ms': host.nowMs() - startedMs },
  });
}

/** It ends well, too, where it takes for installed what is not. @throws StepFailed `packages-failed` */
async function expectInstalled(context: StepContext, wanted: WantedPackages): Promise<void> {
  if (areInstalled(await statesOf(context, wanted), wanted)) return;
  const message = `apt-get ended well, and ${shownPackages(wanted)} ${areOrIs(wanted)} not installed`;
  throw new StepFailed('packages-failed', message);
}

/**
 * Has all at hand that an installation takes, and nothing of it installed.
 * @throws StepFailed what the installation would
 */
export async function* downloadPackages(
  context: StepContext,
  wanted: WantedPackages,
  others: OtherVersions,
): AsyncGenerator<StepEvent, void, void> {
  yield* settle(context);
  yield* withFreshLists(context, () => downloadWanted(context, wanted, others));
}

/**
 * The same anew, where time has passed since: lists may be others by now, and downloaded packages gone.
 * @throws StepFailed what the installation would
 */
export async function* rehearseInstallation(
  context: StepContext,
  wanted: WantedPackages,
  others: OtherVersions,
): AsyncGenerator<StepEvent, void, void> {
  yield* settle(context);
  yield* withFreshLists(context, () => downloadWanted(context, wanted, others, 'what-is-missing'));
}

async function* downloadWanted(
  context: StepContext,
  wanted: WantedPackages,
  others: OtherVersions,
  what: 'all' | 'what-is-missing' = 'all',
): AsyncGenerator<StepEvent, void, void> {
  const plan = await planFor(context, wanted, others);
  yield planned(await simulate(context, plan));
  if (what === 'what-is-missing' && (await isAtHand(context, plan))) return;
  const startedMs = context.host.nowMs();
  yield* underLock(context, aptGet('--download-only', plan), 'apt-get could not download the packages');
  yield milestone('packages-downloaded', `Downloaded ${shownPackages(wanted)}`, true, {
    after: { 'download-ms': context.host.nowMs() - startedMs },
  });
}

/**
 * Waits until nobody else works on packages: only then does what is looked at stand still, since another's are half-configured
 * until it is done. What a dpkg that was killed left open is finished, as apt-get asks for before it does anything.
 */
async function* settle(context: StepContext): AsyncGenerator<StepEvent, void, void> {
  try {
    yield* underLock(context, ['apt-get', '--quiet', 'check']);
  } catch (error) {
    // Dependencies that are not met are mended by what is to be installed, or it is refused.
    if (!failedToWork(error).includes('dpkg was interrupted')) return;
    yield* finishPending(context);
  }
}

async function* finishPending(context: StepContext): AsyncGenerator<StepEvent, void, void> {
  const failing = 'dpkg could not finish all that one which was interrupted had begun';
  try {
    yield* underLock(context, ['dpkg', ...CONFFILES, '--configure', '--pending'], failing);
    yield changed('packages-repaired', 'Finished what a dpkg that was interrupted had begun');
  } catch (error) {
    // Its journal is closed all the same, and what depends on a half-unpacked package has to wait until that is unpacked anew.
    const said = failedToWork(error);
    yield changed('packages-unfinished', failing, { after: { said } });
  }
}

/** @returns what it said @throws any other error, a lock that others hold among them */
function failedToWork(error: unknown): string {
  if (error instanceof StepFailed && error.subtype === 'packages-failed') return String(error.detail['said']);
  throw error;
}

export const shownPackages = (wanted: WantedPackages): string =>
  [...wanted].map(([name, version]) => `${name} ${version}`).join(', ');

export const areOrIs = ({ size }: WantedPackages): string => (size === 1 ? 'is' : 'are');

export const installedAlready = ({ size }: WantedPackages): string =>
  size === 1 ? 'It is installed already' : 'All of them are installed already';

export const planned = (coming: readonly string[]): StepEvent => {
  const count = coming.length === 1 ? '1 package' : `${coming.length} packages`;
  return looked('packages-planned', `${count} will be installed`, { after: { packages: coming } });
};

const statesOf = async (context: StepContext, wanted: WantedPackages): Promise<Map<string, PackageState>> =>
  packageStates(await askPackages(context, [...DPKG_QUERY, ...wanted.keys()]));

const areInstalled = (states: ReadonlyMap<string, PackageState>, wanted: WantedPackages): boolean =>
  [...wanted].every(([name, version]) => {
    const state = states.get(name);
    return state?.is === 'installed' && state.version === version;
  });

const ask = (context: StepContext, argv: [string, ...string[]]): Promise<CommandResult> =>
  context.host.run(argv, { withinMs: LOOK_MS, env: ENV, signal: leaving(context) });

/**
 * @returns the names of all that an installation would bring or finish
 * @throws StepFailed `packages-would-change` when it would do more, `no-such-package`, `package-held`, `packages-failed`
 */
async function simulate(context: StepContext, plan: Plan): Promise<string[]> {
  const simulation = await ask(context, aptGet('--simulate', plan));
  if (simulation.exitCode !== 0) throw refusal(simulation, 'The packages cannot be installed');
  const changes = plannedChanges(simulation.stdout);
  const { wanted, others, halfWay } = plan;
  refuseMore(simulation, objections(changes, wanted, others, new Set(halfWay.keys())));
  return changes.map(({ name }) => name);
}

/** apt-get names what it has yet to fetch, dependencies among it, in quotes. */
async function isAtHand(context: StepContext, plan: Plan): Promise<boolean> {
  const { exitCode, stdout } = await ask(context, aptGet('--print-uris', plan));
  return exitCode === 0 && !/^'/m.test(stdout);
}

/** @param reasons what speaks against the changes @throws StepFailed `packages-would-change`, also where what was simulated is longer than what is kept of it */
export function refuseMore({ stdout }: CommandResult, reasons: readonly string[]): void {
  const isWhole = Buffer.byteLength(stdout) < MOST_OUTPUT;
  const all = isWhole ? reasons : [...reasons, 'the list of changes is too long to be looked through'];
  if (all.length === 0) return;
  const message = `Nothing was installed, since more would change than these packages: ${all.join('; ')}`;
  throw new StepFailed('packages-would-change', message, { detail: { reasons: all } });
}

/** @throws StepFailed `other-package-version`: to change it is what an upgrade is for */
export function refuseOtherVersions(states: ReadonlyMap<string, PackageState>, wanted: WantedPackages): void {
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
