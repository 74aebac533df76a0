// Compares the version that is installed with the one wanted, and refuses everything but a later patch of the same series.
import { StepFailed } from '../../shared/errors.ts';
import type { RunInput } from '../../shared/run-input.ts';
import { isVersionOf, productVersion } from '../packages/offered-versions.ts';
import { layoutOf, PRODUCTS } from '../products/index.ts';
import { type PatchStep, patchStep } from '../products/patch-step.ts';
import { databaseJarOf } from './database-jar.ts';
import { type Installed, installedOf } from './gather-facts.ts';
import { productPackages } from './install-product.ts';
import { packageManagerOf } from './package-managers.ts';
import { checkService, letServiceStart } from './services.ts';
import type { Step, StepContext } from './step.ts';
import { looked } from './telling.ts';
import { begunUpgrade, type Upgrade } from './upgrade-need.ts';

const REFUSED: Readonly<Record<Exclude<PatchStep, 'same' | 'newer'>, string>> = {
  older: 'an upgrade does not go back to an earlier version',
  'other-series': 'an upgrade stays within one series of patch versions',
  unknown: 'these cannot be compared as versions',
};

/** @throws StepFailed `upgrade-refused` unless it is a later patch of the same series, or the same */
function* compared({ input }: Pick<StepContext, 'input'>, from: string, resource: string) {
  const { product, version: to } = input;
  const step = patchStep(from, to);
  if (step === 'same') {
    yield looked('upgrade', `${product} ${to} is installed already: there is nothing to upgrade`, {
      resource,
    });
    return undefined;
  }
  if (step !== 'newer') throw refusedUpgrade(input, { product, version: from }, REFUSED[step], resource);
  yield looked('upgrade', `${product} ${from} is to become ${to}`, {
    resource,
    before: { version: from },
    after: { version: to },
  });
  return { from, to } satisfies Upgrade;
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
      await letServiceStart(context, service); // an agent that was killed may have left it held down
      yield looked('upgrade', `An upgrade from ${begun.from} to ${to} did not come to its end: it goes on`, {
        resource,
      });
      return { from: begun.from, to } satisfies Upgrade;
    }
    const broken = states.filter(([, { is }]) => is === 'broken').map(([name]) => name);
    if (broken.length > 0) {
      const { finish } = (await packageManagerOf(context)).commands;
      throw new StepFailed(
        'packages-broken',
        `Left half-way on this host: ${broken.join(', ')}. \`${finish}\` may finish them; nothing was stopped`,
        { resource, detail: { broken } },
      );
    }
    const upgrade = yield* compared(context, productVersion(main.version), resource);
    if (upgrade !== undefined) await checkService(context, service); // before anything is stopped
    return upgrade;
  },
};
