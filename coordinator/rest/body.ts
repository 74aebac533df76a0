// Reads a request's body: JSON whatever the content type says, bounded in size and depth, an object without hostile keys.
import type { IncomingMessage } from 'node:http';
import getRawBody from 'raw-body';
import { InvalidInput, TooLarge } from '../../shared/errors.ts';

export const MOST_BODY_BYTES = 256 * 1024;
export const MOST_DEPTH = 64;
const HOSTILE = new Set(['__proto__', 'constructor', 'prototype']);

export type Body = Record<string, unknown>;

/** Walks without recursion, so that depth costs no stack. @throws InvalidInput */
function checkShape(root: unknown): void {
  const open: { value: unknown; depth: number; pointer: string }[] = [{ value: root, depth: 1, pointer: '' }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, depth, pointer } = next;
    if (typeof value !== 'object' || value === null) continue;
    if (depth > MOST_DEPTH) throw new InvalidInput(`The body is nested deeper than ${MOST_DEPTH} levels`);
    for (const [key, child] of Object.entries(value)) {
      const at = `${pointer}/${key.slice(0, 64)}`;
      if (HOSTILE.has(key))
        throw new InvalidInput(`The key ${key} is not allowed`, [
          { pointer: at, message: 'is not allowed as a key' },
        ]);
      open.push({ value: child, depth: depth + 1, pointer: at });
    }
  }
}

/** @throws InvalidInput (not JSON, no object, too deep, hostile keys), TooLarge */
export async function readBody(request: IncomingMessage): Promise<Body> {
  const text = await getRawBody(request, { limit: MOST_BODY_BYTES, encoding: 'utf8' }).catch((error) => {
    if (error?.type === 'entity.too.large') {
      // The rest is read and thrown away, so that the caller gets the answer and not a broken pipe.
      request.resume();
      throw new TooLarge(`The body is larger than ${MOST_BODY_BYTES / 1024} KiB`);
    }
    throw new InvalidInput('The body did not arrive whole', [], error);
  });
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
  checkShape(value);
  return value as Body;
}
