// HTML as text, safe by construction: whatever is put into a template is escaped unless it came out of one.
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Part = Html | string | number | readonly Part[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function put(part: Part): string {
  if (part instanceof Html) return part.text;
  if (typeof part === 'string' || typeof part === 'number')
    return String(part).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
  return part.map(put).join('');
}

export const html = (text: TemplateStringsArray, ...parts: readonly Part[]): Html =>
  new Html(text.map((piece, at) => `${piece}${at < parts.length ? put(parts[at] ?? '') : ''}`).join(''));

export const NOTHING = new Html('');

/** A sentence with `words of code` in it. */
export const prose = (text: string): Html =>
  html`${text.split('`').map((piece, at) => (at % 2 === 0 ? piece : html`<code>${piece}</code>`))}`;
