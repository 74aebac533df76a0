// Renders every managed configuration file and holds it against what is there and what was written last; writes nothing.
import { posix } from 'node:path';
import { filesOf, isManaged, pathOf } from '../config-files/files.ts';
import { layoutOf } from '../products/index.ts';
import { checkAgainstData } from './check-against-data.ts';
import { asInstalled, isInstalledAsWanted } from './check-offer.ts';
import { checkYamlKeys } from './check-yaml-keys.ts';
import { type FileState, type PushedFiles, readPushed, stateOf } from './pushed-files.ts';
import {
  configDirectory,
  digestOf,
  leftToHand,
  renderedFiles,
  shownChange,
  withoutEffect,
} from './rendered-files.ts';
import type { WrittenConfig } from './restart-need.ts';
import { isUpgrade, type Step, type StepContext } from './step.ts';
import { looked, milestone } from './telling.ts';

/** What it returns: `changed` are those that would be. */
export const comparedConfig = (result: unknown): WrittenConfig | null =>
  (result ?? null) as WrittenConfig | null;

/** What was changed on this host since a job wrote it; the diff, where there is one, is with what the file is to be. */
function* wordsOf({ path, state, 'pushed-on': on }: FileState) {
  if (state === 'edited')
    yield looked('file-edited', `${path} was edited on this host since it was pushed (${on})`, {
      resource: path,
    });
  if (state === 'missing')
    yield looked('file-missing', `${path} was pushed (${on}), and is not there any more`, { resource: path });
}

const compared = (
  { host }: StepContext,
  resource: string,
  message: string,
  files: readonly string[],
  states: readonly FileState[],
) =>
  milestone('config-files-compared', message, false, {
    resource,
    after: { files, 'checked-on': new Date(host.nowMs()).toISOString(), states },
  });

/** Where nothing can be rendered: only what jobs wrote for the version that is there, and what became of it. */
async function* againstPushed(context: StepContext, pushed: PushedFiles) {
  const { host, input } = context;
  const resource = await configDirectory(context);
  const states: FileState[] = [];
  for (const [fileId, file] of filesOf(input.product)) {
    const path = posix.join(resource, pathOf(file, input.install.type));
    const there = await host.readText(path);
    if (!isManaged(fileId, input.profile) || (there === null && !Object.hasOwn(pushed, path))) continue;
    const state = stateOf(pushed, path, there, null);
    states.push(state);
    yield* wordsOf(state);
  }
  const message = 'Compared the configuration files with what was pushed last';
  yield compared(context, resource, message, [], states);
}

export const compareConfigFiles: Step = {
  name: 'compare-config-files',
  async *run(context) {
    const { host, input } = context;
    const { home } = layoutOf(input);
    yield looked('config-files', 'Comparing the configuration files with what they are to be', {
      resource: home,
    });
    const pushed = await readPushed(context);
    if (!isInstalledAsWanted(context)) {
      const message = `The files of ${input.product} ${input.version} come with it: nothing can be compared with them before`;
      yield looked('config-files', message, { resource: home });
      const there = asInstalled(context);
      if (there !== null) yield* againstPushed(there, pushed);
      return undefined;
    }
    if (isUpgrade(input)) {
      yield looked('config-files', 'No version changes: the configuration is left as it is', {
        resource: home,
      });
      return { changed: [], digest: '' } satisfies WrittenConfig;
    }
    const resource = await configDirectory(context);
    if (Object.keys(input.unwritten ?? {}).length > 0) yield withoutEffect(input.unwritten ?? {});
    yield* leftToHand(context, resource);
    await checkYamlKeys(context);
    const wanted = await renderedFiles(context, resource);
    await checkAgainstData(context, wanted);
    const differing: string[] = [];
    const states: FileState[] = [];
    for (const { path, text } of wanted) {
      const old = await host.readText(path);
      const state = stateOf(pushed, path, old, old !== text);
      states.push(state);
      yield* wordsOf(state);
      if (old === text) {
        yield looked('file-contents', `${path} is as it is to be`, { resource: path });
        continue;
      }
      differing.push(path);
      yield looked('file-contents', `${path} would be ${old === null ? 'written' : 'changed'}`, {
        resource: path,
        ...(await shownChange(path, old, text)),
      });
    }
    const count =
      differing.length === 0
        ? 'No configuration file would be changed'
        : `${differing.length} configuration ${differing.length === 1 ? 'file' : 'files'} would be changed`;
    yield compared(context, resource, count, differing, states);
    return { changed: differing, digest: digestOf(wanted) } satisfies WrittenConfig;
  },
};
