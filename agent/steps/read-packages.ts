// Reads files out of packages that are not installed, and judges each reading by how the programs ended that did it.
import { posix } from 'node:path';
import { StepFailed } from '../../shared/errors.ts';
import type { CommandResult } from '../host/host.ts';
import type { WantedPackages } from '../packages/apt-plan.ts';
import { PRODUCTS, upgradeFilesOf } from '../products/index.ts';
import type { PackageManager } from './package-manager.ts';
import type { StepContext } from './step.ts';
import { leaving, ticking } from './waiting.ts';

const UNPACK_MS = 900_000;
/** Of the jars those that may be the database's own. */
const JARS = ['*cassandra-*.jar', 'dse-db-all-*.jar'] as const;

// A pipe takes a shell; what varies are its arguments. It ends as tar does; which of the others failed is written beside it.
const extract = (asTar: PackageManager['asTar']): string => {
  const reading = asTar.map(
    (command) => `{ ${command} || echo "${command.split(' ', 1)}: exit code $?" >&3; }`,
  );
  return `package=$1 to=$2; shift 2; exec 3>&1; ${reading.join(' | ')} | tar --extract --warning=none --directory="$to" --wildcards -- "$@"`;
};
const LACKS_ONE = /^tar: .*: Not found in archive$/;
const ALSO_SAID = 'tar: Exiting with failure status due to previous errors';

/** What went wrong, a line each. A package need not have all the files, and what somebody warns of is no fault. */
function faultsOf({ exitCode, stdout, stderr }: CommandResult): string[] {
  const said = stderr.split('\n').filter((line) => line !== '');
  const lacks = said.filter((line) => LACKS_ONE.test(line));
  const others = said.filter((line) => line !== ALSO_SAID && !lacks.includes(line));
  const unread = stdout.split('\n').filter((line) => line !== '');
  const ofTar = others.filter((line) => line.startsWith('tar: '));
  // What it came by tar says as well; why, the one before it.
  if (unread.length > 0) return [...others.filter((line) => !ofTar.includes(line)), ...unread, ...ofTar];
  if (exitCode === 0) return [];
  const isOnlyLacking = exitCode === 2 && lacks.length > 0 && ofTar.length === 0;
  return isOnlyLacking ? [] : [...others, `tar: exit code ${exitCode}`];
}

/**
 * Those files of a package that are among `members`, below the directory `to`.
 * @param members patterns of tar, with `./` in front
 * @throws StepFailed `package-unreadable`
 */
export async function readPackage(
  context: StepContext,
  asTar: PackageManager['asTar'],
  resource: string,
  to: string,
  members: readonly string[],
): Promise<void> {
  const ran = await ticking(
    context,
    context.host.run(['sh', '-c', extract(asTar), 'sh', resource, to, ...members], {
      withinMs: UNPACK_MS,
      env: { LC_ALL: 'C' },
      signal: leaving(context),
    }),
  );
  const faults = faultsOf(ran);
  if (faults.length === 0) return;
  const detail = { 'exit-code': ran.exitCode, said: faults.slice(-10) };
  throw new StepFailed('package-unreadable', `${resource} cannot be read: ${faults[0]}`, {
    resource,
    detail,
  });
}

/**
 * Of every package what lies in /etc, and the database's own jar: what is written, and which settings there are, is known
 * before the stop by these.
 */
export async function readPackages(
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
    const archive = await manager.archiveOf(context, name, version, packages);
    await readPackage(context, manager.asTar, archive, unpacked, members);
  }
  await host.replaceText(complete, all, 0o644);
}
