// What the installed version and its Java say to configuration files that the node does not run with: each in a process of its own, away from the node.
import { randomUUID } from 'node:crypto';
import { posix } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LcmError, pointerTo } from '../../shared/errors.ts';
import type { StepEvent } from '../../shared/events.ts';
import { MASK } from '../../shared/mask.ts';
import { redactLines } from '../config-files/redact.ts';
import { settingsOf } from '../config-files/settings.ts';
import type { CommandResult } from '../host/host.ts';
import { launchOf, layoutOf, PRODUCTS } from '../products/index.ts';
import {
  HARMLESS,
  type JvmOption,
  loadingOptions,
  missedProperties,
  mostHeapOf,
  triedOptions,
} from '../trial/jvm-trial.ts';
import { LOADER, loaderClass, REFUSED } from '../trial/loader-class.ts';
import { jvmRefusalIn, refusalIn, type Said, withoutExcerpts } from '../trial/refusal.ts';
import { asAccount, type NodeJava, type NodeUser } from './node-java.ts';
import type { RenderedFile } from './rendered-files.ts';
import type { StepContext } from './step.ts';
import { looked } from './telling.ts';
import { leaving, ticking } from './waiting.ts';

const YAML = 'cassandra-yaml';
/** Loading takes a JVM some two seconds; on a host under load several times that. */
const LOAD_MS = 90_000;
const VERSION_MS = 30_000;
/** Longer than any trial takes, of whatever agent of this user. */
const OLD_MS = 10 * 60_000;
const PREFIX = 'ringmaster-config-';
const MOST_SAID = 500;
const MOST_TRACE_LINES = 60;

export interface Refused {
  is: 'refused';
  /** in the version's own words */
  reason: string;
  /** the file */
  resource: string;
  /** of the setting in the profile; null: not known */
  pointer: string | null;
  /** all that was said */
  traceback: string;
}

/** `unknown`: whether it is good or bad could not be told. */
export type Verdict = ({ is: 'good' } | { is: 'unknown'; why: string } | Refused) & {
  /** why files of the trial are still there, where they are */
  left?: string;
};

/** All that a trial needs to know. */
export interface Trial extends NodeJava, NodeUser {
  context: StepContext;
  files: readonly RenderedFile[];
  options: readonly JvmOption[];
  /** names of properties that only the start script has */
  scripted: readonly string[];
  /** whether only the start script may have what its Java takes the options with */
  isJvmScripted: boolean;
  /** paths of those that are there as they are tried: what stands in them is not the profile's */
  there: ReadonlySet<string>;
  /** which nobody is shown, the longest first: one may be a part of another */
  secrets: readonly string[];
}

/** Of a file with bytes that are no UTF-8, in place of which its text has others. */
export interface NotText {
  why: string;
  /** each as one character; null: not to be had, or of another encoding */
  bytes: string | null;
}

/** @throws StepFailed as `Host.run` does; whatever the run is stopped with */
export function runAsNode(
  context: StepContext,
  { account }: Pick<NodeUser, 'account'>,
  argv: readonly string[],
  more: { withinMs?: number; cwd?: string; env?: Record<string, string> } = {},
): Promise<CommandResult> {
  const options = { withinMs: VERSION_MS, signal: leaving(context), ...more };
  // should we be killed before it ends
  const limit = ['-k', '1', String(Math.ceil(options.withinMs / 1_000) + 5)];
  const [program = '', ...rest] = ['timeout', ...limit, ...asAccount(account), ...argv];
  return ticking(context, context.host.run([program, ...rest], options));
}

/** What is shown of it has paths as they are to be, and no secret of the profile or of a file. */
function saidBy(
  { secrets }: Trial,
  { stdout, stderr }: CommandResult,
  moved: readonly [string, string][] = [],
): Said {
  const raw = withoutExcerpts(`${stderr}\n${stdout}`);
  let shown = raw;
  for (const secret of secrets)
    shown = shown.replaceAll(secret, MASK + '\n'.repeat(secret.split('\n').length - 1));
  for (const [from, to] of moved) shown = shown.replaceAll(from, to);
  return { raw, shown: redactLines(shown.split('\n')).join('\n') };
}

const firstOf = ({ shown }: Said, exitCode: number): string =>
  shown.trim().split('\n', 1)[0]?.slice(0, MOST_SAID) || `Java ended with exit code ${exitCode}`;

const traceOf = ({ shown }: Said): string => shown.trim().split('\n').slice(0, MOST_TRACE_LINES).join('\n');

export async function tryJvmOptions(trial: Trial): Promise<Verdict> {
  const tried = triedOptions(trial.options);
  if (tried.length === 0) return { is: 'good' };
  const argv = [trial.java, ...tried.map(({ option }) => option), ...HARMLESS, '-version'];
  const result = await runAsNode(trial.context, trial, argv);
  if (result.exitCode === 0) return { is: 'good' };
  const said = saidBy(trial, result);
  const unknown = (why: string, words: string): Verdict => ({ is: 'unknown', why: `${why}: ${words}` });
  const refusal = jvmRefusalIn(said);
  if (refusal === null)
    return unknown('a JVM with these options did not start', firstOf(said, result.exitCode));
  const { raw, shown: reason } = refusal;
  if (!trial.isCertain)
    return unknown('with which Java the node starts is not certain, and the one at hand says', reason);
  if (trial.isJvmScripted)
    return unknown('lines of the start script may have it take them; without those Java says', reason);
  const name = /'[-+]*(\w+)/.exec(raw)?.[1] ?? /\b(\w+)=/.exec(raw)?.[1] ?? null;
  const own = tried.find(({ option }) => name !== null && option.includes(name)) ?? tried.at(-1);
  return { is: 'refused', reason, resource: own?.path ?? '', pointer: null, traceback: traceOf(said) };
}

/** The setting of the profile that it is about: by its name, or by its value. */
function pointerOf({ context, there }: Trial, path: string, key: string | null, reason: string) {
  if (there.has(path)) return null;
  if (key !== null) return pointerTo(YAML, key);
  const settings = [...settingsOf(context.input.profile, YAML)];
  const named = settings.find(([name]) => new RegExp(`(?<![\\w.])${name}(?!\\w)`).test(reason));
  const valued = settings.find(
    ([, value]) => typeof value === 'string' && value.length > 3 && reason.includes(value),
  );
  const [found] = named ?? valued ?? [null];
  return found === null ? null : pointerTo(YAML, found);
}

const NO_LOG = '<configuration><root level="OFF"/></configuration>\n';

/** Where the files lie while they are tried: what is made is noted first, so that whoever takes up the run removes it. */
async function inPrivate(context: StepContext, work: (name: string) => Promise<Verdict>): Promise<Verdict> {
  const name = `${PREFIX}${randomUUID()}`;
  await context.note({ private: name });
  const remove = async (): Promise<string | null> => {
    try {
      await context.host.removePrivate(name);
      return null;
    } catch (cause) {
      if (!(cause instanceof LcmError)) throw cause;
      return cause.message;
    }
  };
  const verdict = await work(name).catch(async (cause: unknown) => {
    await remove(); // what the work ended with is more: it may be that the run is to stop
    throw cause;
  });
  const left = await remove();
  return left === null ? verdict : { ...verdict, left };
}

/** What an agent that was killed has left, of this run or of others. What cannot be removed is told, and in nobody's way. */
export async function* removeLeft({ host, notes }: StepContext): AsyncGenerator<StepEvent, void, void> {
  const noted = notes.map((note) => (note as { private: string }).private);
  for (const name of new Set([...noted, ...(await host.oldPrivates(PREFIX, OLD_MS))]))
    try {
      await host.removePrivate(name);
    } catch (cause) {
      if (!(cause instanceof LcmError)) throw cause;
      yield leftWhere(cause.message);
    }
}

/** @param why they could not be removed, with where they are */
export const leftWhere = (why: string): StepEvent => looked('temporary-files', `Left where they are: ${why}`);

/**
 * @param notText of that file, where it is no UTF-8: its version is given its very bytes
 * @throws StepFailed where it cannot be tried, as `runAsNode` does
 */
export async function tryLoading(
  trial: Trial,
  yaml: RenderedFile,
  notText: NotText | null,
): Promise<Verdict> {
  const { context, classPath, account, files, secrets } = trial;
  const { host, input } = context;
  const { configLoader } = PRODUCTS[input.product];
  if (configLoader === null)
    return { is: 'unknown', why: `how ${input.product} loads it by itself is not known here` };
  if (classPath === null) return { is: 'unknown', why: trial.lacks };
  const { awayFromNode } = await import('../trial/away-from-node.ts');
  const { doubtOf } = await import('../trial/doubts.ts');
  const { STRANGE_KEY, whyUnread, withStrangeKey } = await import('../trial/unread-yaml.ts');
  const unread = notText?.why ?? whyUnread(yaml.text);
  const [text, encoding] =
    notText === null ? [yaml.text, 'utf8' as const] : [notText.bytes, 'latin1' as const];
  const strange = unread === null || text === null ? null : withStrangeKey(text);
  // what the node was given runs ahead, so that what it will be given wins
  const options = [...trial.properties.map((option) => ({ option, path: '' })), ...trial.options];
  const missed = [...missedProperties(options, secrets), ...trial.scripted];
  // another loader may take a key that no version has, and go on to the directories that are in the file
  if (unread !== null && (strange === null || missed.length > 0)) return { is: 'unknown', why: unread };
  const config = posix.dirname(yaml.path);
  const { service, home } = layoutOf(input);
  const cwd = service === null ? home : '/'; // relative paths count from there, as those of a node that we start do
  const own =
    service === null ? launchOf(input, false).env : { CASSANDRA_HOME: home, CASSANDRA_CONF: config };
  const beside = files.filter(({ path }) => posix.dirname(path) === config && path.endsWith('.properties'));
  const rootOf = (directory: string): string => posix.join(directory, 'work', 'root');
  const filesIn = (directory: string) =>
    new Map<string, string | Uint8Array>([
      ...beside.map(({ path, text }): [string, string] => [`conf/${posix.basename(path)}`, text]),
      [
        'conf/cassandra.yaml',
        strange === null ? awayFromNode(yaml.text, rootOf(directory), cwd) : Buffer.from(strange, encoding),
      ],
      ['conf/logback.xml', NO_LOG],
      [`conf/${LOADER}.class`, loaderClass(configLoader)],
    ]);
  const heap = mostHeapOf(files, options);
  return await inPrivate(context, async (name): Promise<Verdict> => {
    const directory = await host.makePrivate(name, filesIn, account);
    const [conf, work] = [posix.join(directory, 'conf'), posix.join(directory, 'work')];
    const inConf = (file: string): string => pathToFileURL(posix.join(conf, file)).href;
    const argv = [
      trial.java,
      ...loadingOptions(options, secrets),
      ...(heap === null ? [] : [`-Xmx${heap}`]), // some limits are parts of it: it is reserved, and not touched
      ...[...HARMLESS, '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'],
      `-XX:HeapDumpPath=${work}`, // the start script has one, and a version may insist on it
      `-Dcassandra.config=${inConf('cassandra.yaml')}`,
      `-Dlogback.configurationFile=${inConf('logback.xml')}`,
      ...['cassandra.logdir', 'cassandra.storagedir', 'java.io.tmpdir', 'jna.tmpdir'].map(
        (property) => `-D${property}=${work}`,
      ),
      ...['-cp', [conf, config, classPath].join(':'), LOADER],
    ];
    const env = { ...own, HOME: work };
    const result = await runAsNode(context, trial, argv, { withinMs: LOAD_MS, cwd, env });
    if (result.exitCode === 0) return { is: 'good' };
    const said = saidBy(trial, result, [
      [rootOf(directory), ''],
      [conf, config],
    ]);
    const refusal = result.exitCode === REFUSED ? refusalIn(said) : null;
    if (refusal === null) return { is: 'unknown', why: firstOf(said, result.exitCode) };
    const likeness = {
      isCertain: trial.isCertain,
      hasNodesClassPath: trial.hasNodesClassPath,
      isService: service !== null,
      missed,
    };
    // as it was said: a secret may be a part of our own key
    const isOfOurKey = `${result.stdout}${result.stderr}`.includes(STRANGE_KEY);
    if (unread !== null && isOfOurKey) return { is: 'unknown', why: unread };
    const doubt = unread === null ? doubtOf(yaml.text, said.raw, likeness) : null;
    if (doubt !== null) return { is: 'unknown', why: `${doubt}; there it says: ${refusal.reason}` };
    const pointer = pointerOf(trial, yaml.path, refusal.key, refusal.reason);
    return {
      is: 'refused',
      reason: notText === null ? refusal.reason : `${notText.why} (${refusal.reason})`,
      resource: yaml.path,
      pointer,
      traceback: traceOf(said),
    };
  });
}
