// A signed RPM repository in a directory, as dnf and yum read it.
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../bed/program.ts';
import type { SigningKey } from './signing-key.ts';

/** Signs whatever packages the directory holds now, and indexes them; again after each change. The key is in key.asc. */
export async function indexRpmRepository(directory: string, key: SigningKey): Promise<void> {
  for (const name of await readdir(directory)) {
    if (name.endsWith('.rpm')) await key.signRpm(join(directory, name));
  }
  await run(['createrepo_c', '--quiet', directory]);
  const index = join(directory, 'repodata', 'repomd.xml');
  await key.sign('--detach-sign', index, `${index}.asc`);
  await writeFile(join(directory, 'key.asc'), key.publicKey);
}
