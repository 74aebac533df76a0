// How a run that did not come to its end leaves the database node, and what its operator does then.
import { posix } from 'node:path';
import { isLooking } from '../shared/looking.ts';
import type { RunInput } from '../shared/run-input.ts';
import type { JournalRun, JournalStep } from './disk/journal-state.ts';
import type { Host, ProcessId } from './host/host.ts';
import { layoutOf } from './products/index.ts';
import { keepingOf } from './steps/replaced-files.ts';
import { writtenConfig } from './steps/restart-need.ts';
import { revertedConfig } from './steps/revert-config-files.ts';
import { isHeldDown } from './steps/service-hold.ts';
import { isInstall, isReverting, isUpgrade, jobOf, type Step } from './steps/step.ts';

export interface NodeLeft {
  /** its process is there */
  runs: boolean;
  /** by this run: `closed` means that it may serve no clients, be drained or be down */
  was: 'not-touched' | 'closed' | 'started';
  /** configuration files that this run changed and has not put back, absolute */
  wrote: readonly string[];
  /** it has put back those that it changed */
  isReverted: boolean;
  /** where those are as they were before, of a run that did not put them all back; null: nowhere, or it is not that */
  keptIn: string | null;
  /** the service that is held down, since packages were installed and their configuration was not written; null: none is */
  held: string | null;
  /** the host, in the middle of this run */
  wasRebooted: boolean;
}

/** Of a run that is past its gate: one that need not restart the node goes through these steps and leaves it alone. */
function wasTouched(stop: JournalStep | undefined, start: JournalStep | undefined): NodeLeft['was'] {
  if (start?.finished !== true) return 'closed';
  const { stopped = null } = (stop?.result ?? {}) as { stopped?: ProcessId | null };
  const { started = false } = (start.result ?? {}) as { started?: boolean };
  return started || stopped !== null ? 'started' : 'not-touched';
}

/** @param run as it is journalled @throws StepFailed when processes cannot be looked at */
export async function nodeLeft(
  host: Pick<Host, 'findCassandra' | 'exists' | 'readText'>,
  input: RunInput,
  steps: readonly Step[],
  { steps: known, wasRebooted = false }: Pick<JournalRun, 'steps' | 'wasRebooted'>,
): Promise<NodeLeft> {
  const of = (name: string) => known.find((step) => step.name === name);
  const isTouched = steps.some(({ name, mustReach }) => mustReach !== undefined && of(name)?.started);
  const resultOf = (name: string) => of(name)?.result;
  const isReverted = revertedConfig({ resultOf }) !== null;
  const { directory, replaced, service } = layoutOf(input);
  const isKept = keepingOf(known) === 'not-put-back' && (await host.exists(replaced));
  return {
    runs: (await host.findCassandra(directory)) !== null,
    was: isTouched ? wasTouched(of('stop-node'), of('start-node')) : 'not-touched',
    wrote: isReverted ? [] : (writtenConfig({ resultOf })?.changed ?? []),
    isReverted,
    keptIn: isKept ? replaced : null,
    held: service !== null && (await isHeldDown(host, service)) ? service : null,
    wasRebooted,
  };
}

/** In the API's words. */
export const nodeLeftView = ({ runs, wrote }: NodeLeft) => ({ 'node-runs': runs, 'files-written': wrote });

const REBOOTED = 'The host was rebooted in the middle of this run (host-rebooted)';

const fileNames = (paths: readonly string[]): string => paths.map((path) => posix.basename(path)).join(', ');

const wordsOfHold = ({ held }: NodeLeft): string | null =>
  held && `The service ${held} is held down until a job has written the configuration of what was installed`;

/** What to add to a failure; null: the node is no worse than before. */
export function wordsOfFailure(left: NodeLeft, input: RunInput): string | null {
  const kept =
    left.keptIn &&
    `The configuration files were not all put back: ${left.keptIn} has them as they were before this run, until a job of this node succeeds`;
  const rebooted = left.wasRebooted ? REBOOTED : null;
  const words = [rebooted, wordsOfNode(left, input), wordsOfHold(left), kept].filter((one) => one !== null);
  return words.length === 0 ? null : words.join('. ');
}

function wordsOfNode({ runs, was, wrote, isReverted }: NodeLeft, input: RunInput): string | null {
  if (was === 'not-touched') return null;
  if (runs) {
    if (was === 'started') return null;
    return 'The database node still runs, but may be closed to clients and drained: a restart of it opens it again';
  }
  const down = 'The database node is down now';
  if (isUpgrade(input)) return down; // the failure itself says how to go back
  if (isReverted)
    return `${down}, with its configuration files as they were before this run. Once the cause is mended, restart the node, which starts it`;
  const again = `run ${jobOf(input)} again, which starts the node`;
  if (wrote.length === 0) {
    const nothing = isReverting(input)
      ? '. This run changed no configuration file: there is nothing to put back'
      : '';
    return `${down}${nothing}. Once the cause is mended, ${again}`;
  }
  const files = `This run wrote ${fileNames(wrote)}: before and after of each are in its file-contents event`;
  const back = isInstall(input)
    ? 'correct it in the config profile'
    : 'put its former value back in the config profile';
  return `${down}. ${files}. If one of these settings is the cause, ${back}; once the cause is mended, ${again}`;
}

/** @param step the first that was not done */
export function wordsOfStop(left: NodeLeft, input: RunInput, step: string): string {
  const { runs, was, wrote } = left;
  const stopped = `Stopped as asked before the step ${step} was done`;
  if (isLooking(input)) return `${stopped}: nothing was touched. Ask for the same job again for the rest`;
  const again = `Run ${jobOf(input)} again for the rest`;
  if (!runs) {
    const held = left.held === null ? '' : `. ${wordsOfHold(left)}`;
    return `${stopped}: the database node does not run. ${again}${isUpgrade(input) ? '' : ', which starts it'}${held}`;
  }
  if (was === 'started') return `${stopped}: the database node was started, and runs. ${again}`;
  const files =
    wrote.length === 0 ? '' : `; of what this run wrote (${fileNames(wrote)}) it hears when it is restarted`;
  return `${stopped}: the database node runs as it did before${files}. ${again}`;
}
