// The project's own packages, as `npm run package` makes them of what is built.
import { mkdtempSync, rmSync } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { TestHost } from '../bed/host.ts';
import type { Flavour } from '../bed/image.ts';
import { run } from '../bed/program.ts';

interface OwnPackage {
  format: Flavour;
  version: string;
}

/** Of this process: what is built does not change while tests run, and several of them want the same. */
const made = new Map<string, Promise<string>>();
let shelf: string | null = null;

function shelfDirectory(): string {
  if (shelf === null) {
    const directory = mkdtempSync(join(tmpdir(), 'own-packages-'));
    process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
    shelf = directory;
  }
  return shelf;
}

async function build(name: string, { format, version }: OwnPackage): Promise<string> {
  const script = '.config/package/build.mjs';
  const settings = ['--format', format, '--version', version, '--into', shelfDirectory(), '--level', '1'];
  return (await run([process.execPath, script, name, ...settings])).trim();
}

/** @returns the path of the package; some 10 s each, once */
export async function ownPackage(
  name: 'agent' | 'coordinator',
  { into, ...wanted }: OwnPackage & { into: string },
): Promise<string> {
  const key = [name, wanted.format, wanted.version].join(' ');
  const known = made.get(key) ?? build(name, wanted);
  made.set(key, known);
  const path = await known;
  await mkdir(into, { recursive: true });
  const copy = join(into, basename(path));
  await copyFile(path, copy);
  return copy;
}

/** As an operator does who was given the file, and was not asked anything: installed, or in place of another version. */
export async function installFile(host: TestHost, url: string): Promise<void> {
  const file = `/var/tmp/${basename(url)}`;
  await host.run(['curl', '-fsS', '-o', file, url]);
  await byManager(host, 'install', file);
}

/** What was installed by `installFile`, in the same version: its scripts run as in an upgrade. */
export const installAgain = (host: TestHost, url: string): Promise<void> =>
  byManager(host, 'reinstall', `/var/tmp/${basename(url)}`);

async function byManager(host: TestHost, what: 'install' | 'reinstall', file: string): Promise<void> {
  const aptGet = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-y', '-q'] as const;
  await host.run(
    file.endsWith('.deb')
      ? [...aptGet, ...(what === 'reinstall' ? ['--reinstall'] : []), 'install', file]
      : ['dnf', '-y', '--disablerepo=*', what, file],
    { withinMs: 120_000 },
  );
}
