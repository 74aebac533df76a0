// Before a restart, which writes no file: has the installed version try those that are there, where the node does not run with them.
import { posix } from 'node:path';
import { StepFailed } from '../../shared/errors.ts';
import type { StepEvent } from '../../shared/events.ts';
import { isLooking } from '../../shared/looking.ts';
import { FILES, pathOf } from '../config-files/files.ts';
import { layoutOf } from '../products/index.ts';
import { readsFilesThere } from './by-files.ts';
import { changedSince } from './check-stale.ts';
import { filesThere } from './files-there.ts';
import { LEAVE } from './leave.ts';
import { judge, type ValidatedFiles, validatedFiles, type WouldFail } from './refused-config.ts';
import { configDirectory } from './rendered-files.ts';
import { isRestartDue } from './restart-need.ts';
import type { Step, StepContext } from './step.ts';
import { stopNativeTransport } from './stop-native-transport.ts';
import { looked } from './telling.ts';
import { type Refused, removeLeft } from './try-config.ts';
import { verdictsOn } from './try-files.ts';

const thatIsThere =
  ({ input: { product, version } }: StepContext) =>
  ({ reason, resource }: Refused): string =>
    `${product} ${version} does not start with the configuration that is there (${resource}): ${reason}. The database node was left as it is: correct that file, or have a configure write it as the config profile has it`;

/** Whatever else says when a cassandra.yaml went: without one nothing is to be stopped. */
async function isAsItWas(context: StepContext, config: string, sinceMs: number): Promise<boolean> {
  const { product, install } = context.input;
  const yaml = posix.join(config, pathOf(FILES[product]['cassandra-yaml'], install.type));
  if ((await context.host.changedMs(yaml)) === null) return false;
  return (await changedSince(context, sinceMs)).files.length === 0;
}

/** @param sinceMs of what was so before the node has its start, or an earlier look, to show for it; null: it does not run */
async function* tried(
  context: StepContext,
  sinceMs: number | null,
): AsyncGenerator<StepEvent, WouldFail | null, void> {
  const { product, version } = context.input;
  const config = await configDirectory(context).catch((cause: unknown) => {
    if (cause instanceof StepFailed) return cause;
    throw cause;
  });
  const isThere = typeof config === 'string';
  if (!(await readsFilesThere(context, isThere ? config : null))) {
    const message = `Not validated by ${product} ${version} itself: the database node reads its configuration elsewhere`;
    yield looked('config-not-validated', message, { resource: layoutOf(context.input).directory });
    return null;
  }
  if (!isThere) throw config;
  if (sinceMs !== null && (await isAsItWas(context, config, sinceMs))) return null;
  const there = await filesThere(context, config, () => true);
  const message = `Having ${product} ${version} itself look at the configuration that is there`;
  yield looked('config-values', message, { resource: config });
  return yield* judge(context, config, await verdictsOn(context, [], there), thatIsThere(context));
}

const CHECKING = 'Checking if what the database node would start with is what it runs with';

/** Before leave is asked for: nothing of an unchanged node but the times of its files is looked at. */
export const validateFiles: Step = {
  name: 'validate-files',
  async *run(context) {
    const { host, input } = context;
    const { directory: resource } = layoutOf(input);
    yield looked('config-values', CHECKING, { resource });
    yield* removeLeft(context);
    // by an agent without this step, which may have stopped the node already
    if (context.resultOf(LEAVE) !== undefined) return null;
    const lookedMs = host.nowMs();
    if (!isLooking(input) && !(await isRestartDue(context))) return null;
    const running = await host.findCassandra(resource);
    const failure = yield* tried(context, running === null ? null : host.startedMs(running));
    return { lookedMs, failure } satisfies ValidatedFiles;
  },
};

/** Leave may have taken hours to come, and the files be edited meanwhile. */
export const validateFilesAgain: Step = {
  name: 'validate-files-again',
  goodUntil: stopNativeTransport.name,
  async *run(context) {
    const { directory: resource } = layoutOf(context.input);
    yield looked('config-values', CHECKING, { resource });
    yield* removeLeft(context);
    const before = validatedFiles(context);
    if (before !== null) yield* tried(context, before.lookedMs);
  },
};
