// Says what an install or upgrade would bring to this host, and whether it is there to be had; nothing is fetched.
import { StepFailed } from '../../shared/errors.ts';
import { shownUrl } from '../../shared/mask.ts';
import { refusalOf } from '../../shared/upgrade-step.ts';
import { isVersionOf } from '../packages/offered-versions.ts';
import { layoutOf, PRODUCTS } from '../products/index.ts';
import { checkJava } from './check-java.ts';
import { installedAtBegin } from './gather-facts.ts';
import { exactVersions, packageNames } from './install-product.ts';
import type { PackageManager } from './package-manager.ts';
import { packageManagerOf } from './package-managers.ts';
import { isUpgrade, type Step, type StepContext } from './step.ts';
import { looked } from './telling.ts';
import { dueUpgrade } from './upgrade-need.ts';

/** From which version; null: the one wanted is there. `nothing`: from none. */
export function comingFrom(context: StepContext): string | null {
  const { input } = context;
  if (isUpgrade(input)) return dueUpgrade(context)?.from ?? null;
  const installed = installedAtBegin(context);
  if (installed === null) return 'nothing';
  return installed.version === input.version ? null : installed.version;
}

/** Why the version that is there does not become the one that is wanted, in a sentence; null: it would, or is it. */
export function notComing(context: StepContext): string | null {
  const { product, version } = context.input;
  const from = comingFrom(context);
  const refusal = from === null || from === 'nothing' ? null : refusalOf(product, from, version);
  return refusal === null
    ? null
    : `${product} ${from} is installed, and no upgrade leads to ${version}: ${refusal}`;
}

/** Whose files are those of the version that is wanted, and can be rendered. */
export const isInstalledAsWanted = (context: StepContext): boolean => comingFrom(context) === null;

/** The same of the version that is there, whatever the model wants in its place: its files lie below a home of its own. null: none is. */
export function asInstalled(context: StepContext): StepContext | null {
  const installed = installedAtBegin(context);
  if (installed === null) return null;
  return { ...context, input: { ...context.input, version: installed.version } };
}

/** Null, and told, where they cannot be read: dnf knows nothing of a repository that the job itself has yet to make known. */
async function* readOffer(context: StepContext, manager: PackageManager) {
  try {
    return yield* manager.offered(context, packageNames(context));
  } catch (error) {
    if (!(error instanceof StepFailed) || error.subtype !== 'packages-failed') throw error;
    const [resource] = PRODUCTS[context.input.product].package.names;
    yield looked('packages-offered', `${error.message}: the job reads the repositories anew`, {
      resource,
      after: { packages: {} },
    });
    return null;
  }
}

async function* offeredPackages(context: StepContext, what: string) {
  const { input } = context;
  const [resource] = PRODUCTS[input.product].package.names;
  const manager = await packageManagerOf(context);
  const offered = yield* readOffer(context, manager);
  if (offered === null) return;
  const known = offered.get(resource) ?? [];
  if (!known.some((version) => isVersionOf(version, input.version))) {
    // The job itself has the host know its repository first, and reads that.
    const there = known.length === 0 ? 'none of that name' : known.slice(0, 10).join(', ');
    const message = `The repositories that this host has read have no ${resource} ${input.version}, but ${there}: the job reads them anew`;
    yield looked('packages-offered', message, { resource, after: { packages: {} } });
    return;
  }
  const packages = Object.fromEntries(exactVersions(context, offered));
  yield looked('packages-offered', `${what} would come in ${Object.keys(packages).length} packages`, {
    resource,
    after: { packages },
  });
}

export const checkOffer: Step = {
  name: 'check-offer',
  async *run(context) {
    const { host, input } = context;
    const { product, version, repository } = input;
    const { tarball: resource } = layoutOf(input);
    const what = `${product} ${version}`;
    yield looked('offer', `Checking where ${what} would come from`, { resource });
    const from = comingFrom(context);
    if (from === null) {
      yield looked('offer', `${what} is installed: nothing would be fetched`, { resource });
      return;
    }
    const refused = notComing(context);
    if (refused !== null) {
      yield looked('offer', refused, { resource });
      return;
    }
    if (input.install.type === 'package') yield* offeredPackages(context, what);
    else if (await host.exists(resource))
      yield looked('tarball-offered', 'The tarball is here already', { resource });
    else if (repository === null)
      yield looked('offer', `No repository is given that ${what} could come from`, { resource });
    else
      yield looked('tarball-offered', `${what} would come from ${shownUrl(repository.url)}`, {
        resource: shownUrl(repository.url),
      });
  },
};

/** As for any job, but where packages are still to come, Java comes with them. */
export const checkJavaThere: Step = {
  name: checkJava.name,
  async *run(context) {
    const isToCome = context.input.install.type === 'package' && installedAtBegin(context) === null;
    if (!isToCome) return yield* checkJava.run(context);
    yield looked('java', 'Java comes with the packages', { resource: 'java' });
    return undefined;
  },
};
