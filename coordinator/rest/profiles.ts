// What a config profile may say: the files and settings that its product and version have, each of its type.
import {
  CUSTOM_FILE_IDS,
  customKey,
  INTERFACE_KEYS,
  manageKey,
  NOT_FILES,
  PROFILE_FILE_IDS,
  type Product,
  UNWRITTEN_FILE_IDS,
} from '../../shared/config-files.ts';
import { type FieldProblem, InvalidConfigKeys, InvalidInput, pointerTo } from '../../shared/errors.ts';
import { formatProblem } from '../../shared/formats.ts';
import { checkSettings } from '../definitions/check.ts';
import type { Definitions } from '../definitions/definition.ts';
import { changeOf, definitionsOf } from '../definitions/series.ts';

const PRODUCT_NAME: Readonly<Record<Product, string>> = { dse: 'DSE', cassandra: 'Cassandra' };

type Check = (value: unknown) => string | null;

const port: Check = (value) =>
  ['number', 'string'].includes(typeof value) &&
  /^\d{1,5}$/.test(String(value)) &&
  Number(value) >= 1 &&
  Number(value) <= 65_535
    ? null
    : 'must be a port, from 1 to 65535';
const directory: Check = (value) =>
  typeof value === 'string' ? formatProblem('install-directory', value) : 'must be a string';
const installType: Check = (value) =>
  value === 'tarball' || value === 'package' ? null : 'must be tarball or package';
const boolean: Check = (value) => (typeof value === 'boolean' ? null : 'must be true or false');

/** Settings that steer Ringmaster itself, so that a wrong one could only fail later, on every node. */
const SETTINGS: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  'install-options': { 'install-type': installType, 'install-directory': directory },
  'cassandra-yaml': {
    native_transport_port: port,
    storage_port: port,
    ...Object.fromEntries(
      INTERFACE_KEYS.map((key) => [key, () => "cannot be set, since the node's addresses are"] as const),
    ),
  },
  'cassandra-env-sh': { 'jmx-port': port },
  'jvm-options': { 'jmx-port': port },
  'jvm-server-options': { 'jmx-port': port },
};

const [MANAGE, CUSTOM] = [manageKey(''), customKey('')];
const FILE_IDS = Object.values(PROFILE_FILE_IDS)
  .flat()
  .filter((id) => !NOT_FILES.includes(id));
const isMark = (key: string): boolean => key.startsWith(MANAGE) || key.startsWith(CUSTOM);

export interface Profile {
  product: Product;
  version: string;
  json: Readonly<Record<string, unknown>>;
}

interface Strictness {
  /**
   * Refuse a setting of one file that stands in another, and one that a file which is not written has not. The original
   * took them in shell files and their like, and wrote nothing; real clients send them, and jobs tell what has no effect.
   */
  strict: boolean;
}

/** What was found in a profile; `unknown` by the names that the refusal lists. */
interface Found {
  unknown: string[];
  problems: FieldProblem[];
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The switches of a file: whether it is written, and which of its settings are nobody's business. */
function markProblem(fileId: string, key: string, value: unknown): string | null {
  const isFile = !NOT_FILES.includes(fileId);
  if (!isFile || (key !== manageKey(fileId) && key !== customKey(fileId))) {
    const marks = [manageKey(fileId), ...(CUSTOM_FILE_IDS.includes(fileId) ? [customKey(fileId)] : [])];
    const has = isFile ? `has ${marks.join(' and ')}` : 'is no file and has none';
    const isOfFile = FILE_IDS.includes(key.replace(/^lcm-\w+--/, ''));
    return `${isOfFile ? 'must stand among the settings of its own file' : 'names no configuration file'}; ${fileId} ${has}`;
  }
  if (key.startsWith(MANAGE)) return boolean(value);
  if (!CUSTOM_FILE_IDS.includes(fileId)) return `is possible for ${CUSTOM_FILE_IDS.join(', ')} alone`;
  return Array.isArray(value) && value.every((name) => typeof name === 'string')
    ? null
    : 'must be a list of names of settings';
}

function customNames(fileId: string, settings: Readonly<Record<string, unknown>>): ReadonlySet<string> {
  const names = settings[customKey(fileId)];
  return new Set(Array.isArray(names) ? names.map(String) : []);
}

/** What holds whatever is known of the version. */
function ownProblems(fileId: string, settings: Readonly<Record<string, unknown>>): FieldProblem[] {
  const checks = SETTINGS[fileId] ?? {};
  return Object.entries(settings).flatMap(([key, value]) => {
    const check = Object.hasOwn(checks, key) ? checks[key] : undefined;
    const message = isMark(key)
      ? markProblem(fileId, key, value)
      : value === null
        ? null
        : (check?.(value) ?? null);
    return message === null ? [] : [{ pointer: pointerTo('json', fileId, key), message }];
  });
}

/** Why a name is unknown, and what to do about it. */
function unknownMessage(
  profile: Profile,
  fileId: string,
  { name, near }: { name: string; near: string | null },
  owner: string | undefined,
): string {
  const { product, version } = profile;
  const change = changeOf(product, version, fileId, name);
  const whole = `${PRODUCT_NAME[product]} ${version}`;
  const is = `is no setting of ${fileId} in ${whole}`;
  if (change?.since !== undefined) return `${is}: it came with ${change.since}`;
  if (change?.until !== undefined) return `${is}: it went with ${change.until}`;
  if (owner !== undefined) return `${is}, but of ${owner}`;
  if (near !== null) return `${is}; did you mean ${near}?`;
  return CUSTOM_FILE_IDS.includes(fileId) ? `${is}; if it is, name it in ${customKey(fileId)}` : is;
}

/** Another file of the version that has a setting of that name. */
function ownerOf(definitions: Definitions, fileId: string, name: string): string | undefined {
  const [owner] =
    Object.entries(definitions).find(([other, known]) => other !== fileId && Object.hasOwn(known, name)) ??
    [];
  return owner;
}

function fileFindings(
  profile: Profile,
  fileId: string,
  definitions: Definitions | null,
  strictness: Strictness,
): Found {
  const settings = profile.json[fileId];
  if (!isObject(settings))
    return {
      unknown: [],
      problems: [{ pointer: pointerTo('json', fileId), message: 'must be an object of settings' }],
    };
  const problems = ownProblems(fileId, settings);
  const known = definitions?.[fileId];
  if (definitions === null || known === undefined) return { unknown: [], problems };
  const values = Object.fromEntries(Object.entries(settings).filter(([key]) => !isMark(key)));
  const found = checkSettings(known, values, customNames(fileId, settings), ['json', fileId]);
  const told = new Set(problems.map(({ pointer }) => pointer));
  const isYaml = CUSTOM_FILE_IDS.includes(fileId);
  const isUnwritten = UNWRITTEN_FILE_IDS[profile.product].includes(fileId);
  const unknown = found.unknown
    .map((one) => ({ ...one, owner: ownerOf(definitions, fileId, one.name) }))
    .filter(({ owner }) => strictness.strict || !(isUnwritten || (owner !== undefined && !isYaml)));
  return {
    unknown: unknown.map(({ name }) => `${fileId}.${name}`),
    problems: [
      ...problems,
      ...unknown.map(({ pointer, owner, ...one }) => ({
        pointer,
        message: unknownMessage(profile, fileId, one, owner),
      })),
      ...found.wrong
        .filter(({ pointer }) => !told.has(pointer))
        .map(({ pointer, message }) => ({ pointer, message })),
    ],
  };
}

/** Files that profiles may name though nobody has definitions for them. */
const UNDEFINED_FILE_IDS: Readonly<Record<Product, readonly string[]>> = {
  cassandra: [],
  dse: ['address-yaml'],
};

/**
 * Of a version whose series nobody has definitions for, only the names of the files are held against the product's.
 * @param profile as it would be stored
 * @throws InvalidConfigKeys in the original's words when a key names no configuration file or setting of the version
 * @throws InvalidInput when all keys are known and a value is wrong
 */
export function checkProfile(profile: Profile, strictness: Strictness): void {
  const { product, version, json } = profile;
  const definitions = definitionsOf(product, version);
  const known =
    definitions === null
      ? PROFILE_FILE_IDS[product]
      : [...Object.keys(definitions), ...UNDEFINED_FILE_IDS[product]];
  const findings = Object.keys(json).map((fileId): Found => {
    if (known.includes(fileId)) return fileFindings(profile, fileId, definitions, strictness);
    const message = `is no configuration file of ${product}${definitions === null ? '' : ` ${version}`}; known: ${known.join(', ')}`;
    return { unknown: [fileId], problems: [{ pointer: pointerTo('json', fileId), message }] };
  });
  const unknown = findings.flatMap((found) => found.unknown).sort();
  const problems = findings.flatMap((found) => found.problems);
  if (unknown.length > 0)
    throw new InvalidConfigKeys(
      `Invalid config keys for ${PRODUCT_NAME[product]} version ${version}: ${unknown.join(', ')}`,
      problems,
    );
  if (problems.length > 0) throw new InvalidInput('The config-profile is not valid', problems);
}
