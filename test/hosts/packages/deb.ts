// Builds Debian packages with dpkg's own tools.
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../bed/program.ts';
import type { TestPackage } from './package.ts';

/** Builds `NAME_VERSION_all.deb` into a directory. A second with the jars of Cassandra. */
export async function buildDeb(made: TestPackage, intoDirectory: string): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'deb-'));
  try {
    await chmod(root, 0o755);
    await made.fill(root);
    const meta = join(root, 'DEBIAN');
    await mkdir(meta);
    const depends = Object.entries(made.depends).map(([name, version]) =>
      version === null ? name : `${name} (= ${version})`,
    );
    await writeFile(
      join(meta, 'control'),
      `Package: ${made.name}
Version: ${made.version}
Architecture: all
Maintainer: Nobody <nobody@example.invalid>
${depends.length > 0 ? `Depends: ${depends.join(', ')}\n` : ''}Description: test package
`,
    );
    await writeFile(join(meta, 'conffiles'), (await configFiles(root)).map((path) => `${path}\n`).join(''));
    const { beforeInstall, afterInstall, beforeRemoval } = made.scripts;
    if (beforeInstall !== undefined) await script(join(meta, 'preinst'), beforeInstall);
    await script(join(meta, 'postinst'), `if [ "$1" = configure ]; then\n${afterInstall}\nfi`);
    await script(join(meta, 'prerm'), beforeRemoval);
    await mkdir(intoDirectory, { recursive: true });
    const path = join(intoDirectory, `${made.name}_${made.version}_all.deb`);
    // Not compressed: jars are already, and time is what tests lack.
    await run(['dpkg-deb', '--root-owner-group', '-Znone', '-b', root, path]);
    return path;
  } finally {
    await rm(root, { recursive: true });
  }
}

const script = (path: string, body: string): Promise<void> =>
  writeFile(path, `#!/bin/sh\nset -e\n${body}\nexit 0\n`, { mode: 0o755 });

/** Absolute paths of the configuration files below a package's root; init scripts are among them, as Debian has it. */
async function configFiles(root: string): Promise<string[]> {
  const below = await readdir(join(root, 'etc'), { recursive: true, withFileTypes: true }).catch(() => []);
  return below
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length))
    .sort();
}
