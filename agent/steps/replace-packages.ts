// Puts the new version's packages in place of the old ones, of a node that is stopped, and holds it down until it is configured.
import { layoutOf, PRODUCTS, upgradeFilesOf } from '../products/index.ts';
import { heldDown } from './install-product.ts';
import { stillOnLeave } from './leave.ts';
import { packageManagerOf } from './package-managers.ts';
import { isHeldDown } from './service-hold.ts';
import { stopService } from './services.ts';
import type { Step } from './step.ts';
import { changed, looked } from './telling.ts';
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
    const running = await host.findCassandra(layoutOf(input).directory);
    // the old version, which a boot after the stop has started: it serves again, and nobody has given leave for that
    if (running !== null && !(await isHeldDown(host, service))) yield* stillOnLeave(context, running, true);
    const { begun, packages } = upgradeFilesOf(input);
    const note: BegunUpgrade = { ...upgrade, old: fetched.old };
    await host.replaceText(begun, JSON.stringify(note), 0o644);
    const manager = await packageManagerOf(context);
    yield* heldDown(context, manager.replace(new Map(Object.entries(fetched.wanted)), packages));
    // An operator's own policy-rc.d(8) goes before ours: it is to start with its own configuration alone.
    if ((await host.findCassandra(layoutOf(input).directory)) === null) return;
    await stopService(context, service, input.limits.stopMs);
    yield changed('service-stopped', `Stopped ${service}, which the packages had started`, {
      resource: service,
    });
  },
};
