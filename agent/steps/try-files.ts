// Has configuration files tried, rendered ones and those that are there: with which Java and as whom, and what must not be shown of them.
import { InvalidInput, LcmError, StepFailed } from '../../shared/errors.ts';
import { MASK } from '../../shared/mask.ts';
import { takeOut } from '../../shared/secret-settings.ts';
import { redactLines } from '../config-files/redact.ts';
import { layoutOf } from '../products/index.ts';
import { jvmOptionsOf, scriptedProperties, scriptsJvm } from '../trial/jvm-trial.ts';
import { javaMajor } from './check-java.ts';
import type { FilesThere } from './files-there.ts';
import { nodeJavaOf, nodeUserOf } from './node-java.ts';
import type { RenderedFile } from './rendered-files.ts';
import type { StepContext } from './step.ts';
import { runAsNode, type Trial, tryJvmOptions, tryLoading, type Verdict } from './try-config.ts';

/** Cassandra has it in its own file, in place of a password: everybody knows it, and it is a part of every class's name. */
const SHIPPED = 'cassandra';

/** What would be masked on its lines, as it stands there and without quotes. */
const maskedIn = (lines: readonly string[]): string[] =>
  redactLines(lines).flatMap((shown, at) => {
    if (!shown.endsWith(MASK)) return [];
    const hidden = (lines[at] ?? '').slice(shown.length - MASK.length).trim();
    return [hidden, hidden.replace(/^(["'])(.*)\1.*$/, '$2')];
  });

/** Of a file whose secrets no profile tells. */
async function secretsIn({ fileId, text }: RenderedFile): Promise<string[]> {
  const lines = text.split('\n');
  if (fileId !== 'cassandra-yaml') return maskedIn(lines);
  const { readYaml } = await import('../config-files/yaml-source.ts');
  try {
    return Object.values(takeOut(readYaml(text).values).secrets).map(String);
  } catch (cause) {
    if (!(cause instanceof InvalidInput)) throw cause;
    return maskedIn(lines);
  }
}

async function secretsOf({ secrets }: StepContext, there: readonly RenderedFile[]): Promise<string[]> {
  const ofFiles = (await Promise.all(there.map(secretsIn))).flat();
  return [...new Set([...Object.values(secrets.profile).map(String), ...ofFiles])]
    .filter((secret) => secret !== '' && secret !== SHIPPED)
    .sort((a, b) => b.length - a.length);
}

/** @throws StepFailed where it cannot be told with what it would be tried */
async function trialOf(
  context: StepContext,
  files: readonly RenderedFile[],
  there: readonly RenderedFile[],
): Promise<Trial> {
  const { host, input } = context;
  const running = await host.findCassandra(layoutOf(input).directory);
  const user = await nodeUserOf(context, running);
  const shells = files.filter(({ fileId }) => /-env-sh$|-default$/.test(fileId));
  const environment = shells.map(({ text }) => text).join('\n');
  const java = await nodeJavaOf(context, user.believed, environment);
  const majorOf = async (program: string): Promise<number | null> => {
    const { stdout, stderr } = await runAsNode(context, user, [program, '-XX:-UsePerfData', '-version']);
    return javaMajor(`${stderr}\n${stdout}`);
  };
  const major = await majorOf(java.java);
  if (major === null) throw new StepFailed('java-unsupported', `${java.java} does not tell its version`);
  // another may have been put in place since the node was started
  const isNext = java.java === 'java' || (await majorOf('java').catch(notTold)) === major;
  const isCertain = java.isCertain && isNext;
  const paths = new Set(there.map(({ path }) => path));
  const secrets = await secretsOf(context, there);
  const options = jvmOptionsOf(files, major);
  const known = [...options, ...java.properties.map((option) => ({ option, path: '' }))];
  const scripted = scriptedProperties(environment, known);
  const isJvmScripted = scriptsJvm(environment, options);
  return {
    ...{ context, files, options, scripted, isJvmScripted, there: paths, secrets },
    ...{ ...user, ...java, isCertain },
  };
}

function notTold(cause: unknown): null {
  if (!(cause instanceof LcmError)) throw cause;
  return null;
}

/** What cannot be tried is no failure: the node itself will say. */
function unknown(cause: unknown): Verdict {
  if (!(cause instanceof LcmError)) throw cause;
  return { is: 'unknown', why: cause.message };
}

export async function verdictsOn(
  context: StepContext,
  rendered: readonly RenderedFile[],
  { files: there, unread }: FilesThere,
): Promise<Verdict[]> {
  if (unread !== null) return [{ is: 'unknown', why: unread }];
  const files = [...rendered, ...there];
  const yaml = files.find(({ fileId }) => fileId === 'cassandra-yaml');
  const notText = there.find(({ fileId }) => fileId === 'cassandra-yaml')?.notText ?? null;
  try {
    const trial = await trialOf(context, files, there);
    const options = await tryJvmOptions(trial).catch(unknown);
    // under such options the other would not start either
    if (options.is === 'refused' || yaml === undefined) return [options];
    return [options, await tryLoading(trial, yaml, notText).catch(unknown)];
  } catch (cause) {
    return [unknown(cause)];
  }
}
