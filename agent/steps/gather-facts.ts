// Looks at the machine and at what is installed, by packages or below the install directory; refuses what cannot work before anything is touched.
import { reasonOf, StepFailed } from '../../shared/errors.ts';
import { patchStep } from '../../shared/upgrade-step.ts';
import { isVersionOf } from '../packages/offered-versions.ts';
import { layoutOf, PRODUCTS } from '../products/index.ts';
import { checkRunning } from './check-restart.ts';
import { productPackages } from './install-product.ts';
import { checkNotHeld } from './service-hold.ts';
import { checkService, UNTOUCHED } from './services.ts';
import { isInstall, isUpgrade, jobOf, type Step, type StepContext } from './step.ts';
import { looked, milestone, processView } from './telling.ts';

/** Kept in installed.json by unpack-tarball. */
export interface Installed {
  product: string;
  version: string;
  sha256: string;
  /** versions that upgrades left here, the newest first; absent: none */
  kept?: string[];
}

export async function installedOf({
  host,
  input,
}: Pick<StepContext, 'host' | 'input'>): Promise<Installed | null> {
  const text = await host.readText(layoutOf(input).installed);
  if (text === null) return null;
  try {
    return JSON.parse(text) as Installed;
  } catch (cause) {
    const path = layoutOf(input).installed;
    throw new StepFailed('install-unreadable', `${path} is damaged`, { resource: path, cause });
  }
}

/** Of packages the product's own version is told where it is the one that is wanted, else theirs. */
async function installedPackage(context: StepContext): Promise<Omit<Installed, 'sha256'> | null> {
  const { product, version } = context.input;
  const main = (await productPackages(context)).get(PRODUCTS[product].package.names[0]);
  if (main === undefined || main.is === 'absent') return null;
  return { product, version: isVersionOf(main.version, version) ? version : main.version };
}

/** What packages and services are about is root's. */
function checkRoot(facts: Record<string, unknown>): void {
  if (facts['user-id'] === 0) return;
  const message = `An agent that is to install packages has to run as root; this one runs as user ${String(facts['user-id'])}`;
  throw new StepFailed('not-root', message);
}

/** Cassandra refuses to start under another cluster's name than its data has: found here, before anything is written or stopped. */
async function checkCluster({ host, input }: StepContext): Promise<void> {
  const { directory, data, ofCluster } = layoutOf(input);
  const owner = await host.readText(ofCluster);
  if (owner === null || owner === input.cluster.name || (await host.listDirectory(data)).length === 0) return;
  throw new StepFailed(
    'other-cluster',
    `${directory} holds a node of cluster ${owner}, with its data in ${data}; this node is of cluster ${input.cluster.name}. Give it an install-directory of its own, or remove that data`,
    { resource: directory, detail: { installed: owner, wanted: input.cluster.name } },
  );
}

/** As it was found at the run's begin; null: nothing is. */
export const installedAtBegin = ({
  resultOf,
}: Pick<StepContext, 'resultOf'>): Pick<Installed, 'product' | 'version'> | null =>
  (resultOf('gather-facts') as { installed: Pick<Installed, 'product' | 'version'> | null }).installed;

const LISTENS = [
  ['listen-address', 'listenAddress'],
  ['native-transport-address', 'nativeTransportAddress'],
] as const;

/** A node that cannot listen where the model says would be stopped, and then not come up again. */
async function checkAddresses({ host, input }: StepContext): Promise<void> {
  for (const [field, name] of LISTENS) {
    const address = input.node[name];
    const code = await host.listenFault(address);
    if (code === null) continue;
    const why =
      code === 'EADDRNOTAVAIL'
        ? 'is no address of this host'
        : code === 'ENOTFOUND' || code === 'EAI_AGAIN'
          ? `does not resolve on this host (${code})`
          : `cannot be listened on here (${code})`;
    throw new StepFailed(
      'address-unusable',
      `The node's ${field} ${address} ${why}: nothing was touched. Set ${field}, or ssh-management-address where the node has none, to an address of this host`,
      { resource: address, detail: { field, address, code } },
    );
  }
}

/** Its folders are called by the version as it was written: by another spelling they would not be found. */
function checkSpelling({ input }: StepContext, installed: Pick<Installed, 'product' | 'version'>): void {
  const { product, version, install } = input;
  const isOther = installed.version !== version && patchStep(installed.version, version) === 'same';
  if (installed.product !== product || !isOther) return;
  throw new StepFailed(
    'other-version-installed',
    `${install.directory} holds ${product} ${installed.version}, and ${version} is the same version written otherwise: set the datastax-version of the config profile to ${installed.version}`,
    { resource: install.directory, detail: { installed: installed.version, wanted: version } },
  );
}

const isOfPackages = ({ input }: StepContext): boolean => input.install.type === 'package';

async function factsOf(context: StepContext) {
  const { host, input } = context;
  const { directory } = layoutOf(input);
  const running = await host.findCassandra(directory);
  const installed = isOfPackages(context) ? await installedPackage(context) : await installedOf(context);
  const facts: Record<string, unknown> = {
    ...(await host.facts(directory)),
    installed,
    running: running === null ? null : processView(running),
    // where clients of the original look for the directory
    'run-context': {
      'install-options': { 'install-type': input.install.type, 'install-directory': directory },
    },
  };
  return { facts, installed, running };
}

/** Last, so that what the model keeps of the node is what the run made of it. What succeeded does not fail by it. */
export const lookAgain: Step = {
  name: 'look-again',
  async *run(context) {
    const { directory: resource } = layoutOf(context.input);
    yield looked('facts', 'Looking at the machine as it is now', { resource });
    try {
      const { facts } = await factsOf(context);
      yield milestone('facts', 'Looked at the machine as it is now', false, { resource, after: facts });
    } catch (error) {
      context.aborted.throwIfAborted(); // an agent that ends runs this step again at its next start
      yield looked('facts-not-seen', 'The machine could not be looked at again', {
        resource,
        after: { error: reasonOf(error) },
      });
    }
  },
};

export const gatherFacts: Step = {
  name: 'gather-facts',
  async *run(context) {
    const { host, input } = context;
    const layout = layoutOf(input);
    yield looked('facts', 'Looking at the machine', { resource: layout.directory });
    const isPackaged = isOfPackages(context);
    const { facts, installed, running } = await factsOf(context);
    yield milestone('facts', 'Looked at the machine', false, { resource: layout.directory, after: facts });
    if (isPackaged) checkRoot(facts);
    await checkCluster(context);
    await checkAddresses(context);
    if (running !== null) await checkRunning(context, running);
    if (installed !== null && !isPackaged) checkSpelling(context, installed);
    if (isUpgrade(input)) return facts; // check-upgrade judges
    const isOther = installed !== null && installed.version !== input.version;
    const isOtherProduct = installed !== null && installed.product !== input.product;
    // What the model wants may still have to come: check-offer says what that is.
    if (jobOf(input) === 'check' && !isOtherProduct && (isOther || installed === null)) return facts;
    if (isOther || isOtherProduct) {
      throw new StepFailed(
        'other-version-installed',
        `${isPackaged ? 'This host' : layout.directory} holds ${installed.product} ${installed.version}, not ${input.product} ${input.version}: only an upgrade job changes a version`,
        { resource: layout.directory, detail: { installed: installed.version, wanted: input.version } },
      );
    }
    if (isInstall(input)) return facts;
    if (isPackaged ? installed === null : !(await host.exists(layout.launcher))) {
      throw new StepFailed('not-installed', `${input.product} ${input.version} is not installed here`, {
        resource: layout.launcher,
      });
    }
    await checkNotHeld(context);
    if (layout.service !== null) await checkService(context, layout.service, UNTOUCHED); // before anything is stopped
    return facts;
  },
};
