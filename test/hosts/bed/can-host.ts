// Whether hosts can run on this machine; where not, suites fail with the reason and never pass by skipping.
import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';

/** Programs by the Debian package that brings each. */
const NEEDED: Readonly<Record<string, string>> = {
  mmdebstrap: 'mmdebstrap',
  ip: 'iproute2',
  nsenter: 'util-linux',
  unshare: 'util-linux',
  setpriv: 'util-linux',
  flock: 'util-linux',
  'apt-ftparchive': 'apt-utils',
  'dpkg-deb': 'dpkg',
  gpg: 'gnupg',
  rpmbuild: 'rpm',
  createrepo_c: 'createrepo-c',
};

export interface Machine {
  isRoot: boolean;
  /** PATH */
  path: string;
  /** where it has its cgroups of version 2, if it has any */
  cgroups: string | undefined;
}

// Where a machine still has cgroups of version 1 as well, version 2 is one level down.
const CGROUPS = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'];

export const thisMachine = (): Machine => ({
  isRoot: process.getuid?.() === 0,
  path: process.env['PATH'] ?? '',
  cgroups: CGROUPS.find((at) => existsSync(join(at, 'cgroup.controllers'))),
});

/**
 * @returns where the cgroups are
 * @throws Error that names all that is missing
 */
export function assertCanHost({ isRoot, path, cgroups }: Machine): string {
  const missing = Object.entries(NEEDED)
    .filter(([program]) => !isOnPath(path, program))
    .map(([program, fromPackage]) => `${program} (package ${fromPackage})`);
  if (!isRoot) missing.unshift('to be root');
  if (cgroups === undefined) missing.push('cgroups of version 2');
  if (missing.length > 0 || cgroups === undefined) throw new Error(`test hosts need ${missing.join(', ')}`);
  return cgroups;
}

const isOnPath = (path: string, program: string): boolean =>
  path.split(':').some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
