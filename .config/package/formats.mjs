// Packs a staged root as .deb and as .rpm, with the distributions' own tools; the same root gives the same bytes.
import { execFileSync } from 'node:child_process';
import { copyFileSync, lstatSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { debScripts, rpmScripts } from './packages.mjs';

const MACHINES = { x64: { deb: 'amd64', rpm: 'x86_64' }, arm64: { deb: 'arm64', rpm: 'aarch64' } };
const machine = MACHINES[process.arch];
if (machine === undefined) throw new Error(`no packages for ${process.arch}`);

const MAINTAINER = 'Ringmaster <ringmaster@localhost>';
const environment = (seconds) => ({ ...process.env, SOURCE_DATE_EPOCH: String(seconds), LC_ALL: 'C' });

/** In KiB, each file and each folder rounded up: Debian Policy, 5.6.20. */
const installedKib = (root) =>
  readdirSync(root, { recursive: true, withFileTypes: true }).reduce(
    (sum, entry) =>
      sum + (entry.isFile() ? Math.ceil(lstatSync(join(entry.parentPath, entry.name)).size / 1_024) : 1),
    0,
  );

export function packDeb(made, root, { version, level, seconds, into }) {
  const installed = installedKib(root); // before the packer's own files are there
  const meta = join(root, 'DEBIAN');
  mkdirSync(meta);
  writeFileSync(
    join(meta, 'control'),
    `Package: ${made.name}
Version: ${version}
Architecture: ${machine.deb}
Installed-Size: ${installed}
Section: database
Priority: optional
Maintainer: ${MAINTAINER}
Depends: libc6 (>= 2.28), libstdc++6, init-system-helpers, passwd
Description: ${made.summary}
${made.description.map((line) => ` ${line}\n`).join('')}`,
  );
  writeFileSync(join(meta, 'conffiles'), `${made.config[1]}\n`);
  for (const [name, body] of Object.entries(debScripts(made)))
    writeFileSync(join(meta, name), `#!/bin/sh\nset -e\n${body}exit 0\n`, { mode: 0o755 });
  const path = join(into, `${made.name}_${version}_${machine.deb}.deb`);
  execFileSync('dpkg-deb', ['--root-owner-group', '-Zgzip', `-z${level}`, '-b', root, path], {
    env: environment(seconds),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  rmSync(meta, { recursive: true });
  return path;
}

export function packRpm(made, root, { version, level, seconds, into, scratch }) {
  const scripts = Object.entries(rpmScripts(made)).map(([name, body]) => `%${name}\n${body}`);
  writeFileSync(
    join(scratch, 'package.spec'),
    `%global debug_package %{nil}
%global __os_install_post %{nil}
%global _build_id_links none
%global _buildhost localhost
%global use_source_date_epoch_as_buildtime 1
%global clamp_mtime_to_source_date_epoch 1
%global _binary_payload w${level}.gzdio
Name: ${made.name}
Version: ${version}
Release: 1
Summary: ${made.summary}
License: Proprietary
Packager: ${MAINTAINER}
AutoReqProv: no
Requires: /bin/sh
Requires: (glibc >= 2.28 if glibc)
Requires: (libstdc++ if glibc)
%description
${made.description.join('\n')}
%install
cp -a ${root}/. %{buildroot}/
${scripts.join('')}%files
%defattr(-,root,root,-)
/usr/lib/${made.name}
${made.files.map(([, path]) => path).join('\n')}
%config(noreplace) ${made.config[1]}
`,
  );
  execFileSync(
    'rpmbuild',
    [
      '--quiet',
      '-bb',
      '--target',
      machine.rpm,
      '--define',
      `_topdir ${scratch}/rpm`,
      join(scratch, 'package.spec'),
    ],
    { env: environment(seconds), stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const [name] = readdirSync(join(scratch, 'rpm/RPMS', machine.rpm));
  copyFileSync(join(scratch, 'rpm/RPMS', machine.rpm, name), join(into, name));
  return join(into, name);
}
