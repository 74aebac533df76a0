// Compares the version that is installed with the one wanted, and refuses everything but a later patch, or a series that there is a way to.
import { StepFailed } from '../../shared/errors.ts';
import type { RunInput } from '../../shared/run-input.ts';
import { patchStep, refusalOf, seriesOf, upgradeStep } from '../../shared/upgrade-step.ts';
import { isVersionOf, productVersion } from '../packages/offered-versions.ts';
import { layoutOf, ownNodeOf, PRODUCTS } from '../products/index.ts';
import { databaseJarOf } from './database-jar.ts';
import { type Installed, installedOf } from './gather-facts.ts';
import { productPackages } from './install-product.ts';
import { packageManagerOf } from './package-managers.ts';
import { checkService, UNTOUCHED } from './services.ts';
import type { Step, StepContext } from './step.ts';
import { looked } from './telling.ts';
import { begunUpgrade, type Upgrade } from './upgrade-need.ts';

const JMX_MS = 10_000;

/**
 * Nodes of three series in one ring are more than any series was made for. Where the node here does not run, or does not
 * answer, there is nobody to ask: an earlier try may have stopped it.
 * @throws StepFailed `upgrade-refused` when one of the ring is of neither series
 */
async function checkReleases(context: StepContext, { from, to }: Upgrade): Promise<void> {
  const { host, input, aborted } = context;
  const { directory: resource } = layoutOf(input);
  if ((await host.findCassandra(resource)) === null) return;
  const node = await host.jmx(ownNodeOf(input), JMX_MS, aborted).catch(() => null);
  const releases = await node
    ?.releases()
    .catch(() => null)
    .finally(() => node.close());
  if (releases === null || releases === undefined) return;
  const known = [from, to].map(seriesOf);
  const others = [...releases].filter(([, release]) => !known.includes(seriesOf(release)));
  if (others.length === 0) return;
  const told = others.map(([address, release]) => `${address} has ${release}`).join(', ');
  const why = `all nodes of the ring have to be of ${known.join(' or ')} first: ${told}`;
  throw refusedUpgrade(input, { product: input.product, version: from }, why, resource);
}

/** @throws StepFailed `upgrade-refused` unless an upgrade goes there, or it is the same */
async function* compared(context: StepContext, from: string, resource: string) {
  const { input } = context;
  const { product, version: to } = input;
  if (patchStep(from, to) === 'same') {
    yield looked('upgrade', `${product} ${to} is installed already: there is nothing to upgrade`, {
      resource,
    });
    return undefined;
  }
  const why = refusalOf(product, from, to);
  if (why !== null) throw refusedUpgrade(input, { product, version: from }, why, resource);
  const upgrade: Upgrade = { from, to };
  const isMajor = upgradeStep(product, from, to) === 'major';
  if (isMajor) await checkReleases(context, upgrade);
  const andThen = isMajor ? `. Once ${to} was started here, going back to ${from} is not supported` : '';
  yield looked('upgrade', `${product} ${from} is to become ${to}${andThen}`, {
    resource,
    before: { version: from },
    after: { version: to },
  });
  return upgrade;
}

const refusedUpgrade = (
  { product, version }: Pick<RunInput, 'product' | 'version'>,
  installed: Pick<Installed, 'product' | 'version'>,
  why: string,
  resource: string,
): StepFailed =>
  new StepFailed(
    'upgrade-refused',
    `${installed.product} ${installed.version} to ${product} ${version}: ${why}. Nothing was stopped`,
    { resource, detail: { product: installed.product, installed: installed.version, wanted: version } },
  );

/** Returns from which version to which; nothing when the one wanted is installed. */
export const checkUpgrade: Step = {
  name: 'check-upgrade',
  async *run(context) {
    const { host, input } = context;
    const { product } = input;
    const { directory } = layoutOf(input);
    yield looked('upgrade', 'Checking which version is installed', { resource: directory });
    const installed = await installedOf(context);
    if (installed === null) {
      throw new StepFailed(
        'not-installed',
        `No ${product} is installed in ${directory}: there is nothing to upgrade`,
        { resource: directory },
      );
    }
    const from = installed.version;
    const refused = (why: string) => refusedUpgrade(input, installed, why, directory);
    if (installed.product !== product) throw refused('an upgrade does not change the product');
    const old = { ...input, version: from };
    const { home, launcher } = layoutOf(old);
    if (!(await host.exists(launcher))) {
      throw new StepFailed('not-installed', `${launcher} of the installed version is not there`, {
        resource: launcher,
      });
    }
    const jar = await databaseJarOf(host, old);
    if (jar !== null && jar.version !== null && patchStep(jar.version, from) !== 'same')
      throw refused(`${home} holds ${jar.version}, not what was installed there`);
    return yield* compared(context, from, directory);
  },
};

/** The same by what dpkg or rpm knows, and by what an earlier upgrade kept that did not come to its end. */
export const checkPackageUpgrade: Step = {
  name: checkUpgrade.name,
  async *run(context) {
    const { input } = context;
    const { product, version: to } = input;
    const { names, service } = PRODUCTS[product].package;
    const [resource] = names;
    yield looked('upgrade', 'Checking which version is installed', { resource });
    const states = [...(await productPackages(context))].filter(([, { is }]) => is !== 'absent');
    const main = states.find(([name]) => name === resource)?.[1];
    if (main === undefined) {
      throw new StepFailed('not-installed', `${resource} is not installed: there is nothing to upgrade`, {
        resource,
      });
    }
    const held = states.filter(([, { isHeld, version }]) => isHeld && !isVersionOf(version, to));
    if (held.length > 0) {
      const names = held.map(([name]) => name).join(' ');
      throw new StepFailed(
        'package-held',
        `Held on this host: ${names}. \`apt-mark unhold ${names}\` allows the upgrade to ${to}; nothing was stopped`,
        { resource, detail: { held: held.map(([name]) => name) } },
      );
    }
    const begun = await begunUpgrade(context);
    if (begun !== null) {
      yield looked('upgrade', `An upgrade from ${begun.from} to ${to} did not come to its end: it goes on`, {
        resource,
      });
      return { from: begun.from, to } satisfies Upgrade;
    }
    const broken = new Map(states.filter(([, { is }]) => is === 'broken'));
    if (broken.size > 0) {
      const names = [...broken.keys()];
      const finish = (await packageManagerOf(context)).commands.finish(broken);
      const entered = finish.map((command) => `\`${command}\``).join(', then ');
      throw new StepFailed(
        'packages-broken',
        `Left half-way on this host: ${names.join(', ')}. ${entered} may finish them; nothing was stopped`,
        { resource, detail: { broken: names } },
      );
    }
    const upgrade = yield* compared(context, productVersion(main.version), resource);
    if (upgrade !== undefined) await checkService(context, service, UNTOUCHED); // before anything is stopped
    return upgrade;
  },
};
