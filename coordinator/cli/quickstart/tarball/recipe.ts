// What goes into the tarball besides the jars, and the key under which a finished one is kept.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One file of ours: its path inside the tarball and its bytes. */
export interface Asset {
  path: string;
  bytes: Buffer;
  isProgram: boolean;
}

const ASSET_FOLDERS = ['bin', 'conf'];
const PROGRAMS: ReadonlySet<string> = new Set(['bin/cassandra', 'bin/nodetool']);
// Raised when the way of packing changes and the assets do not.
const RECIPE_FORMAT = 1;

/** Our launchers and pristine configuration, in a stable order. */
export async function readAssets(): Promise<Asset[]> {
  const home = dirname(fileURLToPath(import.meta.url));
  const assets: Asset[] = [];
  for (const folder of ASSET_FOLDERS) {
    const entries = await readdir(join(home, folder), { recursive: true, withFileTypes: true });
    for (const entry of entries.filter((e) => e.isFile())) {
      const file = join(entry.parentPath, entry.name);
      const path = file.slice(home.length + 1);
      assets.push({ path, bytes: await readFile(file), isProgram: PROGRAMS.has(path) });
    }
  }
  return assets.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Sixteen hex digits that change whenever anything that shapes the tarball does. */
export function recipeKey(version: string, architecture: string, assets: readonly Asset[]): string {
  const hash = createHash('sha256').update(JSON.stringify([RECIPE_FORMAT, version, architecture]));
  for (const { path, bytes } of assets) hash.update(JSON.stringify([path, bytes.length])).update(bytes);
  return hash.digest('hex').slice(0, 16);
}

/** Writes the assets below `root`; programs are executable whatever the check-out's modes were. */
export async function writeAssets(root: string, assets: readonly Asset[]): Promise<void> {
  for (const { path, bytes, isProgram } of assets) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), bytes, { mode: isProgram ? 0o755 : 0o644 });
  }
}
