// Builds RPM packages with rpmbuild.
import { chmod, copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../bed/program.ts';
import type { TestPackage } from './package.ts';

/** Builds `NAME-VERSION-1.noarch.rpm` into a directory. */
export async function buildRpm(made: TestPackage, intoDirectory: string): Promise<string> {
  const top = await mkdtemp(join(tmpdir(), 'rpm-'));
  try {
    const root = join(top, 'root');
    await mkdir(root);
    await chmod(root, 0o755);
    await made.fill(root);
    await writeFile(join(top, 'package.spec'), await specOf(made, root));
    const defined = ['--define', `_topdir ${top}`];
    await run(['rpmbuild', '--quiet', '-bb', ...defined, join(top, 'package.spec')]);
    await mkdir(intoDirectory, { recursive: true });
    const name = `${made.name}-${made.version}-1.noarch.rpm`;
    await copyFile(join(top, 'RPMS', 'noarch', name), join(intoDirectory, name));
    return join(intoDirectory, name);
  } finally {
    await rm(top, { recursive: true });
  }
}

async function specOf(made: TestPackage, root: string): Promise<string> {
  const requires = Object.entries(made.depends).map(
    ([name, version]) => `Requires: ${name}${version === null ? '' : ` = ${version}`}\n`,
  );
  const obsoletes = (made.obsoletes ?? []).map((name) => `Obsoletes: ${name}\n`);
  const { afterInstall, beforeRemoval } = made.scripts;
  return `%define _binary_payload w0.gzdio
%define __os_install_post %{nil}
Name: ${made.name}
Version: ${made.version}
Release: 1
Summary: test package
License: none
BuildArch: noarch
AutoReqProv: no
${requires.join('')}${obsoletes.join('')}%description
test package
%install
cp -a ${root}/. %{buildroot}/
%post
${afterInstall}
%preun
if [ "$1" = 0 ]; then
${beforeRemoval}
fi
%files
${(await fileLines(made, root)).join('\n')}
`;
}

/** Every file by itself, those of configuration marked, and the directories that hold none. */
async function fileLines(made: TestPackage, root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length))
    .map((path) => (/^\/etc\/(?!init\.d\/)/.test(path) ? `%config(noreplace) ${path}` : path));
  return [...files.sort(), ...made.directories.map((path) => `%dir /${path}`)];
}
