// Looks whether what was unpacked is the version wanted: a repository that names the tarball of another one is found here.
import { posix } from 'node:path';
import { StepFailed } from '../../shared/errors.ts';
import { shownUrl } from '../../shared/mask.ts';
import { patchStep } from '../../shared/upgrade-step.ts';
import { layoutOf } from '../products/index.ts';
import { databaseJarOf } from './database-jar.ts';
import type { Step, StepContext } from './step.ts';
import { looked } from './telling.ts';
import { dueUpgrade } from './upgrade-need.ts';

/** @throws StepFailed `tarball-of-other-version` that names the repository, the tarball and what is in it; nothing of it is left unpacked */
export async function checkHolds({ host, input }: Pick<StepContext, 'host' | 'input'>): Promise<void> {
  const { product, version, repository } = input;
  const { home, launcher } = layoutOf(input);
  const jar = await databaseJarOf(host, input);
  const isOther = jar !== null && jar.version !== null && patchStep(jar.version, version) !== 'same';
  if (!isOther && (await host.exists(launcher))) return;
  // Left there, it would be taken for the version that its name says once the repository is right.
  await host.remove(home);
  const url = repository === null ? null : shownUrl(repository.url);
  const whose = repository?.name === undefined ? '' : ` of the repository ${repository.name}`;
  const what = isOther ? `${product} ${jar.version}` : `no ${posix.relative(home, launcher)}`;
  const orVersion = isOther ? `, or the config profile the datastax-version ${jar.version}` : '';
  throw new StepFailed(
    'tarball-of-other-version',
    `The tarball${url === null ? '' : ` ${url}`}${whose} holds ${what}, not ${product} ${version}. Give the repository the repo-url of a tarball of ${version}${orVersion}`,
    {
      resource: url ?? home,
      detail: {
        repository: repository?.name ?? null,
        found: jar?.version ?? null,
        jar: jar === null ? null : posix.basename(jar.path),
        wanted: version,
      },
    },
  );
}

/** Of an upgrade, also where an earlier try unpacked it. */
export const checkUnpacked: Step = {
  name: 'check-unpacked',
  async *run(context) {
    const { home } = layoutOf(context.input);
    yield looked('unpacked-version', `Checking which version ${home} holds`, { resource: home });
    if (dueUpgrade(context) !== null) await checkHolds(context);
  },
};
