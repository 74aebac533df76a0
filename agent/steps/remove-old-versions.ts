// Removes what upgrades left here, but for the version before the one installed: that is the way back.
import { layoutOf } from '../products/index.ts';
import { installedOf } from './gather-facts.ts';
import type { Step } from './step.ts';
import { changed, looked } from './telling.ts';
import { keepInstalled } from './unpack-tarball.ts';
import { dueUpgrade } from './upgrade-need.ts';

/** As in a run's input: it becomes a part of a path that is removed. */
const VERSION = /^[0-9][A-Za-z0-9.+~-]{0,63}$/;

export const removeOldVersions: Step = {
  name: 'remove-old-versions',
  async *run(context) {
    const { host, input } = context;
    const { directory } = layoutOf(input);
    yield looked('old-versions', 'Checking if versions before the last one are still here', {
      resource: directory,
    });
    if (dueUpgrade(context) === null) return;
    const [last, ...older] = (await installedOf(context))?.kept ?? [];
    if (last === undefined || older.length === 0) return;
    for (const version of older.filter((one) => VERSION.test(one) && one !== input.version && one !== last)) {
      const { home, pristine, tarball } = layoutOf({ ...input, version });
      for (const path of [home, pristine, tarball, `${tarball}.sha256`]) {
        if (!(await host.exists(path))) continue;
        await host.remove(path);
        yield changed('old-version-removed', `Removed ${path}`, { resource: path });
      }
    }
    await keepInstalled(context, [last]);
  },
};
