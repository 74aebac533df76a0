// Why a service was not started, in the words of its manager and of what the unit ran: no process of the node is there to ask.
import { StepFailed } from '../../shared/errors.ts';
import { redactLines } from '../config-files/redact.ts';
import type { RefusedStart } from './services.ts';
import type { StepContext } from './step.ts';

const LOOK_MS = 10_000;
const LAST_LINES = 20;
const MOST_LINE = 600;

export interface RefusalWords {
  /** what did not start what */
  what: string;
  /** null: nothing of it is kept */
  lastLine: string | null;
  /** of the unit's own processes, not of systemd; the oldest first */
  lines: readonly string[];
  /** where to look further; null: nowhere */
  more: string | null;
}

/** A journal that is not kept, or not to be asked, leaves less to tell. */
async function outputOf({ host }: StepContext, argv: readonly [string, ...string[]]): Promise<string> {
  try {
    return (await host.run(argv, { withinMs: LOOK_MS, env: { LC_ALL: 'C' } })).stdout;
  } catch (cause) {
    if (cause instanceof StepFailed) return '';
    throw cause;
  }
}

/** `Result` names the kind alone, and the status in `ExecMainStatus` is not that of what comes before the main process. */
async function statusOf(context: StepContext, unit: string): Promise<string> {
  const shown = await outputOf(context, [
    'systemctl',
    'show',
    '--property=ExecCondition,ExecStartPre,ExecStart,ExecStartPost',
    '--',
    unit,
  ]);
  const ended = [...shown.matchAll(/ ; code=\w+ ; status=(\d+(?:\/\w+)?) \}$/gm)].map((match) => match[1]);
  const status = ended.find((one) => one !== undefined && !/^0(?:\/|$)/.test(one));
  return status === undefined ? '' : `, status ${status}`;
}

const linesIn = (text: string): string[] =>
  redactLines(text.split('\n').filter((line) => line.trim() !== '')).slice(-LAST_LINES);

export async function refusalWords(
  context: StepContext,
  service: string,
  { sinceMs, result, output, exitCode }: RefusedStart,
): Promise<RefusalWords> {
  if (result === null) {
    const lines = linesIn(output);
    const what = `/etc/init.d/${service} did not start it (status ${exitCode})`;
    return { what, lastLine: lines.at(-1)?.slice(0, MOST_LINE) ?? null, lines, more: null };
  }
  const unit = `${service}.service`;
  await outputOf(context, ['journalctl', '--sync']); // what was said last may be on its way yet
  const journal = await outputOf(context, [
    'journalctl',
    '--quiet',
    '--no-pager',
    '--output=cat',
    `--since=@${(sinceMs / 1_000).toFixed(3)}`,
    `--lines=${LAST_LINES}`,
    `_SYSTEMD_UNIT=${unit}`,
  ]);
  const lines = linesIn(journal);
  // nothing of it ran, as where a unit that it requires failed
  const isOfOthers = result === 'success';
  const last = isOfOthers ? linesIn(output)[0] : lines.at(-1);
  return {
    what: `systemd did not start ${unit}${isOfOthers ? '' : ` (${result}${await statusOf(context, unit)})`}`,
    lastLine: last?.slice(0, MOST_LINE) ?? null,
    lines,
    more: `\`journalctl -u ${service}\` on this host tells more`,
  };
}
