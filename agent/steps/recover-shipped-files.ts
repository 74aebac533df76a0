// Gets configuration files as packages brought them out of those packages again, where what lies in their place was written by the original, or by a job that kept nothing.
import { posix } from 'node:path';
import { StepFailed } from '../../shared/errors.ts';
import type { StepEvent } from '../../shared/events.ts';
import { filesOf, isManaged, pathOf } from '../config-files/files.ts';
import { layoutOf, upgradeFilesOf } from '../products/index.ts';
import type { PackageManager } from './package-manager.ts';
import { packageManagerOf } from './package-managers.ts';
import { readPackage } from './read-packages.ts';
import { configDirectory } from './rendered-files.ts';
import { findShipped, isOfDigest } from './shipped-file.ts';
import type { Step, StepContext } from './step.ts';
import { changed, looked } from './telling.ts';

/** A file of which only a rendering is there. */
interface LostFile {
  /** absolute */
  path: string;
  /** where it is kept once it is known; absolute */
  kept: string;
  digest: string;
}

async function lostFiles(context: StepContext, config: string): Promise<LostFile[]> {
  const { host, input } = context;
  const lost: LostFile[] = [];
  for (const [fileId, file] of filesOf(input.product)) {
    if (!isManaged(fileId, input.profile)) continue;
    const path = pathOf(file, input.install.type);
    const kept = posix.join(layoutOf(input).pristine, path);
    if ((await host.readText(kept)) !== null) continue;
    const found = await findShipped(context, config, path);
    if (found?.text === null) lost.push({ path: posix.join(config, path), kept, digest: found.digest });
  }
  return lost;
}

/** The repository may not have been read for long, or never: the job installs nothing. */
async function* downloadAgain(
  context: StepContext,
  manager: PackageManager,
  [name, version]: readonly [string, string],
  directory: string,
): AsyncGenerator<StepEvent, string, void> {
  const { host } = context;
  await host.remove(directory);
  await host.ensureDirectory(directory, 0o755);
  try {
    yield* manager.downloadAgain(context, name, version, directory);
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    yield* manager.readRepository(context);
    yield* manager.downloadAgain(context, name, version, directory);
  }
  const archive = (await host.listDirectory(directory)).find((file) => /\.(deb|rpm)$/.test(file));
  if (archive === undefined)
    throw new StepFailed(
      'package-not-kept',
      `${manager.name} did not put ${name} ${version} into ${directory}`,
    );
  return posix.join(directory, archive);
}

/** Those of one package. Nothing outside of what the agent keeps is touched. */
async function* recover(
  context: StepContext,
  owner: readonly [string, string],
  files: readonly LostFile[],
): AsyncGenerator<StepEvent, void, void> {
  const { host, input } = context;
  const { recovered } = upgradeFilesOf(input);
  const manager = await packageManagerOf(context);
  try {
    const archive = yield* downloadAgain(context, manager, owner, recovered);
    await readPackage(
      context,
      manager.asTar,
      archive,
      recovered,
      files.map(({ path }) => `.${path}`),
    );
    for (const { path, kept, digest } of files) {
      const text = await host.readText(posix.join(recovered, path));
      if (text === null || !isOfDigest(text, digest)) {
        const message = `${owner.join(' ')} of the repository has another ${path} than the one that was installed`;
        yield looked('shipped-file-lost', message, { resource: path });
        continue;
      }
      await host.ensureDirectory(posix.dirname(kept), 0o755);
      await host.replaceText(kept, text, 0o640);
      yield changed(
        'shipped-file-recovered',
        `Read ${path} as ${owner.join(' ')} brought it from that package`,
        {
          resource: path,
        },
      );
    }
  } finally {
    await host.remove(recovered);
  }
}

/** What cannot be got is told, and writing that file then fails before anything is written or stopped. */
export const recoverShippedFiles: Step = {
  name: 'recover-shipped-files',
  async *run(context) {
    const resource = await configDirectory(context);
    yield looked('shipped-files', 'Checking if the configuration files are known as packages brought them', {
      resource,
    });
    const byOwner = new Map<string, { owner: readonly [string, string]; files: LostFile[] }>();
    const manager = await packageManagerOf(context);
    for (const file of await lostFiles(context, resource)) {
      const owner = await manager.ownerOf(context, file.path);
      if (owner === null) continue;
      const known = byOwner.get(owner.join(' ')) ?? { owner, files: [] };
      byOwner.set(owner.join(' '), { owner, files: [...known.files, file] });
    }
    for (const { owner, files } of byOwner.values())
      try {
        yield* recover(context, owner, files);
      } catch (error) {
        if (!(error instanceof StepFailed)) throw error;
        const message = `What ${owner.join(' ')} brought cannot be read from that package again: ${error.message}`;
        yield looked('shipped-file-lost', message, {
          resource: files[0]?.path ?? null,
          after: { ...error.detail },
        });
      }
  },
};
