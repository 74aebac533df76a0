// Compares the version that is installed with the one wanted, and refuses everything but a later patch of the same series.
import { StepFailed } from '../../shared/errors.ts';
import { layoutOf } from '../products/index.ts';
import { type PatchStep, patchStep } from '../products/patch-step.ts';
import { databaseJarOf } from './database-jar.ts';
import { installedOf } from './gather-facts.ts';
import type { Step } from './step.ts';
import { looked } from './telling.ts';
import type { Upgrade } from './upgrade-need.ts';

const REFUSED: Readonly<Record<Exclude<PatchStep, 'same' | 'newer'>, string>> = {
  older: 'an upgrade does not go back to an earlier version',
  'other-series': 'an upgrade stays within one series of patch versions',
  unknown: 'these cannot be compared as versions',
};

/** Returns from which version to which; nothing when the one wanted is installed. */
export const checkUpgrade: Step = {
  name: 'check-upgrade',
  async *run(context) {
    const { host, input } = context;
    const { product, version: to } = input;
    const { directory } = layoutOf(input);
    yield looked('upgrade', 'Checking which version is installed', { resource: directory });
    const installed = await installedOf(context);
    if (installed === null) {
      throw new StepFailed(
        'not-installed',
        `No ${product} is installed in ${directory}: there is nothing to upgrade`,
        {
          resource: directory,
        },
      );
    }
    const from = installed.version;
    const refused = (why: string): StepFailed =>
      new StepFailed(
        'upgrade-refused',
        `${installed.product} ${from} to ${product} ${to}: ${why}. Nothing was stopped`,
        {
          resource: directory,
          detail: { product: installed.product, installed: from, wanted: to },
        },
      );
    if (installed.product !== product) throw refused('an upgrade does not change the product');
    const old = { ...input, version: from };
    const { home, launcher } = layoutOf(old);
    if (!(await host.exists(launcher))) {
      throw new StepFailed('not-installed', `${launcher} of the installed version is not there`, {
        resource: launcher,
      });
    }
    const jar = await databaseJarOf(host, old);
    if (jar !== null && jar.version !== null && patchStep(jar.version, from) !== 'same')
      throw refused(`${home} holds ${jar.version}, not what was installed there`);
    const step = patchStep(from, to);
    if (step === 'same') {
      yield looked('upgrade', `${product} ${to} is installed already: there is nothing to upgrade`, {
        resource: directory,
      });
      return undefined;
    }
    if (step !== 'newer') throw refused(REFUSED[step]);
    yield looked('upgrade', `${product} ${from} is to become ${to}`, {
      resource: directory,
      before: { version: from },
      after: { version: to },
    });
    return { from, to } satisfies Upgrade;
  },
};
