// A package of any name that installs in no time and runs no JVM: for whatever is about packages and not about databases.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestPackage } from './package.ts';

export interface StubSettings {
  name: string;
  version: string;
  depends?: TestPackage['depends'];
  obsoletes?: readonly string[];
  /** by absolute path */
  files?: Readonly<Record<string, string>>;
  /** shell, run as root before the files of a Debian package are unpacked */
  beforeInstall?: string;
  /** shell, run as root after each install and upgrade: `exit 1` leaves the package half-configured */
  afterInstall?: string;
}

export const stubPackage = (settings: StubSettings): TestPackage => ({
  name: settings.name,
  version: settings.version,
  depends: settings.depends ?? {},
  obsoletes: settings.obsoletes ?? [],
  directories: [],
  scripts: {
    ...(settings.beforeInstall !== undefined && { beforeInstall: settings.beforeInstall }),
    afterInstall: settings.afterInstall ?? ':',
    beforeRemoval: ':',
  },
  async fill(root) {
    for (const [path, text] of Object.entries(settings.files ?? {})) {
      await mkdir(join(root, path, '..'), { recursive: true });
      await writeFile(join(root, path), text);
    }
  },
});
