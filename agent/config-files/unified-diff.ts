// What changed in a file, as people read it: a unified diff, bounded and without secrets.
import { structuredPatch } from 'diff';
import { redactLines } from './redact.ts';

const MOST_BYTES = 8 * 1024;
/** Past this many changed lines nobody reads on, and finding them takes time. */
const MOST_EDITS = 4_000;
const CONTEXT_LINES = 3;

// biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal must not act on what a file holds
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;
const printable = (line: string): string => line.replace(/\r$/, '').replace(CONTROL, '\ufffd');

export interface UnifiedDiff {
  /** '' when nothing changed */
  text: string;
  /** true when lines were left out at the end */
  truncated: boolean;
}

/** An empty side is said to start at the line before it. */
const range = (start: number, count: number): string => `${count === 0 ? start - 1 : start},${count}`;

/** The diff is of the real texts, so that a changed secret shows as changed; only what is shown of it is masked. */
export function unifiedDiff(path: string, before: string, after: string): UnifiedDiff {
  if (before === after) return { text: '', truncated: false };
  const patch = structuredPatch(path, path, before, after, '', '', {
    context: CONTEXT_LINES,
    maxEditLength: MOST_EDITS,
  });
  const name = printable(path.replaceAll('\n', ' '));
  const lines = [`--- ${name}`, `+++ ${name}`];
  if (patch === undefined) return { text: `${lines.join('\n')}\n`, truncated: true };
  const old = redactLines(before.split('\n'));
  const fresh = redactLines(after.split('\n'));
  for (const hunk of patch.hunks) {
    lines.push(`@@ -${range(hunk.oldStart, hunk.oldLines)} +${range(hunk.newStart, hunk.newLines)} @@`);
    let oldAt = hunk.oldStart - 1;
    let newAt = hunk.newStart - 1;
    for (const line of hunk.lines) {
      const mark = line.slice(0, 1);
      if (mark === '\\') {
        lines.push(line); // "\ No newline at end of file"
        continue;
      }
      lines.push(mark + printable((mark === '-' ? old[oldAt] : fresh[newAt]) ?? ''));
      if (mark !== '+') oldAt += 1;
      if (mark !== '-') newAt += 1;
    }
  }
  return bounded(lines);
}

function bounded(lines: readonly string[]): UnifiedDiff {
  let text = '';
  let bytes = 0;
  for (const line of lines) {
    bytes += Buffer.byteLength(line) + 1;
    if (bytes > MOST_BYTES) return { text, truncated: true };
    text += `${line}\n`;
  }
  return { text, truncated: false };
}
