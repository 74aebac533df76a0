// Makes text of others safe to show: no control character, escape sequence or reversal of direction reaches a terminal.
import { ACTING } from '../../../shared/inert-text.ts';

const escaped = (character: string): string => {
  const code = character.charCodeAt(0);
  if (character === '\n') return '\\n';
  if (character === '\t') return '\\t';
  if (character === '\r') return '\\r';
  return code < 0x100
    ? `\\x${code.toString(16).padStart(2, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`;
};

/** One line that shows what it held. */
export const harmless = (text: string): string => text.replaceAll(ACTING, escaped);

/** Several lines, each harmless: for what was written as lines, such as a traceback. */
export const harmlessLines = (text: string): string[] =>
  text
    .replace(/\n+$/, '')
    .split('\n')
    .map((line) => harmless(line.replaceAll('\t', '  ').replace(/\r$/, '')));

const asUnicodeEscape = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** In the text of a document whose strings may hold escapes (JSON, quoted YAML): it still means the same. */
export const harmlessJson = (json: string): string =>
  json.replaceAll(ACTING, (character) => (/[\n\t]/.test(character) ? character : asUnicodeEscape(character)));

/** Would have to be written as an escape, in double quotes. */
export const needsQuotes = (text: string): boolean =>
  text.replaceAll(/[\n\t]/g, '').search(new RegExp(ACTING.source)) >= 0;
