// Renders every managed configuration file and holds it against what is there and what was written last; writes nothing.
import { layoutOf } from '../products/index.ts';
import { isInstalledAsWanted } from './check-offer.ts';
import { checkYamlKeys } from './check-yaml-keys.ts';
import {
  checkAgainstData,
  configDirectory,
  digestOf,
  renderedFiles,
  shownChange,
  withoutEffect,
} from './rendered-files.ts';
import type { WrittenConfig } from './restart-need.ts';
import { isUpgrade, type Step } from './step.ts';
import { looked, milestone } from './telling.ts';

/** What it returns: `changed` are those that would be. */
export const comparedConfig = (result: unknown): WrittenConfig | null =>
  (result ?? null) as WrittenConfig | null;

export const compareConfigFiles: Step = {
  name: 'compare-config-files',
  async *run(context) {
    const { host, input } = context;
    const { home } = layoutOf(input);
    yield looked('config-files', 'Comparing the configuration files with what they are to be', {
      resource: home,
    });
    if (!isInstalledAsWanted(context)) {
      const message = `The files of ${input.product} ${input.version} come with it: nothing can be compared before`;
      yield looked('config-files', message, { resource: home });
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
    await checkYamlKeys(context);
    const wanted = await renderedFiles(context, resource);
    await checkAgainstData(context, wanted);
    const differing: string[] = [];
    for (const { path, text } of wanted) {
      const old = await host.readText(path);
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
    yield milestone('config-files-compared', count, false, { resource, after: { files: differing } });
    return { changed: differing, digest: digestOf(wanted) } satisfies WrittenConfig;
  },
};
