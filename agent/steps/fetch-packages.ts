// Has an upgrade's packages on the host before anything is stopped: found, simulated, downloaded, and their configuration read.
import { posix } from 'node:path';
import { StepFailed } from '../../shared/errors.ts';
import type { WantedPackages } from '../packages/apt-plan.ts';
import { PRODUCTS, upgradeFilesOf } from '../products/index.ts';
import { exactVersions, packageNames, productPackages } from './install-product.ts';
import type { PackageManager } from './package-manager.ts';
import { packageManagerOf } from './package-managers.ts';
import type { Step, StepContext } from './step.ts';
import { changed, looked } from './telling.ts';
import { begunUpgrade, dueUpgrade, type FetchedPackages } from './upgrade-need.ts';
import { leaving, ticking } from './waiting.ts';

const UNPACK_MS = 900_000;
/** Of the jars those that may be the database's own. */
const JARS = ['*cassandra-*.jar', 'dse-db-all-*.jar'] as const;

// A pipe takes a shell; what varies are its arguments.
const extract = ({ asTar }: PackageManager): string =>
  `package=$1 to=$2; shift 2; ${asTar} | tar --extract --warning=no-timestamp --directory="$to" --wildcards -- "$@"`;
const NOT_ONE_OF_THEM = /: Not found in archive$|: Exiting with failure status due to previous errors$/;

/**
 * Of every package what lies in /etc, and the database's own jar: what is written, and which settings there are, is known
 * before the stop by these.
 */
async function readPackages(
  context: StepContext,
  manager: PackageManager,
  wanted: WantedPackages,
): Promise<void> {
  const { host, input } = context;
  const { unpacked, packages } = upgradeFilesOf(input);
  const { libraryDirectories } = PRODUCTS[input.product].package;
  const members = ['./etc', ...libraryDirectories.flatMap((path) => JARS.map((jar) => `.${path}/${jar}`))];
  const complete = posix.join(unpacked, 'complete.json');
  const all = JSON.stringify([...wanted]);
  if ((await host.readText(complete)) === all) return; // by an earlier try, whose archives may be gone
  await host.remove(unpacked);
  await host.ensureDirectory(unpacked, 0o755);
  for (const [name, version] of wanted) {
    const resource = await manager.archiveOf(context, name, version, packages);
    const ran = await ticking(
      context,
      host.run(['sh', '-c', extract(manager), 'sh', resource, unpacked, ...members], {
        withinMs: UNPACK_MS,
        env: { LC_ALL: 'C' },
        signal: leaving(context),
      }),
    );
    const faults = ran.stderr.split('\n').filter((line) => line !== '' && !NOT_ONE_OF_THEM.test(line));
    if (faults.length === 0) continue;
    const detail = { 'exit-code': ran.exitCode, said: faults.slice(-10) };
    throw new StepFailed('package-unreadable', `${resource} cannot be read: ${faults[0]}`, {
      resource,
      detail,
    });
  }
  await host.replaceText(complete, all, 0o644);
}

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
    const offered = await manager.offered(context, packageNames(context));
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
