// Has an upgrade's packages on the host before anything is stopped: found, simulated, downloaded, and their configuration read.
import { PRODUCTS, upgradeFilesOf } from '../products/index.ts';
import { exactVersions, packageNames, productPackages } from './install-product.ts';
import { packageManagerOf } from './package-managers.ts';
import { readPackages } from './read-packages.ts';
import type { Step, StepContext } from './step.ts';
import { changed, looked } from './telling.ts';
import { begunUpgrade, dueUpgrade, type FetchedPackages } from './upgrade-need.ts';

/** Returns what is to be installed in place of what; nothing when no version changes. */
export const fetchPackages: Step = {
  name: 'fetch-packages',
  async *run(context) {
    const { input } = context;
    const [resource] = PRODUCTS[input.product].package.names;
    yield looked('packages', `Checking for ${resource} ${input.version}`, { resource });
    if (dueUpgrade(context) === null) return undefined;
    const manager = await packageManagerOf(context);
    yield* manager.readRepository(context);
    const offered = yield* manager.offered(context, packageNames(context));
    const old = (await begunUpgrade(context))?.old ?? (await presentPackages(context));
    const wanted = exactVersions(context, offered, Object.keys(old));
    yield* manager.download(context, wanted, upgradeFilesOf(input).packages);
    await readPackages(context, manager, wanted);
    yield changed('packages-read', `Read the configuration of ${resource} ${wanted.get(resource)}`, {
      resource: upgradeFilesOf(input).unpacked,
    });
    return {
      wanted: Object.fromEntries(wanted),
      old,
      isOldOffered: Object.entries(old).every(([name, version]) => offered.get(name)?.includes(version)),
    } satisfies FetchedPackages;
  },
};

/** Exact versions by name. */
const presentPackages = async (context: StepContext): Promise<Record<string, string>> =>
  Object.fromEntries(
    [...(await productPackages(context))]
      .filter(([, { is }]) => is !== 'absent')
      .map(([name, { version }]) => [name, version]),
  );
