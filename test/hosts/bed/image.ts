// The root file systems of hosts: made once, and kept by a hash of their recipe.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tarballCacheDirectory } from '../../../coordinator/cli/quickstart/cassandra-tarball.ts';
import { withFileLock } from '../../../coordinator/cli/quickstart/tarball/file-lock.ts';
import { run } from './program.ts';

/** What its packages are: a Debian host, or one with an RPM database, dnf and no apt. */
export type Flavour = 'deb' | 'rpm';

const HERE = dirname(fileURLToPath(import.meta.url));

/** Beside the tarballs. */
const imageDirectory = (): string => join(dirname(tarballCacheDirectory()), 'host-images');

/**
 * The lower directories of a flavour's overlay, topmost first: about 30 s for each the first time.
 * Safe to call from several processes at once, and after one that was killed half-way.
 */
export async function hostImage(flavour: Flavour): Promise<string> {
  const base = await kept('deb', ['image.sh'], []);
  if (flavour === 'deb') return base;
  return `${await kept('rpm', ['rpm-layer.sh', 'image.sh'], [base])}:${base}`;
}

const MAKING = '.making-';

/** @param recipe the script that makes it, and those that shape what it starts from */
async function kept(
  name: string,
  recipe: readonly [string, ...string[]],
  args: readonly string[],
): Promise<string> {
  const texts = await Promise.all(recipe.map((script) => readFile(join(HERE, script))));
  const hash = createHash('sha256').update(process.arch);
  for (const text of texts) hash.update(text);
  const directory = imageDirectory();
  const image = join(directory, `${name}-${hash.digest('hex').slice(0, 16)}`);
  if (existsSync(image)) return image;
  await mkdir(directory, { recursive: true });
  return await withFileLock(join(directory, '.lock'), async () => {
    if (existsSync(image)) return image;
    // What a killed run left. Images of other recipes stay: another check-out's hosts may be running on them.
    for (const entry of await readdir(directory)) {
      if (entry.startsWith(MAKING)) await rm(join(directory, entry), { recursive: true, force: true });
    }
    const making = join(directory, `${MAKING}${name}`);
    await run(['bash', join(HERE, recipe[0]), ...args, making]);
    await rename(making, image); // all of it, or none
    return image;
  });
}
