// Looks whether what was unpacked for an upgrade is the version wanted: a repository that still names the old tarball is found here.
import { StepFailed } from '../../shared/errors.ts';
import { layoutOf } from '../products/index.ts';
import { patchStep } from '../products/patch-step.ts';
import { databaseJarOf } from './database-jar.ts';
import type { Step } from './step.ts';
import { looked } from './telling.ts';
import { dueUpgrade } from './upgrade-need.ts';

export const checkUnpacked: Step = {
  name: 'check-unpacked',
  async *run(context) {
    const { host, input } = context;
    const { home, launcher } = layoutOf(input);
    yield looked('unpacked-version', `Checking which version ${home} holds`, { resource: home });
    if (dueUpgrade(context) === null) return;
    const jar = await databaseJarOf(host, input);
    const isOther = jar !== null && jar.version !== null && patchStep(jar.version, input.version) !== 'same';
    if (!isOther && (await host.exists(launcher))) return;
    // Left there, it would be taken for the version that its name says once the repository is right.
    await host.remove(home);
    const what = isOther ? `${input.product} ${jar.version}` : `no ${launcher}`;
    throw new StepFailed(
      'tarball-of-other-version',
      `The tarball holds ${what}, not ${input.product} ${input.version}`,
      {
        resource: home,
        detail: { found: jar?.version ?? null, wanted: input.version },
      },
    );
  },
};
