// The configuration files that are there, as the database node would read them at its next start: those that it may not read, or needs and has not, are refused.
import { posix } from 'node:path';
import { StepFailed } from '../../shared/errors.ts';
import { FILES, filesOf, pathOf } from '../config-files/files.ts';
import { MOST_OUTPUT } from '../host/host.ts';
import { layoutOf } from '../products/index.ts';
import { readsFilesThere } from './by-files.ts';
import { asItRuns, type NodeUser, nodeUserOf } from './node-java.ts';
import { configDirectory, type RenderedFile } from './rendered-files.ts';
import type { StepContext } from './step.ts';
import { type NotText, runAsNode } from './try-config.ts';

const READ_MS = 10_000;
const YAML = 'cassandra-yaml';

export interface FileThere extends RenderedFile {
  isLink: boolean;
  /** null: all of it is text */
  notText: NotText | null;
}

/** As they lie on this host, whoever wrote them. */
export interface FilesThere {
  files: readonly FileThere[];
  /** why one of them could not be read; null: all were that are there */
  unread: string | null;
}

/** @throws StepFailed `file-failed` where that cannot be told */
async function mayRead(context: StepContext, user: NodeUser, path: string): Promise<boolean> {
  const argv = ['test', '-r', path];
  const { exitCode, stderr } = await runAsNode(context, user, argv, { withinMs: READ_MS });
  if (exitCode === 0 || (exitCode === 1 && stderr === '')) return exitCode === 0;
  const message = `Failed looking at ${path} as ${user.who}: ${stderr.trim()}`;
  throw new StepFailed('file-failed', message, { resource: path });
}

/**
 * Asked of the node's own user, with all of its groups, and with those that the node runs with: whoever reads as root is refused nothing.
 * @returns a look at one path: as whom the node reads it; throws StepFailed `config-unreadable`, or whatever says that it cannot be told
 */
function readability(context: StepContext): (path: string) => Promise<NodeUser> {
  const { host, input } = context;
  let user: NodeUser | null = null;
  return async (path) => {
    user ??= await nodeUserOf(context, await host.findCassandra(layoutOf(input).directory));
    if (await mayRead(context, user, path)) return user;
    const running = asItRuns(user);
    if (running !== null && (await mayRead(context, running, path))) return running;
    throw new StepFailed(
      'config-unreadable',
      `${path} may not be read by ${user.who}, as which the database node starts. The database node was left as it is: let that user read the file, and enter the directories that it is in (chown or chmod)`,
      { resource: path },
    );
  };
}

/** What comes with 3.x may be left behind by later versions, which do not read it; a service reads its own as root. */
const MAY_BE_UNREAD: ReadonlySet<string> = new Set(['jvm-options', 'dse-default', 'dse-env-sh']);

/** What cannot be told is no failure. @throws StepFailed `config-unreadable` */
async function checkFilesRead(
  context: StepContext,
  config: string,
  fileIds: readonly string[],
): Promise<void> {
  const { host, input } = context;
  const check = readability(context);
  const isMissing = async (path: string): Promise<boolean> =>
    await host.changedMs(path).then(
      (ms) => ms === null,
      (cause: unknown) => {
        if (!(cause instanceof StepFailed)) throw cause;
        return false; // we may be that very user
      },
    );
  for (const [fileId, file] of filesOf(input.product)) {
    const path = posix.join(config, pathOf(file, input.install.type));
    if (!fileIds.includes(fileId) || (await isMissing(path))) continue;
    try {
      await check(path);
    } catch (cause) {
      if (!(cause instanceof StepFailed) || cause.subtype === 'config-unreadable') throw cause;
      return;
    }
  }
}

/** After a job has written its files, and before the node is stopped. @throws StepFailed `config-unreadable` */
export async function checkReadable(context: StepContext): Promise<void> {
  const fileIds = filesOf(context.input.product).map(([fileId]) => fileId);
  const read = fileIds.filter((fileId) => !MAY_BE_UNREAD.has(fileId));
  await checkFilesRead(context, await configDirectory(context), read);
}

/** Of a node that we start as the user that we are: no process has to be asked. */
async function readsOurselves({ host, input }: StepContext, config: string): Promise<boolean> {
  if (layoutOf(input).service !== null) return false;
  const path = posix.join(config, pathOf(FILES[input.product][YAML], input.install.type));
  return await host.readText(path).then(
    (text) => text !== null,
    (cause: unknown) => {
      if (!(cause instanceof StepFailed)) throw cause;
      return false;
    },
  );
}

/**
 * Of files that were changed another look tells; a directory on the way to all of them may have been closed to the node's user,
 * by which none of them is changed.
 * @throws StepFailed `config-unreadable`
 */
export async function checkStillEntered(context: StepContext): Promise<void> {
  const config = await configDirectory(context).catch((cause: unknown) => {
    if (cause instanceof StepFailed) return null; // another look tells of that
    throw cause;
  });
  if (config === null || (await readsOurselves(context, config))) return;
  if (await readsFilesThere(context, config)) await checkFilesRead(context, config, [YAML]);
}

type Read = Pick<FileThere, 'text' | 'isLink'>;

/** Cassandra follows a link, and so does whoever reads as the node: nothing that the node may not read comes to its trial. */
async function readLinked(
  context: StepContext,
  path: string,
  check: ReturnType<typeof readability>,
): Promise<Read | null> {
  // which directories the node may enter is not certain, ours are more
  if ((await context.host.run(['test', '-f', path], { withinMs: READ_MS })).exitCode !== 0) return null;
  const user = await check(path);
  // with its comments it may be longer than what is kept; one that is no ASCII may be no UTF-8 either
  const argv = ['grep', '-avE', '^[[:space:]]*(#[[:print:][:space:]]*)?$', '--', path];
  const { exitCode, stdout, stderr } = await runAsNode(context, user, argv, {
    withinMs: READ_MS,
    env: { LC_ALL: 'C' },
  });
  if (exitCode > 1) throw new StepFailed('file-failed', stderr.trim(), { resource: path });
  if (Buffer.byteLength(stdout) >= MOST_OUTPUT)
    throw new StepFailed('file-too-large', `${path} is a link to more than is read`, { resource: path });
  return { text: stdout, isLink: true };
}

/** @returns null: no file is there, or none that a node could read */
async function readThere(
  context: StepContext,
  path: string,
  check: ReturnType<typeof readability>,
): Promise<Read | null> {
  try {
    const text = await context.host.readText(path);
    if (text === null) return null;
    await check(path);
    return { text, isLink: false };
  } catch (cause) {
    if (!(cause instanceof StepFailed)) throw cause;
    if (cause.subtype === 'not-a-file') return null;
    if (cause.subtype === 'symlink-refused') return await readLinked(context, path, check);
    if (cause.subtype !== 'config-unreadable') await check(path); // we may be that very user
    throw cause;
  }
}

const REPLACED = '\uFFFD';
const UTF16 = /^(?:\xFE\xFF|\xFF\xFE)/;
const isText = (bytes: string): boolean => {
  const own = Buffer.from(bytes, 'latin1');
  return Buffer.from(own.toString()).equals(own);
};

/** Cassandra refuses such bytes, in a comment too. */
async function notTextOf(
  { host }: StepContext,
  path: string,
  { text, isLink }: Read,
): Promise<NotText | null> {
  if (!text.includes(REPLACED)) return null;
  const why = 'its cassandra.yaml has bytes that are no UTF-8';
  const bytes = isLink ? null : await host.readText(path, undefined, 'latin1');
  if (bytes === null || UTF16.test(bytes)) return { why, bytes: null };
  const line = bytes.split('\n').findIndex((one) => !isText(one));
  return line === -1 ? null : { why: `line ${line + 1} of ${why}`, bytes };
}

/** Nothing but comments, if that. */
export const saysNothing = (text: string): boolean => !/^[ \t]*[^\s#]/m.test(text);

/** Of a file that a node does not start without, or comes back as another without; a full disk leaves an empty one. */
function whatLacks(fileId: string, text: string | null): string | null {
  if (text === null) return 'is not there, or leads to no file';
  if (fileId !== YAML || !saysNothing(text)) return null;
  return 'is empty, or has nothing but comments';
}

const without = (fileId: string): string =>
  fileId === 'cassandra-env-sh'
    ? 'the database node would come back without its heap and its JMX port'
    : 'the database node does not start without it';

/** They fail whoever looks, at once. */
const FATAL: readonly string[] = ['config-file-missing', 'config-unreadable'];

/**
 * @param config the directory of the layout that is there
 * @param isMeant by file id
 * @throws StepFailed `config-file-missing` without a file that every version comes with and reads, `config-unreadable`
 */
export async function filesThere(
  context: StepContext,
  config: string,
  isMeant: (fileId: string) => boolean,
): Promise<FilesThere> {
  const { input } = context;
  const check = readability(context);
  const files: FileThere[] = [];
  let unread: string | null = null;
  for (const [fileId, file] of filesOf(input.product).filter(([fileId]) => isMeant(fileId))) {
    const path = posix.join(config, pathOf(file, input.install.type));
    try {
      const read = await readThere(context, path, check);
      const lacks = file.whenMissing === 'fail' ? whatLacks(fileId, read?.text ?? null) : null;
      if (lacks !== null)
        throw new StepFailed(
          'config-file-missing',
          `${path} ${lacks}, and ${without(fileId)}. It was left as it is: put that file back`,
          { resource: path },
        );
      if (read === null) continue;
      const notText = fileId === YAML ? await notTextOf(context, path, read) : null;
      files.push({ fileId, path, ...read, notText, most: undefined });
    } catch (cause) {
      if (!(cause instanceof StepFailed)) throw cause;
      if (FATAL.includes(cause.subtype) && !MAY_BE_UNREAD.has(fileId)) throw cause;
      unread ??= cause.message;
    }
  }
  return { files, unread };
}
