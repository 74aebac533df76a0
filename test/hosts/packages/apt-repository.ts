// A signed apt repository in a directory: a flat one, whose line is `deb [signed-by=…] URL ./`, or one of distributions.
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
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

/**
 * The same as vendors have it, whose line is `deb [signed-by=…] URL DISTRIBUTION COMPONENT`.
 * @param architecture in Debian's word
 */
export async function indexAptDistribution(
  directory: string,
  key: SigningKey,
  { distribution, component, architecture }: Record<'distribution' | 'component' | 'architecture', string>,
): Promise<void> {
  const below = join('dists', distribution);
  const index = join(directory, below, component, `binary-${architecture}`);
  await mkdir(index, { recursive: true });
  const cwd = { cwd: directory };
  await writeFile(join(index, 'Packages'), await run(['apt-ftparchive', 'packages', '.'], cwd));
  const described = Object.entries({
    Suite: distribution,
    Components: component,
    Architectures: architecture,
  }).flatMap(([name, value]): [string, string] => ['-o', `APT::FTPArchive::Release::${name}=${value}`]);
  const release = join(directory, below, 'Release');
  await writeFile(release, await run(['apt-ftparchive', ...described, 'release', below], cwd));
  await key.sign('--clearsign', release, join(directory, below, 'InRelease'));
  await writeFile(join(directory, 'key.asc'), key.publicKey);
}
