// Where a profile's settings hold secrets: taken out, put in again, and masks that come back taken for what they stand for. Pure.
import { pointerTo } from './errors.ts';
import { MASK } from './mask.ts';

/** Secrets by JSON pointer into the settings. A number where the setting was given as one. */
export type Secrets = Readonly<Record<string, string | number>>;

/** Settings as they may be shown and stored, and what belongs in the places of their masks. */
export interface TakenOut {
  shown: unknown;
  secrets: Secrets;
}

/**
 * By how it ends, so that `password_validator`, `keystore_password_file`, `secret_key_strength` or `KEYSTORE_PASSWORD_ENV_VAR`,
 * which are about a secret and are none, stay readable. A key or token is one only with a word that makes it so: not
 * `partition_key`, `key_alias` or `initial_token`. Every setting that the definitions mark as `password` is among them.
 */
const SECRET_NAME =
  /(?:password|passwd|passphrase|secret)s?$|(?:^|[^a-z])(?:pass|pwd|credentials?)$|(?:access|api|auth|encryption|master|private|secret|shared|signing)[-_]?key$|(?:access|api|auth|bearer|refresh|security|session)[-_]?token$/i;

/** @param name of a setting, a property of Java or a variable: `keystore_password`, `javax.net.ssl.keyStorePassword`, `LDAP_PASS` */
export const isSecretName = (name: string): boolean =>
  SECRET_NAME.test(name.replace(/([a-z0-9])([A-Z])/g, '$1_$2'));

/** Whether all that a setting holds is secret; `a.b.c` as a key is c in b in a. */
export const holdsSecret = (key: string): boolean => key.split('.').some(isSecretName);

/** What a JVM is told on its command line: `-Djavax.net.ssl.keyStorePassword=…`. */
const OPTION = /(-D([\w.-]{1,256})=)("[^"]*"|'[^']*'|\S+)/g;
/** The password of `https://user:password@host`. */
const IN_URL = /(\b[a-z][a-z0-9+.-]{1,15}:\/\/[^\s/:@]{0,256}:)([^\s/]{1,512})@/gi;

/** @param instead is given each secret inside of a text that is more than a secret */
const withoutSecrets = (text: string, instead: (secret: string) => string): string =>
  text
    .replace(OPTION, (whole, head: string, name: string, value: string) =>
      isSecretName(name) ? head + instead(value) : whole,
    )
    .replace(IN_URL, (_, head: string, value: string) => `${head}${instead(value)}@`);

/** Whether a text has a mask where a secret belongs. */
function isMasked(text: string, isSecret: boolean): boolean {
  if (isSecret) return text === MASK;
  let found = false;
  withoutSecrets(text, (secret) => {
    found ||= secret === MASK;
    return secret;
  });
  return found;
}

type Path = readonly (string | number)[];
type Members = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Settings with their texts and numbers replaced. @param isSecret whether what stands there is one as a whole, by a name above it */
function mapped(
  value: unknown,
  leaf: (value: string | number, isSecret: boolean, path: Path) => unknown,
  path: Path = [],
  isSecret = false,
): unknown {
  if (Array.isArray(value)) return value.map((item, at) => mapped(item, leaf, [...path, at], isSecret));
  if (isObject(value))
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        key,
        mapped(item, leaf, [...path, key], isSecret || holdsSecret(key)),
      ]),
    );
  return typeof value === 'string' || typeof value === 'number' ? leaf(value, isSecret, path) : value;
}

/** Nothing is taken where a mask stands already, nor an empty text, which hides nothing. */
export function takeOut(settings: unknown): TakenOut {
  const secrets: Record<string, string | number> = {};
  const shown = mapped(settings, (value, isSecret, path) => {
    if (value === '') return value;
    const left = isSecret ? MASK : typeof value === 'string' ? withoutSecrets(value, () => MASK) : value;
    if (left !== value) secrets[pointerTo(...path)] = value;
    return left;
  });
  return { shown, secrets };
}

/** The reverse of takeOut. */
export const putIn = <Settings>(shown: Settings, secrets: Secrets): Settings =>
  mapped(shown, (value, _, path) => secrets[pointerTo(...path)] ?? value) as Settings;

/** The same text for the same value, in whatever order its keys came. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    isObject(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );

/**
 * Which member of a stored list each given one is, -1 for none: the one that looks the same. Of several that do, each is the one
 * in its turn, as long as there are as many as before, or all hold the same. A list of one, as Cassandra writes classes, may
 * differ: nothing else can be meant.
 */
function matches(given: readonly unknown[], shown: readonly unknown[], real: readonly unknown[]): number[] {
  const placesOf = (list: readonly unknown[]): Map<string, number[]> => {
    const places = new Map<string, number[]>();
    for (const [at, item] of list.entries()) {
      const text = canonical(item);
      const same = places.get(text);
      if (same === undefined) places.set(text, [at]);
      else same.push(at);
    }
    return places;
  };
  const stored = placesOf(shown);
  const found = given.map((): number => (given.length === 1 && shown.length === 1 ? 0 : -1));
  for (const [text, now] of placesOf(given)) {
    const before = stored.get(text);
    if (before === undefined) continue;
    const areSame = new Set(before.map((at) => canonical(real[at]))).size === 1;
    for (const [turn, at] of now.entries())
      found[at] = (now.length === before.length ? before[turn] : areSame ? before[0] : undefined) ?? -1;
  }
  return found;
}

/**
 * Settings that somebody read, changed and sent: a mask stands for the secret that is stored in its place. A masked list member
 * must otherwise be as it was, wherever it now stands, so that no secret gets into another's place.
 * @param stored null when there is nothing that a mask could stand for
 * @returns the settings as they are meant, and the pointers of masks that stand for nothing
 */
export function meantBy(
  settings: unknown,
  stored: TakenOut | null,
): { settings: unknown; unmeant: readonly string[] } {
  const unmeant: string[] = [];
  const meant = (given: unknown, shown: unknown, real: unknown, path: Path, isSecret: boolean): unknown => {
    if (Array.isArray(given)) {
      const [was, is] = Array.isArray(shown) && Array.isArray(real) ? [shown, real] : [[], []];
      const at = matches(given, was, is);
      return given.map((item, i) => meant(item, was[at[i] ?? -1], is[at[i] ?? -1], [...path, i], isSecret));
    }
    if (isObject(given)) {
      const inside = (value: unknown, key: string): unknown =>
        isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
      return Object.fromEntries(
        Object.entries(given).map(([key, item]) => [
          key,
          meant(item, inside(shown, key), inside(real, key), [...path, key], isSecret || holdsSecret(key)),
        ]),
      );
    }
    if (typeof given !== 'string' || !isMasked(given, isSecret)) return given;
    if (given === shown) return real;
    unmeant.push(pointerTo(...path));
    return given;
  };
  const real = stored === null ? undefined : putIn(stored.shown, stored.secrets);
  return { settings: meant(settings, stored?.shown, real, [], false), unmeant };
}
