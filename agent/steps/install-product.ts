// Installs the product's packages in the very version, with the node held down until it is configured.
import { StepFailed } from '../../shared/errors.ts';
import type { StepEvent } from '../../shared/events.ts';
import { DPKG_QUERY, type PackageState, packageStates } from '../packages/dpkg-states.ts';
import { isVersionOf, offeredVersions } from '../packages/offered-versions.ts';
import { PRODUCTS } from '../products/index.ts';
import { installPackages } from './install-packages.ts';
import { underLock } from './package-lock.ts';
import { holdServiceDown, letServiceStart } from './services.ts';
import { SOURCE_LIST } from './set-up-repository.ts';
import type { Step, StepContext } from './step.ts';
import { changed, looked } from './telling.ts';
import { leaving } from './waiting.ts';

const LOOK_MS = 60_000;
const ENV = { LC_ALL: 'C' };

/** By this product's names for them. */
export function packageNames({ input }: Pick<StepContext, 'input'>): [string, ...string[]] {
  const { names, companions } = PRODUCTS[input.product].package;
  return [...names, ...companions];
}

/** Of the product's packages those that dpkg has heard of. */
export async function productPackages({
  host,
  input,
}: Pick<StepContext, 'host' | 'input'>): Promise<Map<string, PackageState>> {
  const argv = [...DPKG_QUERY, ...packageNames({ input })] as const;
  return packageStates((await host.run(argv, { withinMs: LOOK_MS, env: ENV })).stdout);
}

// Of the one repository alone: what ails others is not this job's business, and their lists stay.
const OWN_LIST = [
  `--option=Dir::Etc::SourceList=${SOURCE_LIST}`,
  '--option=Dir::Etc::SourceParts=-',
  '--option=APT::Get::List-Cleanup=0',
  '--option=APT::Update::Error-Mode=any',
] as const;

/** Has apt know what the repository has now. */
export async function* readRepository(context: StepContext): AsyncGenerator<StepEvent, void, void> {
  const list = context.input.packageRepository?.manual ? [] : OWN_LIST;
  yield* underLock(
    context,
    ['apt-get', '--quiet', ...list, 'update'],
    'apt-get could not read the repository',
  );
  yield changed('package-lists', 'Read what the repository has');
}

/** Of the product's packages the versions that there are, by name, newest first. */
export async function offeredPackages(context: StepContext): Promise<Map<string, string[]>> {
  const { stdout } = await context.host.run(['apt-cache', 'madison', ...packageNames(context)], {
    withinMs: LOOK_MS,
    env: ENV,
    signal: leaving(context),
  });
  return offeredVersions(stdout);
}

/**
 * @param present companions among them are wanted as well
 * @throws StepFailed `no-such-package` that says which versions there are
 */
export function exactVersions(
  { input }: Pick<StepContext, 'input'>,
  offered: ReadonlyMap<string, string[]>,
  present: readonly string[] = [],
): Map<string, string> {
  const { names, companions } = PRODUCTS[input.product].package;
  const exact = new Map<string, string>();
  for (const name of [...names, ...companions.filter((one) => present.includes(one))]) {
    const version = offered.get(name)?.find((packaged) => isVersionOf(packaged, input.version));
    if (version !== undefined) exact.set(name, version);
  }
  const [main] = names;
  if (exact.has(main)) return exact;
  const others = [...new Set(offered.get(main))].slice(0, 10);
  const there = others.length === 0 ? 'it has none of that name' : `it has ${others.join(', ')}`;
  throw new StepFailed('no-such-package', `No repository has ${main} ${input.version}: ${there}`, {
    resource: main,
    detail: { wanted: input.version, offered: others },
  });
}

export const installProduct: Step = {
  name: 'install-packages',
  async *run(context) {
    const { host, input } = context;
    const { service, names } = PRODUCTS[input.product].package;
    yield looked('packages', `Checking if ${names[0]} ${input.version} is installed`, { resource: names[0] });
    const states = await productPackages(context);
    const main = states.get(names[0]);
    const areAll = [...states.values()].every(({ is }) => is !== 'broken');
    if (areAll && main?.is === 'installed' && isVersionOf(main.version, input.version)) {
      await letServiceStart(context, service); // an agent that was killed may have left it held down
      yield looked('packages', `${names[0]} ${main.version} is installed already`, { resource: names[0] });
      return;
    }
    yield* readRepository(context);
    const exact = exactVersions(context, await offeredPackages(context));
    const isHere = await host.findCassandra(input.install.directory);
    try {
      if (isHere === null) await holdServiceDown(context, service);
      yield* installPackages(exact).run(context);
    } finally {
      await letServiceStart(context, service);
    }
  },
};
