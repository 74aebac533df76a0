// Puts the new version's packages in place of the old ones, of a node that is stopped, and keeps their scripts from starting it.
import { PRODUCTS, upgradeFilesOf } from '../products/index.ts';
import { installPackages } from './install-packages.ts';
import { holdServiceDown, letServiceStart } from './services.ts';
import type { Step } from './step.ts';
import { looked } from './telling.ts';
import { type BegunUpgrade, dueUpgrade, fetchedPackages } from './upgrade-need.ts';

export const replacePackages: Step = {
  name: 'replace-packages',
  async *run(context) {
    const { host, input } = context;
    const { service, names } = PRODUCTS[input.product].package;
    yield looked('packages', 'Checking if packages are to be replaced', { resource: names[0] });
    const upgrade = dueUpgrade(context);
    const fetched = fetchedPackages(context);
    if (upgrade === null || fetched === null) return;
    const { begun } = upgradeFilesOf(input);
    const note: BegunUpgrade = { ...upgrade, old: fetched.old };
    await host.replaceText(begun, JSON.stringify(note), 0o644);
    try {
      await holdServiceDown(context, service);
      yield* installPackages(new Map(Object.entries(fetched.wanted)), 'are-replaced').run(context);
    } finally {
      await letServiceStart(context, service);
    }
  },
};
