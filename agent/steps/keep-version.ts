// Notes the version that an upgrade brought up as the one installed; until then the old one is, and a restart goes back to it.
import { layoutOf, upgradeFilesOf } from '../products/index.ts';
import { installedOf } from './gather-facts.ts';
import type { Step, StepContext } from './step.ts';
import { looked, milestone } from './telling.ts';
import { keepInstalled } from './unpack-tarball.ts';
import { dueUpgrade, isMajor, snapshotTaken, type Upgrade } from './upgrade-need.ts';

/** Of a major upgrade, which has no way back. */
export function restoring(context: StepContext, { from, to }: Upgrade): string {
  const tag = snapshotTaken(context)?.tag;
  const whence = tag === undefined ? 'a snapshot or backup from before it' : `the snapshot ${tag}`;
  return `${to} may have written what ${from} does not read, and a downgrade is not supported: ${from} starts again only on data restored from ${whence}`;
}

const noWayBack = (context: StepContext, upgrade: Upgrade): string =>
  isMajor(context, upgrade) ? `. ${restoring(context, upgrade)}` : '';

export const keepVersion: Step = {
  name: 'keep-version',
  async *run(context) {
    const { host, input } = context;
    const { installed: path, snapshot } = layoutOf(input);
    yield looked('version', 'Checking which version is noted as installed', { resource: path });
    const upgrade = dueUpgrade(context);
    if (upgrade === null) return;
    const installed = await installedOf(context);
    if (installed?.version !== upgrade.to) {
      const older = (installed?.kept ?? []).filter((version) => version !== upgrade.from);
      await keepInstalled(context, [upgrade.from, ...older]);
    }
    if (await host.exists(snapshot)) await host.remove(snapshot); // no try is to come that would need to know of it
    yield milestone(
      'upgraded',
      `Upgraded from ${upgrade.from} to ${upgrade.to}; ${upgrade.from} is kept beside it${noWayBack(context, upgrade)}`,
      true,
      {
        resource: path,
        before: { version: upgrade.from },
        after: { version: upgrade.to },
      },
    );
  },
};

/** Of packages dpkg or rpm notes the version: here the upgrade itself is over. */
export const keepPackageVersion: Step = {
  name: keepVersion.name,
  async *run(context) {
    const { host, input } = context;
    const { begun, unpacked, packages } = upgradeFilesOf(input);
    yield looked('version', 'Checking if an upgrade is to be closed', { resource: begun });
    const upgrade = dueUpgrade(context);
    if (upgrade === null) return;
    for (const path of [packages, unpacked, layoutOf(input).snapshot, begun]) await host.remove(path);
    const message = `Upgraded from ${upgrade.from} to ${upgrade.to}${noWayBack(context, upgrade)}`;
    yield milestone('upgraded', message, true, {
      resource: begun,
      before: { version: upgrade.from },
      after: { version: upgrade.to },
    });
  },
};
