// The line on top of every file we write, so that whoever opens it knows not to edit it.

const SENTENCE = 'This file is managed by DataStax OpsCenter LifeCycle Manager.';
/** What the original wrote as the first line of each rendered file. */
export const HEADER = `# ${SENTENCE}`;
export const XML_HEADER = `<!-- ${SENTENCE} -->`;

/** Whether a text was written by a rendering, ours or the original's, and so is none that came with the product. */
export const isRendered = (text: string): boolean => text.includes(SENTENCE);

/** The line end a text uses; inserted lines get the same. */
export const eolOf = (text: string): '\r\n' | '\n' => (/\r?\n/.exec(text)?.[0] === '\r\n' ? '\r\n' : '\n');

/** Lines with their line ends still on. */
export const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

export const endsInLineEnd = (text: string): string =>
  text === '' || text.endsWith('\n') ? text : `${text}${eolOf(text)}`;

/** Takes out the line that an earlier rendering left in a file that was taken for pristine. */
export const withoutHeader = (text: string, header: string): string =>
  linesOf(text)
    .filter((line, i) => i > 1 || line.trimEnd() !== header)
    .join('');

/** Puts the line first, or second where a first line has a meaning of its own (`#!`, `<?xml`). */
export function withHeader(text: string, header: string): string {
  const lead = /^(?:#![^\n]*\n|<\?xml[^>]*\?>[ \t]*\r?\n?)/.exec(text)?.[0] ?? '';
  const eol = eolOf(text);
  const gap = lead === '' || lead.endsWith('\n') ? '' : eol;
  return `${lead}${gap}${header}${eol}${text.slice(lead.length)}`;
}
