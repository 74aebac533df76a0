// Has the installed version load the rendered configuration, and its Java take its options, before anything is written or stopped.
import { isLooking } from '../../shared/looking.ts';
import { isManaged } from '../config-files/files.ts';
import { layoutOf } from '../products/index.ts';
import { checkAgainstData } from './check-against-data.ts';
import { isInstalledAsWanted } from './check-offer.ts';
import { changedSince } from './check-stale.ts';
import { checkYamlKeys } from './check-yaml-keys.ts';
import { filesThere } from './files-there.ts';
import { judge } from './refused-config.ts';
import { configDirectory, digestOf, type RenderedFile, renderedFiles } from './rendered-files.ts';
import { writtenConfig } from './restart-need.ts';
import { isInstall, isUpgrade, type Step, type StepContext } from './step.ts';
import { looked } from './telling.ts';
import { type Refused, removeLeft } from './try-config.ts';
import { verdictsOn } from './try-files.ts';
import { dueUpgrade } from './upgrade-need.ts';

/** Whether the node runs with these very files: it has taken them. */
async function isRunningWith(
  context: StepContext,
  wanted: readonly RenderedFile[],
  byHand: readonly RenderedFile[],
): Promise<boolean> {
  const { host, input } = context;
  const { directory, startedWith } = layoutOf(input);
  const running = await host.findCassandra(directory);
  if (running === null) return false;
  const since = byHand.length === 0 ? [] : (await changedSince(context, host.startedMs(running))).files;
  if (byHand.some(({ path }) => since.includes(path))) return false;
  if ((await host.readText(startedWith)) !== digestOf(wanted)) return false;
  for (const { path, text } of wanted) if ((await host.readText(path)) !== text) return false;
  return true;
}

const toBeWritten =
  ({ input }: StepContext, what: string, isByHand: (path: string) => boolean) =>
  ({ reason, resource, pointer }: Refused): string => {
    const nothing = isInstall(input) ? 'No configuration' : 'Nothing'; // the version itself is there
    const left = `${nothing} was written, and the database node was left as it is`;
    if (isByHand(resource))
      return `${what} does not start with a file that is managed by hand (${resource}): ${reason}. ${left}: correct that file`;
    const where = pointer === null ? resource : `${pointer} of ${resource}`;
    return `${what} does not start with the configuration that is to be written (${where}): ${reason}. ${left}: correct that in the config profile`;
  };

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
    const byHand = await filesThere(context, resource, (fileId) => !isManaged(fileId, input.profile));
    if (await isRunningWith(context, wanted, byHand.files)) {
      yield looked('config-values', 'The database node runs with this very configuration', { resource });
      return null;
    }
    const isByHand = (path: string): boolean => byHand.files.some((file) => file.path === path);
    const verdicts = await verdictsOn(context, wanted, byHand);
    return yield* judge(context, resource, verdicts, toBeWritten(context, what, isByHand));
  },
};
