// Looks, once leave to stop was given, whether an upgrade's packages are still at hand and could still be installed, and downloads again what others have cleaned away.
import { StepFailed } from '../../shared/errors.ts';
import { PRODUCTS, upgradeFilesOf } from '../products/index.ts';
import { productPackages } from './install-product.ts';
import { packageManagerOf } from './package-managers.ts';
import type { Step } from './step.ts';
import { looked } from './telling.ts';
import { fetchedPackages } from './upgrade-need.ts';

/** Leave may have taken hours to come: with the node stopped a repository may be slow, or away, or have other versions by now. */
export const keepPackages: Step = {
  name: 'keep-packages',
  async *run(context) {
    const { input } = context;
    const [resource] = PRODUCTS[input.product].package.names;
    yield looked('packages', 'Checking if the downloaded packages are still there', { resource });
    const fetched = fetchedPackages(context);
    if (fetched === null) return;
    const manager = await packageManagerOf(context);
    const { packages } = upgradeFilesOf(input);
    const wanted = new Map(Object.entries(fetched.wanted));
    const present = await productPackages(context);
    const isUnpacked = (name: string, version: string): boolean => {
      const state = present.get(name);
      return state?.version === version && state.is !== 'absent' && !state.isHalfUnpacked;
    };
    const isDone = ([name, version]: [string, string]): boolean =>
      isUnpacked(name, version) && present.get(name)?.is === 'installed';
    if ([...wanted].every(isDone)) return;
    const gone: string[] = [];
    for (const [name, version] of wanted) {
      if (isUnpacked(name, version)) continue; // by an earlier try
      await manager.archiveOf(context, name, version, packages).catch((error: unknown) => {
        if (!(error instanceof StepFailed && error.subtype === 'package-not-kept')) throw error;
        gone.push(`${name} ${version}`);
      });
    }
    if (gone.length === 0) {
      yield* manager.rehearse(context, wanted, packages);
      return;
    }
    yield looked('packages-gone', `Removed by somebody since they were downloaded: ${gone.join(', ')}`, {
      resource,
    });
    yield* manager.download(context, wanted, packages);
  },
};
