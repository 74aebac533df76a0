// Puts back the configuration files as they were before this run, once the database node has not come back with those that it wrote.
import type { RunInput } from '../../shared/run-input.ts';
import { layoutOf } from '../products/index.ts';
import { asServing, type Serving, servingBy } from './by-files.ts';
import { readPushed, stateOf } from './pushed-files.ts';
import { digestOf, shownChange } from './rendered-files.ts';
import { type Replaced, readReplaced } from './replaced-files.ts';
import { type WrittenConfig, writtenConfig } from './restart-need.ts';
import { isReverting, type Step, type StepContext } from './step.ts';
import { changed, looked, milestone } from './telling.ts';

/**
 * Where a node that does not come back may owe that to its files. One that answers is not among them, whatever its peers see: it
 * would be stopped a second time without leave, and the one that is down may be a peer.
 */
const COMING_BACK = new Set(['start-node', 'await-native-port']);

/** With where the node answers by the files that were put back. */
export interface RevertedConfig extends WrittenConfig, Serving {}

export const revertedConfig = ({ resultOf }: Pick<StepContext, 'resultOf'>): RevertedConfig | null =>
  (resultOf('revert-config-files') ?? null) as RevertedConfig | null;

/** The run's input, and once its files were put back what they make of that: where the node answers with these. */
export function asReverted(input: RunInput, context: Pick<StepContext, 'resultOf'>): RunInput {
  const reverted = revertedConfig(context);
  return reverted === null ? input : asServing(input, reverted);
}

/** Whether a run goes back that has failed at this step: the node does not come back, and may do so with the files that there were. */
export function isRevertDue(input: RunInput, step: string, context: Pick<StepContext, 'resultOf'>): boolean {
  if (!isReverting(input) || !COMING_BACK.has(step)) return false;
  return (writtenConfig(context)?.changed.length ?? 0) > 0;
}

/** By the files that were there before. */
function servingBefore({ configs }: Replaced, input: RunInput): Promise<Serving> {
  const textOf = (name: string) => configs.find(({ path }) => path.endsWith(`/${name}`))?.text ?? null;
  return servingBy({ yaml: textOf('cassandra.yaml'), shell: textOf('cassandra-env.sh') }, input);
}

async function putBack({ host }: StepContext, path: string, text: string | null): Promise<void> {
  if (text === null) await host.remove(path);
  else await host.replaceText(path, text, 0o640); // with the rights that it has now: never more than it had
}

export const revertConfigFiles: Step = {
  name: 'revert-config-files',
  isAfterFailure: true,
  async *run(context) {
    const { host, input } = context;
    const { home: resource, pushed: pushedFile, ofCluster } = layoutOf(input);
    yield looked('config-files', 'Putting the configuration files back as they were before this run', {
      resource,
    });
    const replaced = await readReplaced(context);
    const back: string[] = [];
    // By what this run wrote, not by what is put back here: of a revert that is taken up again all files are told.
    const written = writtenConfig(context)?.changed ?? [];
    for (const { path, text } of replaced.configs) {
      if (!written.includes(path)) continue;
      back.push(path);
      const old = await host.readText(path);
      if (old === text) continue;
      await putBack(context, path, text);
      yield changed('file-contents', text === null ? `Removed ${path}` : `Put ${path} back`, {
        resource: path,
        ...(await shownChange(path, old, text ?? '')),
      });
    }
    await putBack(context, pushedFile, replaced.own.pushed);
    await putBack(context, ofCluster, replaced.own.ofCluster);
    const pushed = await readPushed(context);
    const states = replaced.configs.map(({ path, text }) => stateOf(pushed, path, text, back.includes(path)));
    const count = `Put ${back.length} configuration ${back.length === 1 ? 'file' : 'files'} back as before this run`;
    yield milestone('config-files-reverted', count, false, {
      resource,
      after: { files: back, 'checked-on': new Date(host.nowMs()).toISOString(), states },
    });
    const there = replaced.configs.map(({ path, text }) => ({ path, text: text ?? '' }));
    const serving = await servingBefore(replaced, input);
    return { changed: back, digest: digestOf(there), ...serving } satisfies RevertedConfig;
  },
};

/** The last that a run tells which went back. */
export const tellReverted: Step = {
  name: 'tell-reverted',
  isAfterFailure: true,
  async *run(context) {
    const files = revertedConfig(context)?.changed ?? [];
    yield milestone(
      'node-reverted',
      'The database node is back with the configuration of before this run',
      false,
      {
        resource: layoutOf(context.input).directory,
        after: { files },
      },
    );
  },
};
