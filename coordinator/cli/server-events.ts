// Server-sent events out of bytes (WHATWG HTML, "Server-sent events"): fields, ids, comments as signs of life.

export interface ServerEvent {
  /** `comment` for a heartbeat */
  kind: string;
  /** null: this event has none of its own */
  id: string | null;
  data: string;
}

function eventOf(block: string): ServerEvent | null {
  let [kind, id]: [string, string | null] = ['message', null];
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') kind = value;
    else if (field === 'data') data.push(value);
    else if (field === 'id' && !value.includes('\0')) id = value;
  }
  return data.length === 0 ? null : { kind, id, data: data.join('\n') };
}

/** What is cut off at the end without its empty line never happened. */
export async function* serverEvents(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    rest = (rest + decoder.decode(chunk, { stream: true })).replaceAll('\r\n', '\n');
    for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
      const event = eventOf(rest.slice(0, end));
      rest = rest.slice(end + 2);
      yield event ?? { kind: 'comment', id: null, data: '' };
    }
  }
}
