// Reads a request's body: JSON whatever the content type says, bounded, an object that can be kept exactly as it came.
import type { IncomingMessage } from 'node:http';
import getRawBody from 'raw-body';
import { InvalidInput, pointerTo, TooLarge, UnsupportedMediaType } from '../../shared/errors.ts';
import { HOSTILE_KEYS } from '../../shared/hostile-keys.ts';

export const MOST_BODY_BYTES = 256 * 1024;
export const MOST_DEPTH = 64;

export type Body = Record<string, unknown>;

/**
 * What no database column, file or reader would give back as it came; null when there is nothing.
 * @param isField of a field itself its schema knows better which numbers it may have
 */
function wrongWith(value: unknown, isField: boolean): string | null {
  if (typeof value === 'string') return textProblem(value);
  if (typeof value !== 'number') return null;
  if (!Number.isFinite(value)) return 'is too large a number';
  if (!isField && Number.isInteger(value) && !Number.isSafeInteger(value))
    return 'is beyond the whole numbers that JSON carries exactly (2^53): give it as a string';
  return null;
}

function textProblem(text: string): string | null {
  if (text.includes('\0')) return 'must not hold a NUL character';
  return /\p{Surrogate}/u.test(text) ? 'is not well-formed text (half of a surrogate pair)' : null;
}

/** Walks without recursion, so that depth costs no stack. @throws InvalidInput */
function checkShape(root: unknown): void {
  const refuse = (pointer: string, message: string): never => {
    throw new InvalidInput(`The body cannot be taken: ${pointer} ${message}`, [{ pointer, message }]);
  };
  const open: { value: unknown; depth: number; pointer: string }[] = [{ value: root, depth: 1, pointer: '' }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, depth, pointer } = next;
    const wrong = wrongWith(value, depth === 2);
    if (wrong !== null) refuse(pointer, wrong);
    if (typeof value !== 'object' || value === null) continue;
    if (depth > MOST_DEPTH) throw new InvalidInput(`The body is nested deeper than ${MOST_DEPTH} levels`);
    for (const [key, child] of Object.entries(value)) {
      const at = `${pointer}${pointerTo(key.slice(0, 64))}`;
      if (HOSTILE_KEYS.includes(key)) refuse(at, 'is not allowed as a key');
      if (textProblem(key) !== null)
        refuse(at, 'is a key that is not well-formed text, or holds a NUL character');
      open.push({ value: child, depth: depth + 1, pointer: at });
    }
  }
}

const texts = new WeakMap<IncomingMessage, Promise<string>>();

/** The same text however often it is asked for. @throws InvalidInput (not UTF-8), TooLarge, UnsupportedMediaType */
export function readText(request: IncomingMessage): Promise<string> {
  const text = texts.get(request) ?? readStream(request);
  texts.set(request, text);
  return text;
}

async function readStream(request: IncomingMessage): Promise<string> {
  const encoding = (request.headers['content-encoding'] ?? '').trim();
  if (!['', 'identity'].includes(encoding.toLowerCase())) {
    request.resume(); // as below
    throw new UnsupportedMediaType(
      `Bodies are taken plain, not encoded as ${encoding.slice(0, 64)}: send it without Content-Encoding`,
    );
  }
  const bytes = await getRawBody(request, { limit: MOST_BODY_BYTES }).catch((error) => {
    if (error?.type === 'entity.too.large') {
      // The rest is read and thrown away, so that the caller gets the answer and not a broken pipe.
      request.resume();
      throw new TooLarge(`The body is larger than ${MOST_BODY_BYTES / 1024} KiB`);
    }
    throw new InvalidInput('The body did not arrive whole', [], error);
  });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new InvalidInput(
      'The body is not UTF-8 text (whatever its content type, it must be a JSON object in UTF-8)',
      [],
      cause,
    );
  }
}

/** @throws InvalidInput (not JSON, no object) */
function objectOf(text: string): Body {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new InvalidInput(
      'The body is not JSON (whatever its content type, it must be a JSON object)',
      [],
      cause,
    );
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new InvalidInput('The body must be a JSON object');
  return value as Body;
}

/**
 * @param empty where nothing has to be said, no body at all is an object without fields
 * @throws InvalidInput (not JSON, no object, too deep, hostile keys, what cannot be kept as it is), TooLarge, UnsupportedMediaType
 */
export async function readBody(
  request: IncomingMessage,
  empty: 'may be empty' | 'needed' = 'needed',
): Promise<Body> {
  const text = await readText(request);
  if (text === '' && empty === 'may be empty') return {};
  const body = objectOf(text);
  checkShape(body);
  return body;
}

/**
 * The same for the routes that clients also send forms to. Content types say nothing, so the text does: no form begins with {.
 * @param names of the fields that are read: what else there is goes unseen
 * @throws InvalidInput, TooLarge, UnsupportedMediaType
 */
export async function readFormOrJson(request: IncomingMessage, names: readonly string[]): Promise<Body> {
  const text = await readText(request);
  const given = text.trimStart().startsWith('{')
    ? objectOf(text)
    : Object.fromEntries(new URLSearchParams(text.trim()));
  const body = Object.fromEntries(Object.entries(given).filter(([name]) => names.includes(name)));
  checkShape(body);
  return body;
}
