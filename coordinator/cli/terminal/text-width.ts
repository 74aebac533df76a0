// How many columns text takes on a terminal, and cutting it to fit.
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|^\p{Emoji_Presentation}|^[\u{20000}-\u{3fffd}]/u;
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
// biome-ignore lint/suspicious/noControlCharactersInRegex: our own colours begin with ESC
const COLOUR = /\u001b\[\d+m/g;

const widthOfOne = (grapheme: string): number => (WIDE.test(grapheme) ? 2 : 1);

/** Columns of harmless text; our own colours take none. */
export function widthOf(text: string): number {
  const plain = text.replaceAll(COLOUR, '');
  if (/^[ -~]*$/.test(plain)) return plain.length;
  let width = 0;
  for (const { segment } of graphemes.segment(plain)) width += widthOfOne(segment);
  return width;
}

/** As many of these as fit, from the first one on. */
function fitting(segments: readonly string[], columns: number): string[] {
  let width = 0;
  const past = segments.findIndex((segment) => {
    width += widthOfOne(segment);
    return width > columns;
  });
  return past < 0 ? [...segments] : segments.slice(0, past);
}

/** @param text harmless and not coloured yet @param at where it is cut: names tell themselves apart by both their ends */
export function fit(text: string, columns: number, at: 'end' | 'middle' = 'end'): string {
  if (widthOf(text) <= columns) return text;
  if (columns < 1) return '';
  const segments = [...graphemes.segment(text)].map(({ segment }) => segment);
  const room = columns - 1;
  const tail =
    at === 'end'
      ? ''
      : fitting(segments.toReversed(), Math.floor((room * 2) / 5))
          .toReversed()
          .join('');
  return `${fitting(segments, room - widthOf(tail)).join('')}…${tail}`;
}

/** @param text harmless and not coloured yet @returns at most so many lines, the last one cut where it is more; those behind the first are indented */
export function wrap(text: string, columns: number, most: number, indent = ''): string[] {
  const lines: string[] = [];
  let line = '';
  const words = text.split(' ');
  for (const [at, word] of words.entries()) {
    const longer = at === 0 ? word : `${line} ${word}`;
    if (line.trim() === '' || widthOf(longer) <= columns) line = longer;
    else if (lines.length === most - 1)
      return [...lines, fit(`${line} ${words.slice(at).join(' ')}`, columns)];
    else {
      lines.push(fit(line, columns));
      line = indent + word;
    }
  }
  return [...lines, fit(line, columns)];
}

export const padTo = (text: string, columns: number): string =>
  text + ' '.repeat(Math.max(0, columns - widthOf(text)));
