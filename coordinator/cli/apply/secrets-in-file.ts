// Secrets in a model file: where each comes from, never the secret itself; those among a profile's settings stand as masks beside it.
import { resolve } from 'node:path';
import { pointerTo } from '../../../shared/errors.ts';
import { MASK } from '../../../shared/mask.ts';
import { holdsSecret, takeOut } from '../../../shared/secret-settings.ts';
import type { DeclaredSecret } from './model-file.ts';

export const SECRET_HELP = 'give {from-env: NAME} or {from-file: PATH}';

/** `-Djavax.net.ssl.keyStorePassword`, of which the value alone comes from somewhere. */
const OPTION = /^-D[\w.-]+$/;
const MASKED_OPTION = /^(-D[\w.-]+)=\*{8}$/;

type Members = Readonly<Record<string, unknown>>;
const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isSource = (value: unknown): value is Members =>
  isMembers(value) && ('from-env' in value || 'from-file' in value);

/** @param refuse is told why it is no source, as the rest of a sentence */
export function sourceIn(
  plain: unknown,
  directory: string,
  refuse: (why: string) => void,
): Omit<DeclaredSecret, 'at'> | null {
  const no = (why: string): null => {
    refuse(why);
    return null;
  };
  if (!isMembers(plain)) return no(`is a secret, which does not belong in this file: ${SECRET_HELP}`);
  const { 'from-env': env, 'from-file': file, optional = false, ...rest } = plain;
  if (
    Object.keys(rest).length > 0 ||
    (env === undefined) === (file === undefined) ||
    typeof (env ?? file) !== 'string'
  )
    return no(`must say where it comes from: ${SECRET_HELP}`);
  if (typeof optional !== 'boolean') return no(`has an "optional" that is not true or false: ${SECRET_HELP}`);
  const source =
    env === undefined
      ? { from: 'file' as const, name: resolve(directory, String(file)) }
      : { from: 'env' as const, name: String(env) };
  return { source, optional };
}

/** A secret among settings, and what stands before it in its text: the name of a JVM option. */
export type SettingSecret = Omit<DeclaredSecret, 'at'> & { before: string };

/**
 * A profile's settings as a file says them, as they will be shown once they are stored.
 * @param refuse is told the path of what cannot be, and why
 * @returns with the sources of secrets by JSON pointer
 */
export function settingsIn(
  plain: unknown,
  directory: string,
  refuse: (path: readonly (string | number)[], why: string) => void,
): { shown: unknown; secrets: Record<string, SettingSecret> } {
  const secrets: Record<string, SettingSecret> = {};
  const read = (value: unknown, path: readonly (string | number)[], isSecret: boolean): unknown => {
    if (Array.isArray(value)) return value.map((item, at) => read(item, [...path, at], isSecret));
    if (!isMembers(value)) return value;
    if (isSource(value) && (isSecret || 'option' in value)) {
      const { option, ...rest } = value;
      const before = option === undefined ? '' : `${String(option)}=`;
      if (before !== '' && !(OPTION.test(String(option)) && takeOut(`${before}x`).shown === before + MASK))
        refuse(path, 'has an "option" that is no -D with the name of a secret');
      const found = sourceIn(rest, directory, (why) => refuse(path, why));
      if (found !== null) secrets[pointerTo(...path)] = { ...found, before };
      return before + MASK;
    }
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        key,
        read(item, [...path, key], isSecret || holdsSecret(key)),
      ]),
    );
  };
  const shown = read(plain, [], false);
  for (const pointer of Object.keys(takeOut(shown).secrets))
    refuse(
      partsOf(pointer),
      `is or holds a secret, which does not belong in this file: ${SECRET_HELP}, of a JVM option {option: -Dname, from-env: NAME}, or ${MASK} for the one that is stored`,
    );
  return { shown, secrets };
}

/** The reverse of pointerTo. */
export const partsOf = (pointer: string): string[] =>
  pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));

/** As people read it: cassandra-yaml.server_encryption_options.keystore_password. */
export const dotted = (pointer: string): string => partsOf(pointer).join('.');

/** Settings with something else in some places, by JSON pointer; where that is undefined, with nothing. */
export function replaced(
  settings: unknown,
  places: ReadonlyMap<string, (was: unknown) => unknown>,
  path: readonly (string | number)[] = [],
): unknown {
  const other = places.get(pointerTo(...path));
  if (other !== undefined) return other(settings);
  if (Array.isArray(settings))
    return settings
      .map((item, i) => replaced(item, places, [...path, i]))
      .filter((item) => item !== undefined);
  if (!isMembers(settings)) return settings;
  return Object.fromEntries(
    Object.entries(settings).flatMap(([key, item]) => {
      const value = replaced(item, places, [...path, key]);
      return value === undefined ? [] : [[key, value]];
    }),
  );
}

/** What a file says in a mask's place. @param from a source; null where it can only stay the mask */
export function sourceForMask(masked: unknown, from: () => Members): unknown {
  if (masked === MASK) return from();
  const option = typeof masked === 'string' ? MASKED_OPTION.exec(masked)?.[1] : undefined;
  return option === undefined ? masked : { option, ...from() };
}
