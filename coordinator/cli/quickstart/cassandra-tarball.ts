// Makes an installable tarball of Apache Cassandra from Maven's jars and our launchers, once, and keeps it.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { InvalidInput } from '../../../shared/errors.ts';
import { withFileLock } from './tarball/file-lock.ts';
import { fetchJars, suitsThisMachine } from './tarball/maven-jars.ts';
import { readAssets, recipeKey, writeAssets } from './tarball/recipe.ts';
import { lastLines, runProgram } from './tarball/run-program.ts';

/** The newest 5.0 that was tried; `makeCassandraTarball` makes others as well. */
export const CASSANDRA_VERSION = '5.0.8';

export interface CassandraTarball {
  /** `…/apache-cassandra-VERSION-bin.tar.gz`, with `.sha256` in the form of sha256sum(1) beside it. */
  path: string;
  sha256: string;
  version: string;
}

export interface TarballOptions {
  version: string;
  /** May be shared by processes; see `tarballCacheDirectory`. */
  cacheDirectory: string;
  /** Told one line for people before each thing that takes a while. */
  log: (line: string) => void;
}

/** Fetches the jars of a version into a directory. */
export type JarSource = (version: string, intoDirectory: string) => Promise<void>;

/** Where tarballs are kept between runs: `$XDG_CACHE_HOME/ringmaster/tarballs`, or below `~/.cache`. */
export function tarballCacheDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  const configured = environment['XDG_CACHE_HOME'] ?? '';
  // The XDG specification has relative paths ignored.
  const cache = isAbsolute(configured) ? configured : join(environment['HOME'] ?? homedir(), '.cache');
  return join(cache, 'ringmaster', 'tarballs');
}

/**
 * The tarball of one version: made in about 10 s the first time, found and checked in under a second afterwards.
 * Safe to call from several processes at once, and after a run that was killed half-way.
 * @throws InvalidInput when the version is none
 * @throws Unavailable when Maven cannot fetch the jars
 */
export async function makeCassandraTarball(
  options: TarballOptions,
  jarSource: JarSource = fetchJars,
): Promise<CassandraTarball> {
  const { version, cacheDirectory, log } = options;
  if (!/^\d+\.\d+\.\d+$/.test(version)) throw new InvalidInput(`'${version}' is not a version of Cassandra`);
  const assets = await readAssets();
  const name = `apache-cassandra-${version}-bin.tar.gz`;
  const shelf = join(cacheDirectory, `${version}-${recipeKey(version, process.arch, assets)}`);
  const found = await findTarball(shelf, name, version);
  if (found !== null) return found;

  await mkdir(cacheDirectory, { recursive: true });
  return await withFileLock(join(cacheDirectory, '.lock'), async () => {
    const madeByAnother = await findTarball(shelf, name, version);
    if (madeByAnother !== null) return madeByAnother;
    await removeLeftovers(cacheDirectory);
    const making = await mkdtemp(join(cacheDirectory, MAKING));
    try {
      const root = join(making, `apache-cassandra-${version}`);
      await writeAssets(root, assets);
      log(`Fetching the jars of Cassandra ${version} with Maven`);
      await jarSource(version, join(root, 'lib'));
      for (const jar of await readdir(join(root, 'lib'))) {
        if (!suitsThisMachine(jar, process.arch)) await rm(join(root, 'lib', jar));
      }
      log(`Packing ${name}`);
      const sha256 = await pack(making, root, name);
      await rm(root, { recursive: true });
      await chmod(making, 0o755); // mkdtemp's 0700 would keep other users' readers out
      await rm(shelf, { recursive: true, force: true }); // a damaged one
      await rename(making, shelf); // all of it, or none
      return { path: join(shelf, name), sha256, version };
    } finally {
      await rm(making, { recursive: true, force: true });
    }
  });
}

const MAKING = '.making-';

/** What a killed run left behind; called with the lock held, so nobody is working there. */
async function removeLeftovers(cacheDirectory: string): Promise<void> {
  for (const entry of await readdir(cacheDirectory)) {
    if (entry.startsWith(MAKING)) await rm(join(cacheDirectory, entry), { recursive: true, force: true });
  }
}

/** The finished tarball, or null when it is not there or is not what its .sha256 says. */
async function findTarball(shelf: string, name: string, version: string): Promise<CassandraTarball | null> {
  const path = join(shelf, name);
  try {
    const expected = (await readFile(`${path}.sha256`, 'utf8')).split(' ')[0];
    const sha256 = await sha256Of(path);
    return sha256 === expected ? { path, sha256, version } : null;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/** Packs `root`, which lies in `directory`, without the names, times and owners of this machine; returns the sha256. */
async function pack(directory: string, root: string, name: string): Promise<string> {
  const stable = [
    '--sort=name',
    '--mtime=2020-01-01T00:00:00Z',
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    '--mode=u+rwX,go=rX',
  ];
  // Level 1: jars are compressed already, so more effort buys time and no bytes.
  const args = [
    ...stable,
    '-I',
    'gzip -1 -n',
    '-cf',
    join(directory, name),
    '-C',
    directory,
    root.slice(directory.length + 1),
  ];
  const ran = await runProgram('tar', args);
  if (ran.exitCode !== 0) throw new Error(`tar exited ${ran.exitCode}: ${lastLines(ran.output)}`);
  const sha256 = await sha256Of(join(directory, name));
  await writeFile(join(directory, `${name}.sha256`), `${sha256}  ${name}\n`);
  return sha256;
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
