// A signed apt repository in a directory: a flat one, whose line is `deb [signed-by=…] URL ./`.
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../bed/program.ts';
import type { SigningKey } from './signing-key.ts';

/** Indexes and signs whatever packages the directory holds now; again after each change. The key is in key.asc. */
export async function indexAptRepository(directory: string, key: SigningKey): Promise<void> {
  for (const stale of ['Release', 'InRelease', 'Release.gpg'])
    await rm(join(directory, stale), { force: true });
  const cwd = { cwd: directory };
  await writeFile(join(directory, 'Packages'), await run(['apt-ftparchive', 'packages', '.'], cwd));
  // Made elsewhere: it would list itself.
  await writeFile(join(directory, '.Release'), await run(['apt-ftparchive', 'release', '.'], cwd));
  await rename(join(directory, '.Release'), join(directory, 'Release'));
  await key.sign('--clearsign', join(directory, 'Release'), join(directory, 'InRelease'));
  await key.sign('--detach-sign', join(directory, 'Release'), join(directory, 'Release.gpg'));
  await writeFile(join(directory, 'key.asc'), key.publicKey);
}
