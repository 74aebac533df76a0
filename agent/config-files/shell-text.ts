// Text in shell files that no value can break out of, and the marked blocks that hold it.
import { endsInLineEnd, eolOf } from './header.ts';

const BEGIN = '# BEGIN RINGMASTER';
const END = '# END RINGMASTER';

/** One word for any POSIX shell, whatever is in it (line ends are refused earlier). */
export const shellQuote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Takes out the blocks that an earlier rendering left in a file that was taken for pristine. */
export const withoutBlocks = (text: string): string =>
  text.replace(new RegExp(`^${BEGIN}\\r?\\n(?:(?!${END}).*\\r?\\n)*${END}\\r?\\n?`, 'gm'), '');

const block = (lines: readonly string[], eol: string): string =>
  lines.length === 0 ? '' : [BEGIN, ...lines, END].join(eol) + eol;

/** Before everything else, but for `#!`: what the file's own lines are to see. */
export function withBlockOnTop(text: string, lines: readonly string[]): string {
  const lead = /^#![^\n]*\n/.exec(text)?.[0] ?? '';
  return lead + block(lines, eolOf(text)) + text.slice(lead.length);
}

/** After everything else: what is to win over the file's own lines. */
export const withBlockAtEnd = (text: string, lines: readonly string[]): string =>
  endsInLineEnd(text) + block(lines, eolOf(text));
