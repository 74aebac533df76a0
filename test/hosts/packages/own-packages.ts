// The project's own packages, as `npm run package` makes them of what is built.
import { mkdir } from 'node:fs/promises';
import type { TestHost } from '../bed/host.ts';
import type { Flavour } from '../bed/image.ts';
import { run } from '../bed/program.ts';

/** @returns the path of the package; some 10 s each */
export async function ownPackage(
  name: 'agent' | 'coordinator',
  { format, version, into }: { format: Flavour; version: string; into: string },
): Promise<string> {
  await mkdir(into, { recursive: true });
  const script = '.config/package/build.mjs';
  const settings = ['--format', format, '--version', version, '--into', into, '--level', '1'];
  return (await run([process.execPath, script, name, ...settings])).trim();
}

/** Installs or upgrades as an operator does who was given the file, and was not asked anything. */
export async function installFile(host: TestHost, url: string): Promise<void> {
  const file = `/var/tmp/${url.slice(url.lastIndexOf('/') + 1)}`;
  await host.run(['curl', '-fsS', '-o', file, url]);
  const isDeb = file.endsWith('.deb');
  await host.run(
    isDeb
      ? ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-y', '-q', 'install', file]
      : ['dnf', '-y', '--disablerepo=*', 'install', file],
    { withinMs: 120_000 },
  );
}
