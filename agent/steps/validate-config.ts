// Has the installed version load the rendered configuration, and its Java take its options, before anything is written or stopped.
import { LcmError, StepFailed } from '../../shared/errors.ts';
import { isLooking } from '../../shared/looking.ts';
import { layoutOf } from '../products/index.ts';
import { jvmOptionsOf } from '../trial/jvm-trial.ts';
import { javaMajor } from './check-java.ts';
import { isInstalledAsWanted } from './check-offer.ts';
import { checkYamlKeys } from './check-yaml-keys.ts';
import { nodeJavaOf, nodeUserOf } from './node-java.ts';
import {
  checkAgainstData,
  configDirectory,
  digestOf,
  type RenderedFile,
  renderedFiles,
} from './rendered-files.ts';
import { writtenConfig } from './restart-need.ts';
import { isInstall, isUpgrade, type Step, type StepContext } from './step.ts';
import { looked } from './telling.ts';
import {
  leftWhere,
  type Refused,
  removeLeft,
  runAsNode,
  type Trial,
  tryJvmOptions,
  tryLoading,
  type Verdict,
} from './try-config.ts';
import { dueUpgrade } from './upgrade-need.ts';

/** What a run that only looks is told of it by `resultOf`: JSON of the failure that a configure would end with. */
export interface WouldFail {
  message: string;
  resource: string;
  detail: Record<string, unknown>;
  traceback: string;
}

/** null: nothing was refused, as far as that could be told */
export const refusedConfig = ({ resultOf }: Pick<StepContext, 'resultOf'>): WouldFail | null =>
  (resultOf('validate-config') ?? null) as WouldFail | null;

/** Whether the node runs with these very files: it has taken them. */
async function isRunningWith(context: StepContext, wanted: readonly RenderedFile[]): Promise<boolean> {
  const { host, input } = context;
  const { directory, startedWith } = layoutOf(input);
  if ((await host.findCassandra(directory)) === null) return false;
  if ((await host.readText(startedWith)) !== digestOf(wanted)) return false;
  for (const { path, text } of wanted) if ((await host.readText(path)) !== text) return false;
  return true;
}

/** @throws StepFailed where it cannot be told with what it would be tried */
async function trialOf(context: StepContext, files: readonly RenderedFile[]): Promise<Trial> {
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
  return { context, files, options: jvmOptionsOf(files, major), ...user, ...java, isCertain };
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

async function verdictsOn(context: StepContext, files: readonly RenderedFile[]): Promise<Verdict[]> {
  const yaml = files.find(({ fileId }) => fileId === 'cassandra-yaml');
  try {
    const trial = await trialOf(context, files);
    const options = await tryJvmOptions(trial).catch(unknown);
    // under such options the other would not start either
    if (options.is === 'refused' || yaml === undefined) return [options];
    return [options, await tryLoading(trial, yaml).catch(unknown)];
  } catch (cause) {
    return [unknown(cause)];
  }
}

function wouldFail(
  { input }: StepContext,
  what: string,
  { reason, resource, pointer, traceback }: Refused,
): WouldFail {
  const nothing = isInstall(input) ? 'No configuration' : 'Nothing'; // the version itself is there
  const where = pointer === null ? resource : `${pointer} of ${resource}`;
  return {
    message: `${what} does not start with the configuration that is to be written (${where}): ${reason}. ${nothing} was written, and the database node was left as it is: correct that in the config profile`,
    resource,
    detail: { problems: [{ pointer, message: reason }] },
    traceback,
  };
}

const failed = ({ message, resource, detail, traceback }: WouldFail): StepFailed =>
  new StepFailed('config-refused', message, { resource, detail, traceback });

export const validateConfig: Step = {
  name: 'validate-config',
  async *run(context) {
    const { input } = context;
    const what = `${input.product} ${input.version}`;
    yield* removeLeft(context);
    if (writtenConfig(context) !== null) return null; // a run that an agent without this step began
    // what comes with another version is known once that is here; of an upgrade without one nothing is written
    if (isLooking(input) && !isInstalledAsWanted(context)) return null;
    if (isUpgrade(input) && (isLooking(input) || dueUpgrade(context) === null)) return null;
    const resource = await configDirectory(context);
    yield looked('config-values', `Having ${what} itself look at the configuration that is to be written`, {
      resource,
    });
    await checkYamlKeys(context);
    const wanted = await renderedFiles(context, resource);
    await checkAgainstData(context, wanted);
    if (await isRunningWith(context, wanted)) {
      yield looked('config-values', 'The database node runs with this very configuration', { resource });
      return null;
    }
    const verdicts = await verdictsOn(context, wanted);
    for (const { left } of verdicts) if (left !== undefined) yield leftWhere(left);
    const refused = verdicts.find((verdict) => verdict.is === 'refused');
    if (refused !== undefined) {
      const failure = wouldFail(context, what, refused);
      if (!isLooking(input)) throw failed(failure);
      const { message, detail: after } = failure;
      yield looked('config-refused', message, { resource: failure.resource, after });
      return failure;
    }
    const untold = verdicts.find((verdict) => verdict.is === 'unknown');
    if (untold === undefined) yield looked('config-values', `${what} takes it`, { resource });
    else {
      const message = `Not validated by ${what} itself, which will say what it makes of it when it starts: ${untold.why}`;
      yield looked('config-not-validated', message, { resource });
    }
    return null;
  },
};

/** For a run that only looks, once it has told all else. @throws StepFailed `config-refused`, which the job itself would end with */
export function failIfRefused(context: StepContext): void {
  const refused = refusedConfig(context);
  if (refused !== null) throw failed(refused);
}
