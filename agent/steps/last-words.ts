// What a database node that did not come up said since it was started, and which of its lines says why.
import { redactLines } from '../config-files/redact.ts';
import type { Host } from '../host/host.ts';
import type { Layout } from '../products/index.ts';

const LAST_LINES = 40;
/** Stack traces are long, and what they come from stands above them. */
const LAST_BYTES = 64 * 1024;
const MOST_REASON = 600;
/** Of the error with its exceptions; a stack of ours would be no longer. */
const MOST_TRACE_LINES = 60;

/** How long both logs were before a start, in bytes: what stands before that is of an earlier run of the node. */
export interface LogSizes {
  system: number;
  output: number;
}

export const logSizes = async (host: Host, layout: Layout): Promise<LogSizes> => ({
  system: await host.sizeOf(layout.systemLog),
  output: await host.sizeOf(layout.outputLog),
});

export interface LastWords {
  /** null: no line looks like a reason */
  reason: string | null;
  /** the last error as the node logged it, with its exceptions; null: there is none */
  trace: string | null;
  /** what a start script said last, without what a JVM or a logger says; null: nothing */
  lastLine: string | null;
  detail: Record<string, string[]>;
}

const STARTUP_EXCEPTION = /^Exception \([\w.$]+\) encountered during startup: (.+)$/;
const LOGGED_ERROR = /^(?:ERROR|FATAL)\b.*? - (.+)$/;
const THROWN = /^(?:Caused by: )?[\w.$]+(?:Exception|Error): .+$/;
const JVM_REFUSAL = /^(?:Error: |Unrecognized |Invalid |Conflicting |java: |.*\bOutOfMemoryError\b).*$/;
/** The JVM's own: what is wrong stands in the next line. */
const JVM_HEADING = /^Error occurred during initialization of (?:VM|boot layer)$/;
/** Says only that something went wrong; the exception below it says what. */
const SAYS_NOTHING = /^(?:Exception encountered during startup|Fatal (?:error|exception).*)\.?$/i;

/** The line that decides, from what was said since the start; both logs hold it in their own form. */
export function decisiveLine(system: readonly string[], output: readonly string[]): string | null {
  const startup = output
    .map((line) => STARTUP_EXCEPTION.exec(line)?.[1])
    .find((text) => text !== undefined && text !== 'null'); // of one that only wraps another
  if (startup !== undefined) return startup;
  for (const lines of [system, output]) {
    const at = lines.findLastIndex((line) => LOGGED_ERROR.test(line));
    if (at === -1) continue;
    const logged = LOGGED_ERROR.exec(lines[at] ?? '')?.[1] ?? '';
    const thrown = lines.slice(at + 1).filter((line) => THROWN.test(line));
    // of a chain of exceptions the last one is where it began
    const cause = thrown.at(-1)?.replace('Caused by: ', '');
    if (cause === undefined) return logged;
    return SAYS_NOTHING.test(logged) ? cause : `${logged}: ${cause}`;
  }
  const heading = output.findLastIndex((line) => JVM_HEADING.test(line));
  if (heading !== -1) return output[heading + 1] ?? output[heading] ?? null;
  return (
    output.find((line) => JVM_REFUSAL.test(line)) ?? output.findLast((line) => THROWN.test(line)) ?? null
  );
}

/** What a node that was on its way says as well, and so is no reason. */
const NO_REASON = /^(?:(?:TRACE|DEBUG|INFO|WARN)\b|Compile(?:r|Command)|.*\bwarning: |\s*$)/i;

/** Of a start that began no JVM. */
export const lastSaid = (output: readonly string[]): string | null =>
  output.findLast((line) => !NO_REASON.test(line)) ?? null;

/** What belongs to the line before it: frames, causes, and the exception itself. */
const GOES_ON = /^(?:\s+\S|Caused by: |Suppressed: |[\w.$]+(?:Exception|Error)\b)/;

/** The last error in the node's own words; of both logs the one in which it is told at length. */
export function lastTrace(system: readonly string[], output: readonly string[]): string | null {
  const blocks = [system, output].flatMap((lines) => {
    const at = lines.findLastIndex((line) => LOGGED_ERROR.test(line) || STARTUP_EXCEPTION.test(line));
    if (at === -1) return [];
    const end = lines.findIndex((line, i) => i > at && !GOES_ON.test(line));
    return [lines.slice(at, end === -1 ? lines.length : end)];
  });
  const [longest] = blocks.sort((a, b) => b.length - a.length);
  return longest?.slice(0, MOST_TRACE_LINES).join('\n') ?? null;
}

/** @param since what the logs held before this start; null when that is not known: then their ends are taken */
export async function lastWords(host: Host, layout: Layout, since: LogSizes | null): Promise<LastWords> {
  const linesOf = async (path: string, fromByte: number): Promise<string[]> => {
    const lines = (await host.readTail(path, LAST_BYTES, fromByte)).trimEnd().split('\n');
    return redactLines(lines);
  };
  const system = await linesOf(layout.systemLog, since?.system ?? 0);
  const output = await linesOf(layout.outputLog, since?.output ?? 0);
  return {
    reason: decisiveLine(system, output)?.slice(0, MOST_REASON) ?? null,
    trace: lastTrace(system, output),
    lastLine: lastSaid(output)?.slice(0, MOST_REASON) ?? null,
    detail: { 'system-log': system.slice(-LAST_LINES), 'stdout-log': output.slice(-LAST_LINES) },
  };
}
