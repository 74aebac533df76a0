// Files that operators name: a text, or a map of settings in JSON or YAML; - is standard input.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { CliFailure } from './exit.ts';
import type { Json } from './rest-client.ts';
import type { Surroundings } from './session.ts';

/** @param path - for standard input @param of what it has to be a map, for who got it wrong @throws CliFailure usage */
export async function readMapFile(
  path: string,
  around: Pick<Surroundings, 'readStdin'>,
  of: string,
): Promise<Json> {
  const text = await readTextFile(path, around);
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    // Its first line; those behind it quote the file.
    throw new CliFailure('usage', `${path}: ${(error as Error).message.replace(/:?\n.*/s, '')}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new CliFailure('usage', `${path}: must be a map of ${of}`);
  return value as Json;
}

/** @param path - for standard input @throws CliFailure usage */
export async function readTextFile(path: string, around: Pick<Surroundings, 'readStdin'>): Promise<string> {
  if (path === '-') return await around.readStdin();
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CliFailure('usage', `${path} cannot be read: ${code === 'ENOENT' ? 'no such file' : code}`);
  }
}
