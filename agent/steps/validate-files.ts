// Before a restart, which writes no file: has the installed version try those that are there, where the node does not run with them.
import { posix } from 'node:path';
import { StepFailed } from '../../shared/errors.ts';
import type { StepEvent } from '../../shared/events.ts';
import { isLooking } from '../../shared/looking.ts';
import type { RunInput } from '../../shared/run-input.ts';
import { FILES, isManaged, pathOf } from '../config-files/files.ts';
import { layoutOf } from '../products/index.ts';
import { readsFilesThere, startsElsewhere, willReadFilesThere } from './by-files.ts';
import { changedSince } from './check-stale.ts';
import { type FilesThere, type FileThere, filesThere } from './files-there.ts';
import { LEAVE } from './leave.ts';
import { type PushedFiles, readPushed } from './pushed-files.ts';
import { judge, type ValidatedFiles, validatedFiles, type WouldFail } from './refused-config.ts';
import { configDirectory } from './rendered-files.ts';
import { isRestartDue } from './restart-need.ts';
import type { Step, StepContext } from './step.ts';
import { stopNativeTransport } from './stop-native-transport.ts';
import { looked } from './telling.ts';
import { type Refused, removeLeft } from './try-config.ts';
import { verdictsOn } from './try-files.ts';

/** A job writes what it manages, and follows no link; what no job has written yet may be none of its files. */
const mayBeWritten = (
  { isLink, fileId, path }: FileThere,
  { profile }: RunInput,
  pushed: PushedFiles,
): boolean => !isLink && isManaged(fileId, profile) && Object.hasOwn(pushed, path);

async function wordsFor(context: StepContext, { files }: FilesThere) {
  const { input } = context;
  const { product, version } = input;
  const pushed = await readPushed(context);
  const writable = files.filter((file) => mayBeWritten(file, input, pushed)).map(({ path }) => path);
  return ({ reason, resource }: Refused): string => {
    const orWritten = writable.includes(resource)
      ? ', or have a configure write it as the config profile has it'
      : '';
    return `${product} ${version} does not start with the configuration that is there (${resource}): ${reason}. The database node was left as it is: correct that file${orWritten}`;
  };
}

/** Whatever else says when a cassandra.yaml went: without one nothing is to be stopped. */
async function isAsItWas(context: StepContext, config: string, sinceMs: number): Promise<boolean> {
  const { product, install } = context.input;
  const yaml = posix.join(config, pathOf(FILES[product]['cassandra-yaml'], install.type));
  if ((await context.host.changedMs(yaml)) === null) return false;
  return (await changedSince(context, sinceMs)).files.length === 0;
}

/** What the files were when they were looked at last. */
interface Before {
  /** null: they are to be tried whatever was before */
  ms: number | null;
  /** of what runs, which has taken them if it reads them there; else an earlier look has */
  isStart: boolean;
}

async function* tried(
  context: StepContext,
  { ms, isStart }: Before,
): AsyncGenerator<StepEvent, WouldFail | null, void> {
  const { product, version } = context.input;
  const config = await configDirectory(context).catch((cause: unknown) => {
    if (cause instanceof StepFailed) return cause;
    throw cause;
  });
  const real = typeof config === 'string' ? config : null;
  const isRead = await readsFilesThere(context, real);
  if ((await startsElsewhere(context)) || (!isRead && !(await willReadFilesThere(context, real)))) {
    const message = `Not validated by ${product} ${version} itself: the database node reads its configuration elsewhere`;
    yield looked('config-not-validated', message, { resource: layoutOf(context.input).directory });
    return null;
  }
  if (typeof config !== 'string') throw config;
  if (ms !== null && (isRead || !isStart) && (await isAsItWas(context, config, ms))) {
    const message = isStart
      ? 'The database node runs with the files that are there: nothing is to be tried'
      : 'Nothing has changed since it was looked at before leave was asked for';
    yield looked('config-values', message, { resource: config });
    return null;
  }
  const there = await filesThere(context, config, () => true);
  const message = `Having ${product} ${version} itself look at the configuration that is there`;
  yield looked('config-values', message, { resource: config });
  const verdicts = await verdictsOn(context, [], there);
  return yield* judge(context, config, verdicts, await wordsFor(context, there));
}

/** Before leave is asked for: nothing of an unchanged node but the times of its files is looked at. */
export const validateFiles: Step = {
  name: 'validate-files',
  async *run(context) {
    const { host, input } = context;
    const { directory: resource } = layoutOf(input);
    const message = 'Checking if what the database node would start with is what it runs with';
    yield looked('config-values', message, { resource });
    yield* removeLeft(context);
    // by an agent without this step, which may have stopped the node already
    if (context.resultOf(LEAVE) !== undefined) return null;
    const lookedMs = host.nowMs();
    if (!isLooking(input) && !(await isRestartDue(context))) return null;
    const running = await host.findCassandra(resource);
    const ms = running === null ? null : host.startedMs(running);
    const failure = yield* tried(context, { ms, isStart: true });
    return { lookedMs, failure } satisfies ValidatedFiles;
  },
};

/** Leave may have taken hours to come, and the files be edited meanwhile. */
export const validateFilesAgain: Step = {
  name: 'validate-files-again',
  goodUntil: stopNativeTransport.name,
  async *run(context) {
    const { directory: resource } = layoutOf(context.input);
    const message = 'Checking if what the database node would start with was changed since it was looked at';
    yield looked('config-values', message, { resource });
    yield* removeLeft(context);
    const before = validatedFiles(context);
    if (before !== null) yield* tried(context, { ms: before.lookedMs, isStart: false });
  },
};
