// Holds the cassandra.yaml that the node would start with next against its data: the one that is to be written, or the one that is left as it is.
import { posix } from 'node:path';
import { StepFailed } from '../../shared/errors.ts';
import { FILES, isManaged, pathOf } from '../config-files/files.ts';
import { layoutOf } from '../products/index.ts';
import { readsFilesThere, startsElsewhere, willReadFilesThere } from './by-files.ts';
import { checkData, checkDataUnwritten } from './check-data.ts';
import { saysNothing } from './files-there.ts';
import { configDirectory, digestOf, type RenderedFile } from './rendered-files.ts';
import type { StepContext } from './step.ts';

const YAML = 'cassandra-yaml';

const yamlOf = (files: readonly Pick<RenderedFile, 'fileId' | 'text'>[]): string | null =>
  files.find(({ fileId }) => fileId === YAML)?.text ?? null;

/**
 * Whether the node's data goes with what is to be written; the file that is there counts while the node was started with it, and
 * where it is managed by hand.
 * @throws StepFailed `other-data`
 */
export async function checkAgainstData(context: StepContext, wanted: readonly RenderedFile[]): Promise<void> {
  const { host, input } = context;
  const yaml = yamlOf(wanted);
  if (yaml === null) return await checkFileThere(context);
  const there: RenderedFile[] = [];
  for (const file of wanted) there.push({ ...file, text: (await host.readText(file.path)) ?? '' });
  const isCurrent = (await host.readText(layoutOf(input).startedWith)) === digestOf(there);
  await checkData(context, yaml, isCurrent ? yamlOf(there) : null);
}

/** For whoever does not write it. @throws StepFailed `other-data` when the node would not start on its data with the file that is there */
export async function checkFileThere(context: StepContext): Promise<void> {
  const { host, input } = context;
  const below = pathOf(FILES[input.product][YAML], input.install.type);
  const there = await configDirectory(context)
    .then(async (config) => ({ config, text: await host.readText(posix.join(config, below)) }))
    .catch((cause: unknown) => {
      if (cause instanceof StepFailed) return null; // a link, say, that Cassandra follows and we do not
      throw cause;
    });
  if (there === null || there.text === null || saysNothing(there.text)) return; // another look tells of that
  const { config, text } = there;
  const isRead = async (): Promise<boolean> =>
    !(await startsElsewhere(context)) &&
    ((await readsFilesThere(context, config)) || (await willReadFilesThere(context, config)));
  const left = { path: posix.join(config, below), text, isManaged: isManaged(YAML, input.profile) };
  await checkDataUnwritten(context, left, isRead);
}
