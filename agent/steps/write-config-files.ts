// Writes the rendered configuration files that differ from what is there, and keeps what was written.
import { posix } from 'node:path';
import type { RunInput } from '../../shared/run-input.ts';
import { layoutOf, upgradeFilesOf } from '../products/index.ts';
import { checkAgainstData } from './check-against-data.ts';
import { checkYamlKeys } from './check-yaml-keys.ts';
import { keepPushed, readPushed, stateOf } from './pushed-files.ts';
import {
  configDirectory,
  digestOf,
  leftToHand,
  renderedFiles,
  shownChange,
  withoutEffect,
} from './rendered-files.ts';
import { keepReplaced } from './replaced-files.ts';
import type { WrittenConfig } from './restart-need.ts';
import { isReverting, isUpgrade, type Step, type StepContext } from './step.ts';
import { changed, looked, milestone } from './telling.ts';
import { dueUpgrade } from './upgrade-need.ts';

/** Which the profile may have DSE run as. */
function groupOf(input: RunInput): string | null {
  const { group } = layoutOf(input);
  const own = input.profile['dse-default']?.['cassandra-group'];
  return group !== null && typeof own === 'string' ? own : group;
}

/** The number of a group of this host; null when it is not told of in /etc/group. */
async function groupNumber({ host }: StepContext, name: string | null): Promise<number | null> {
  const groups = name === null ? '' : ((await host.readText('/etc/group')) ?? '');
  const line = groups.split('\n').find((entry) => entry.startsWith(`${name}:`));
  return line === undefined ? null : Number(line.split(':')[2]);
}

/** Before an upgrade stops the node: renders what will be written once the new packages are there, and writes nothing of it. */
export const checkConfigFiles: Step = {
  name: 'check-config-files',
  async *run(context) {
    const resource = await configDirectory(context);
    yield looked('config-files', 'Checking if the configuration can be used by the new version', {
      resource,
    });
    if (dueUpgrade(context) === null) return;
    await checkYamlKeys(context, upgradeFilesOf(context.input).unpacked);
    await checkAgainstData(context, await renderedFiles(context, resource));
  },
};

export const writeConfigFiles: Step = {
  name: 'write-config-files',
  async *run(context) {
    const { host, input } = context;
    const config = await configDirectory(context);
    yield looked('config-files', 'Rendering the configuration files', { resource: config });
    if (isUpgrade(input) && dueUpgrade(context) === null) {
      yield looked('config-files', 'No version changes: the configuration is left as it is', {
        resource: config,
      });
      return undefined;
    }
    if (Object.keys(input.unwritten ?? {}).length > 0) yield withoutEffect(input.unwritten ?? {});
    yield* leftToHand(context, config);
    await checkYamlKeys(context);
    const wanted = await renderedFiles(context, config);
    await checkAgainstData(context, wanted);
    const group = await groupNumber(context, groupOf(input));
    context.stopping.throwIfAborted(); // from here on all files are written, so that they fit each other
    const replaced = isReverting(input) ? await keepReplaced(context, wanted) : null;
    const { ofCluster } = layoutOf(input);
    if ((await host.readText(ofCluster)) !== input.cluster.name) {
      await host.ensureDirectory(posix.dirname(ofCluster), 0o750);
      await host.replaceText(ofCluster, input.cluster.name);
    }
    const done: string[] = [];
    const pushed = await readPushed(context);
    for (const { path, text, most } of wanted) {
      const message = `Checking if the contents of ${path} need to be updated`;
      yield looked('file-contents', message, { resource: path });
      const old = await host.readText(path);
      if (old === text) continue;
      await host.ensureDirectory(posix.dirname(path), 0o755);
      await host.replaceText(path, text, 0o640, most, group);
      done.push(path);
      const isEdited = stateOf(pushed, path, old, null).state === 'edited';
      const over = isEdited ? ', over what is not as a job wrote it last' : '';
      yield changed('file-contents', `Wrote ${path}${over}`, {
        resource: path,
        ...(await shownChange(path, old, text)),
      });
    }
    const states = await keepPushed(context, wanted, done);
    const count =
      done.length === 0
        ? 'No configuration file differs'
        : `Wrote ${done.length} configuration ${done.length === 1 ? 'file' : 'files'}`;
    yield milestone('config-files-written', count, false, {
      resource: config,
      after: { files: done, 'checked-on': new Date(host.nowMs()).toISOString(), states },
    });
    // What goes back has to know of all that this run wrote, also before it was taken up again.
    const isChanged = ({ path, text }: (typeof wanted)[number]): boolean =>
      replaced?.configs.find((file) => file.path === path)?.text !== text;
    const all = replaced === null ? done : wanted.filter(isChanged).map(({ path }) => path);
    return { changed: all, digest: digestOf(wanted) } satisfies WrittenConfig;
  },
};
