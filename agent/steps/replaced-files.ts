// What a run that may go back has replaced: kept whole on this host until it is of no more use, readable by the agent's own user alone.
import { posix } from 'node:path';
import { StepFailed } from '../../shared/errors.ts';
import type { RunInput } from '../../shared/run-input.ts';
import type { JournalStep } from '../disk/journal-state.ts';
import type { Host } from '../host/host.ts';
import { layoutOf } from '../products/index.ts';
import { type RenderedFile, sha256 } from './rendered-files.ts';
import type { StepContext } from './step.ts';

/** Files with secrets are in it. */
const OWN = 0o600;
/** All configuration files of a node, each of 4 MiB at most. */
const MOST_BYTES = 64 * 1024 * 1024;

/** Stands for bytes that are no UTF-8, and may be in a text as well. */
const UNREADABLE = '\uFFFD';

/** Texts; null: there was none. */
export interface Replaced {
  /** in the order in which they are to be put back */
  configs: { path: string; text: string | null }[];
  /** what the agent keeps of them besides: the layout says where */
  own: { pushed: string | null; ofCluster: string | null };
}

/** @throws StepFailed `not-utf-8` where the text would not give the bytes back */
async function textOf(host: Host, path: string): Promise<string | null> {
  const text = await host.readText(path);
  if (text?.includes(UNREADABLE) && (await host.sha256(path)) !== sha256(text)) {
    const message = `${path} is not UTF-8 text, and so could not be put back as it is: save it as UTF-8, or run the job without revert-on-failure. Nothing was written`;
    throw new StepFailed('not-utf-8', message, { resource: path });
  }
  return text;
}

/**
 * Before the first of them is written. It is one file, and noted: of a run that is taken up again the first look is the one that counts.
 * @throws StepFailed when that is gone, or a file could not be put back
 */
export async function keepReplaced(context: StepContext, wanted: readonly RenderedFile[]): Promise<Replaced> {
  if (context.notes.length > 0) return await readReplaced(context);
  const { host, input } = context;
  const { replaced, notPutBack, pushed, ofCluster } = layoutOf(input);
  const own = { pushed: await host.readText(pushed), ofCluster: await host.readText(ofCluster) };
  const kept: Replaced = { configs: [], own };
  for (const { path } of wanted) kept.configs.push({ path, text: await textOf(host, path) });
  await host.ensureDirectory(posix.dirname(replaced), 0o750);
  const text = JSON.stringify(kept);
  const earlier = await host.readText(replaced, MOST_BYTES);
  // The same where this run was killed here. Of several that were left the oldest is of the files with which the node ran last.
  if (earlier !== null && earlier !== text && !(await host.exists(notPutBack)))
    await host.replaceText(notPutBack, earlier, OWN, OWN);
  await host.replaceText(replaced, text, OWN, OWN);
  await context.note({ kept: true });
  return kept;
}

/** @throws StepFailed when it is gone */
export async function readReplaced({ host, input }: StepContext): Promise<Replaced> {
  const { replaced } = layoutOf(input);
  const text = await host.readText(replaced, MOST_BYTES);
  if (text !== null) return JSON.parse(text) as Replaced;
  const message = `Nothing can be put back: ${replaced}, which held the files as they were before this run, is gone`;
  throw new StepFailed('replaced-files-gone', message, { resource: replaced });
}

/** How a run stands to what it replaced: it keeps nothing, or what is of no more use once it is over, or the only copy of files that it did not put back. */
export function keepingOf(steps: readonly JournalStep[]): 'nothing' | 'no-more-use' | 'not-put-back' {
  const of = (name: string) => steps.find((step) => step.name === name);
  if ((of('write-config-files')?.notes.length ?? 0) === 0) return 'nothing';
  const revert = of('revert-config-files');
  return revert?.started === true && !revert.finished ? 'not-put-back' : 'no-more-use';
}

/** @param andEarlier also what an earlier run could not put back */
export async function dropReplaced(
  host: Pick<Host, 'exists' | 'remove'>,
  input: Pick<RunInput, 'product' | 'version' | 'install'>,
  andEarlier: boolean,
): Promise<void> {
  const { replaced, notPutBack } = layoutOf(input);
  for (const path of andEarlier ? [replaced, notPutBack] : [replaced])
    if (await host.exists(path)) await host.remove(path);
}
