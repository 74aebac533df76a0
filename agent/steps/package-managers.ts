// Who installs packages on this host: apt or dnf.
import { apt } from './apt-packages.ts';
import { dnf } from './dnf-packages.ts';
import type { PackageManager } from './package-manager.ts';
import type { StepContext } from './step.ts';

/** A host that has both is one of apt's, where dnf is a guest. */
export const packageManagerOf = async ({ host }: Pick<StepContext, 'host'>): Promise<PackageManager> =>
  (await host.exists('/usr/bin/dnf')) && !(await host.exists('/usr/bin/apt-get')) ? dnf : apt;
