// Starts the database node, once its ports and the disk are free.
import { StepFailed } from '../../shared/errors.ts';
import type { StepEvent } from '../../shared/events.ts';
import type { ProcessId } from '../host/host.ts';
import { launchOf, layoutOf } from '../products/index.ts';
import { checkDisk } from './check-restart.ts';
import { type Changed, changedSinceStart, namesOf } from './check-stale.ts';
import { type LogSizes, lastWords, logSizes } from './last-words.ts';
import { sameProcess } from './leave.ts';
import { checkPortsFree } from './ports.ts';
import { refusalWords } from './refused-start.ts';
import { writtenConfig } from './restart-need.ts';
import { letServiceStart } from './service-hold.ts';
import { isServiceStarting, startService } from './services.ts';
import { isUpgrade, type Step, type StepContext } from './step.ts';
import { changed, looked, milestone, processView, seconds } from './telling.ts';
import { until } from './waiting.ts';

const POLL_MS = 20;

/**
 * Noted before the start: a node found running after a crash is then known as this run's, also when the crash came before
 * its pid was noted; and how long its logs were, to tell its own words from those of the node before it.
 */
interface Begun {
  /** null: not known */
  begun: LogSizes | null;
}
const isBegun = (note: unknown): note is Begun =>
  typeof note === 'object' && note !== null && 'begun' in note;

/** The same for one that is looked at once more, by what it returned. */
export function startedAt(result: unknown): Begun | undefined {
  const { started, logs = null } = (result ?? {}) as { started?: boolean; logs?: LogSizes | null };
  return started === true ? { begun: logs } : undefined;
}

function spawnNode({ host, input }: StepContext, asRoot: boolean): Promise<ProcessId> {
  const layout = layoutOf(input);
  const { argv, env } = launchOf(input, asRoot);
  return host.spawnDetached(argv, { cwd: layout.home, env, outputPath: layout.outputLog });
}

/** Whoever starts it says that it is started long before its process is there, and when it is gone again as well. */
const APPEARS_MS = 5_000;

/** @throws StepFailed `node-died` when no process is to be seen, with what the service manager and the node say */
async function* startByService(
  context: StepContext,
  service: string,
  logs: LogSizes,
): AsyncGenerator<StepEvent, ProcessId, void> {
  const { host, input } = context;
  const layout = layoutOf(input);
  const { startMs } = input.limits;
  const { said, hadFailed, isSlow, refused } = await startService(context, service, startMs);
  if (hadFailed !== null) {
    const message = `systemd had ${service}.service as failed (${hadFailed}), and starts one that failed too often no more: it was made to forget that`;
    yield changed('service-reset', message, { resource: `${service}.service` });
  }
  if (isSlow) {
    const message = `The start of the service ${service} came to no end within ${seconds(startMs)}: whether the node runs is seen by its process`;
    yield looked('service-slow', message, { resource: service });
  }
  let found: ProcessId | null = null;
  const appears = async (): Promise<boolean> => {
    found = await host.findCassandra(layout.directory);
    return found !== null;
  };
  await until(context, appears, { everyMs: POLL_MS, withinMs: APPEARS_MS });
  if (found !== null) return found;
  const { reason, lastLine, trace, detail } = await lastWords(host, layout, logs);
  const refusal = refused === null ? null : await refusalWords(context, service, refused);
  const what = refusal?.what ?? `The service ${service} was started, and no database node runs`;
  const why = reason ?? refusal?.lastLine ?? lastLine;
  const told = why === null ? what : `${what}: ${why}`;
  const more = refusal?.more ?? null;
  throw new StepFailed('node-died', more === null ? told : `${told.replace(/\.$/, '')}. ${more}`, {
    resource: service,
    detail: { ...detail, service: said, ...(refusal === null ? {} : { 'service-log': refusal.lines }) },
    traceback: trace,
  });
}

const STARTING_POLL_MS = 200;

/** One that systemd is at already, as at a boot of the host, is waited for, and not begun anew. @returns null: none runs */
async function* runningNode(
  context: StepContext,
  service: string | null,
): AsyncGenerator<StepEvent, ProcessId | null, void> {
  const { host, input } = context;
  const look = () => host.findCassandra(layoutOf(input).directory);
  let found = await look();
  if (service === null || found !== null) return found;
  if (!(await isServiceStarting(context, service))) return await look(); // what came meanwhile is seen
  const within = seconds(input.limits.startMs);
  const message = `systemd is starting the service ${service} already: that is waited for, ${within} at most`;
  yield looked('service-starting', message, { resource: service });
  const isOver = async (): Promise<boolean> => {
    if (found !== null) return true;
    const isStarting = await isServiceStarting(context, service);
    found = await look(); // after that, so that what came meanwhile is seen
    return found !== null || !isStarting;
  };
  await until(context, isOver, { everyMs: STARTING_POLL_MS, withinMs: input.limits.startMs });
  return found;
}

/** Somebody else started it, after this run had stopped it: what it does not run with is not noted as what it runs with. */
function startedTooEarly({ startedMs, files, gone }: Changed & { startedMs: number }): StepEvent {
  const startedOn = new Date(startedMs).toISOString();
  const message = `It was started meanwhile, and not by this run (${startedOn}), before these became what they are: ${namesOf(files, gone)}. It runs without them until it is restarted`;
  const event = looked('started-too-early', message, { after: { files, 'started-on': startedOn } });
  return { ...event, type: 'error' };
}

/** Returns the process to watch, and whether it was started by this run. */
export const startNode: Step = {
  name: 'start-node',
  mustReach: 'await-native-port',
  async *run(context) {
    const { host, input } = context;
    const layout = layoutOf(input);
    const config = writtenConfig(context);
    const remember = async (): Promise<void> => {
      if (config !== null) await host.replaceText(layout.startedWith, config.digest);
    };
    yield looked('process', 'Checking if the database node runs', { resource: layout.directory });
    const { stopped } = (context.resultOf('stop-node') ?? { stopped: null }) as { stopped: ProcessId | null };
    const begun = context.notes.length > 0;
    const before = context.notes.findLast(isBegun)?.begun ?? null;
    const noted = (context.notes.filter((note) => !isBegun(note)).at(-1) ?? null) as ProcessId | null;
    const running = (yield* runningNode(context, layout.service)) ?? noted;
    if (running !== null && (await host.isAlive(running))) {
      if (sameProcess(running, stopped)) {
        throw new StepFailed('node-not-stopped', `Process ${running.pid} still runs`, {
          resource: String(running.pid),
        });
      }
      yield looked('process', 'The database node runs already', { resource: String(running.pid) });
      if (layout.service !== null) await letServiceStart(context, layout.service);
      const since = begun || config === null || stopped === null ? null : await changedSinceStart(context);
      if (since !== null && since.files.length > 0) yield startedTooEarly(since);
      else if (stopped !== null || begun) await remember();
      return { process: running, started: begun, logs: before };
    }
    await checkPortsFree(context);
    const facts = await checkDisk(context, '');
    const asRoot = layout.service === null && facts['user-id'] === 0;
    if (layout.service === null)
      for (const path of [layout.run, layout.logs]) await host.ensureDirectory(path, 0o750);
    // What is written from now on, a snapshot taken before does not have.
    if (!isUpgrade(input) && (await host.exists(layout.snapshot))) await host.remove(layout.snapshot);
    const logs = await logSizes(host, layout);
    await context.note({ begun: logs } satisfies Begun);
    if (layout.service !== null) await letServiceStart(context, layout.service);
    const started =
      layout.service === null
        ? await spawnNode(context, asRoot)
        : yield* startByService(context, layout.service, logs);
    await context.note(started);
    await remember();
    yield milestone('node-started', `Started the database node${asRoot ? ' as root' : ''}`, true, {
      resource: String(started.pid),
      after: processView(started),
    });
    return { process: started, started: true, startedAtMs: host.nowMs(), logs };
  },
};
