// Installs the product's packages in the very version, with the node held down until it is configured.
import { isDeepStrictEqual } from 'node:util';
import { StepFailed } from '../../shared/errors.ts';
import type { StepEvent } from '../../shared/events.ts';
import type { PackageState } from '../packages/dpkg-states.ts';
import { isVersionOf } from '../packages/offered-versions.ts';
import { PRODUCTS } from '../products/index.ts';
import { packageManagerOf } from './package-managers.ts';
import { holdServiceDown, isHeldDown, letServiceStart } from './service-hold.ts';
import type { Step, StepContext } from './step.ts';
import { looked } from './telling.ts';

/** By this product's names for them. */
export function packageNames({ input }: Pick<StepContext, 'input'>): [string, ...string[]] {
  const { names, companions } = PRODUCTS[input.product].package;
  return [...names, ...companions];
}

/** Of the product's packages those that the package manager has heard of. */
export const productPackages = async (
  context: Pick<StepContext, 'host' | 'input'>,
): Promise<Map<string, PackageState>> =>
  (await packageManagerOf(context)).states(context, packageNames(context));

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

/** Noted before the hold: an agent that was killed would leave one that the next takes for another's. */
interface Holding {
  /** the packages as they were, by name */
  before: Record<string, PackageState>;
  wasHeld: boolean;
}

/** Holds the service down for what changes packages, and from then on, until start-node lets go; where that failed and has changed none, all is as it was. */
export async function* heldDown(context: StepContext, changing: Step): AsyncGenerator<StepEvent, void, void> {
  const { service } = PRODUCTS[context.input.product].package;
  const states = async () => Object.fromEntries(await productPackages(context));
  const noted = context.notes.at(0) as Holding | undefined;
  const holding = noted ?? { before: await states(), wasHeld: await isHeldDown(context.host, service) };
  if (noted === undefined) await context.note(holding);
  await holdServiceDown(context, service);
  try {
    yield* changing.run(context);
  } catch (cause) {
    const after = await states().catch(() => null);
    if (!holding.wasHeld && isDeepStrictEqual(holding.before, after)) await letServiceStart(context, service);
    throw cause;
  }
}

export const installProduct: Step = {
  name: 'install-packages',
  async *run(context) {
    const { host, input } = context;
    const { names } = PRODUCTS[input.product].package;
    yield looked('packages', `Checking if ${names[0]} ${input.version} is installed`, { resource: names[0] });
    const states = await productPackages(context);
    const main = states.get(names[0]);
    const areAll = [...states.values()].every(({ is }) => is !== 'broken');
    if (areAll && main?.is === 'installed' && isVersionOf(main.version, input.version)) {
      yield looked('packages', `${names[0]} ${main.version} is installed already`, { resource: names[0] });
      return;
    }
    const manager = await packageManagerOf(context);
    yield* manager.readRepository(context);
    const exact = exactVersions(context, yield* manager.offered(context, packageNames(context)));
    const isHere = await host.findCassandra(input.install.directory);
    const installing = manager.install(exact);
    yield* isHere === null ? heldDown(context, installing) : installing.run(context);
  },
};
