// Reading a profile's settings for one file: JSON checked at any depth, then each known key taken with its type.
import { manageKey } from '../../shared/config-files.ts';
import { type FieldProblem, InvalidInput, pointerTo } from '../../shared/errors.ts';
import type { Profile } from './render-input.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type Settings = ReadonlyMap<string, Json>;

/** Deeper than any real setting; also what stops a value that contains itself. */
const MOST_LEVELS = 64;
/** Keys that would reach an object's prototype in some reader of ours or of a client. */
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);
export const isForbiddenKey = (key: string): boolean => FORBIDDEN_KEYS.has(key);

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]|\p{Surrogate}/u;
/** True for text that stays on one line in every reader (NUL, line ends, control characters, halves of characters refused). */
export const isOneLine = (text: string): boolean => !CONTROL.test(text);

export function refuse(pointer: string, message: string): never {
  throw new InvalidInput('The configuration cannot be rendered', [{ pointer, message }]);
}

function collectProblems(value: unknown, path: readonly (string | number)[], problems: FieldProblem[]): void {
  const add = (message: string) => problems.push({ pointer: pointerTo(...path), message });
  if (path.length > MOST_LEVELS) {
    add(`is nested deeper than ${MOST_LEVELS} levels`);
  } else if (typeof value === 'string') {
    if (/\p{Surrogate}/u.test(value)) add('is not well-formed text (half of a surrogate pair)');
  } else if (typeof value === 'number') {
    if (!Number.isFinite(value)) add('must be a finite number');
  } else if (Array.isArray(value)) {
    value.forEach((item, i) => {
      collectProblems(item, [...path, i], problems);
    });
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      if (isForbiddenKey(key)) problems.push({ pointer: pointerTo(...path, key), message: 'is not allowed' });
      else if (/\p{Surrogate}/u.test(key)) add('has a key that is not well-formed text');
      else collectProblems(item, [...path, key], problems);
    }
  } else if (value !== null && typeof value !== 'boolean') {
    add('is no JSON value');
  }
}

/**
 * The settings for one file, without the `lcm-manage--` switch; empty when the profile does not name the file.
 * @throws InvalidInput for a prototype key at any depth, for what is no JSON, and for a switch that is no boolean
 */
export function settingsOf(profile: Profile, fileId: string): Settings {
  const own: unknown = Object.hasOwn(profile, fileId) ? profile[fileId] : {};
  if (typeof own !== 'object' || own === null || Array.isArray(own)) {
    return refuse(pointerTo(fileId), 'must be an object');
  }
  const problems: FieldProblem[] = [];
  collectProblems(own, [fileId], problems);
  if (problems.length > 0) throw new InvalidInput('The configuration cannot be rendered', problems);
  const settings = new Map(Object.entries(own as Record<string, Json>));
  const managed = settings.get(manageKey(fileId));
  if (managed !== undefined && typeof managed !== 'boolean') {
    return refuse(pointerTo(fileId, manageKey(fileId)), 'must be true or false');
  }
  settings.delete(manageKey(fileId));
  return settings;
}

/** @throws InvalidInput naming the known keys when the settings have another one */
export function checkKeys(fileId: string, settings: Settings, known: Iterable<string>): void {
  const names = [...known];
  const problems = [...settings.keys()]
    .filter((key) => !names.includes(key))
    .map((key) => ({
      pointer: pointerTo(fileId, key),
      message: `is not a known setting of ${fileId}; known: ${names.join(', ')}`,
    }));
  if (problems.length > 0) throw new InvalidInput('The configuration cannot be rendered', problems);
}
