// Holds a profile's settings of one file against their definitions: names that there are not, values of the wrong type.
import { type FieldProblem, pointerTo } from '../../shared/errors.ts';
import { MOST_HINTS, nearestWord } from '../../shared/nearest-word.ts';
import type { Setting, Settings } from './definition.ts';
import { quantityProblem } from './quantities.ts';

export interface Findings {
  /** `num_tokns`, `memtable.configuration`: what has no definition */
  unknown: { name: string; pointer: string; near: string | null }[];
  wrong: (FieldProblem & { name: string })[];
}

type Path = readonly (string | number)[];
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isScalar = (value: unknown): value is string | number | boolean =>
  ['string', 'number', 'boolean'].includes(typeof value);

// YAML makes numbers and booleans of quoted text where they are wanted, and real clients send them so.
const SCALARS: Readonly<Record<string, (value: unknown) => string | null>> = {
  boolean: (value) =>
    isScalar(value) && /^(?:true|false)$/.test(String(value)) ? null : 'must be true or false',
  int: (value) =>
    isScalar(value) && /^[+-]?\d{1,19}$/.test(String(value)) ? null : 'must be a whole number',
  float: (value) =>
    isScalar(value) && /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i.test(String(value))
      ? null
      : 'must be a number',
  string: (value) => (isScalar(value) ? null : 'must be a string'),
  ternary_boolean: (value) => (isScalar(value) ? null : 'must be true or false, or a word'),
};

function scalarProblem(setting: Setting, value: unknown): string | null {
  const problem = SCALARS[setting.type]?.(value) ?? null;
  if (problem !== null) return problem;
  const wanted = setting.type === 'int' ? 'number' : setting.type;
  if (setting.exact && typeof value !== wanted) return `must be a ${wanted}, not a ${typeof value}`;
  if (setting.options !== undefined && !setting.options.includes(String(value)))
    return `must be one of ${setting.options.join(', ')}`;
  if (setting.plain_number && SCALARS['int']?.(value) === null) return null;
  return setting.format === undefined ? null : quantityProblem(setting.format, String(value));
}

const ANYTHING: Setting = { type: 'dict', format: 'any' };
/** A class by its name, or with parameters, which Cassandra's own file writes as a list of one. */
function isClass(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 1 && isObject(value[0]);
  return typeof value === 'string' || isObject(value);
}

/** What is said of the members of a list or user_defined. */
const member = ({ value_type: type, fields }: Setting): Setting => ({
  type: type ?? 'string',
  ...(fields === undefined ? {} : { fields }),
});

function checkValue(setting: Setting, value: unknown, name: string, path: Path, found: Findings): void {
  if (value === null || setting.format === 'any') return; // null: as if it were not said
  const wrong = (message: string): void => {
    found.wrong.push({ name, pointer: pointerTo(...path), message });
  };
  if (setting.type === 'list') {
    if (!Array.isArray(value)) wrong('must be a list');
    else
      for (const [at, item] of value.entries()) checkValue(member(setting), item, name, [...path, at], found);
  } else if (setting.format === 'class') {
    if (!isClass(value)) wrong('must be the name of a class, or an object of class_name and parameters');
  } else if (setting.type === 'dict' || setting.type === 'user_defined') {
    if (!isObject(value)) wrong('must be an object');
    else if (setting.type === 'user_defined')
      for (const [key, item] of Object.entries(value))
        checkValue(member(setting), item, `${name}.${key}`, [...path, key], found);
    else if (setting.fields !== undefined) checkAll(setting.fields, value, `${name}.`, path, found);
  } else {
    const problem = scalarProblem(setting, value);
    if (problem !== null) wrong(problem);
  }
}

/** `memtable.configurations` is a part of `memtable`. */
function settingAt(settings: Settings, key: string): Setting | undefined {
  if (Object.hasOwn(settings, key)) return settings[key];
  const dot = key.indexOf('.');
  if (dot < 1 || !Object.hasOwn(settings, key.slice(0, dot))) return undefined;
  const above = settings[key.slice(0, dot)];
  if (above?.type === 'user_defined') return member(above);
  if (above?.type !== 'dict') return undefined;
  return above.fields === undefined ? ANYTHING : settingAt(above.fields, key.slice(dot + 1));
}

/** `memtable.configurations` for `memtable.configuration`. */
function nearest(settings: Settings, key: string): string | null {
  const dot = key.indexOf('.');
  const fields = Object.hasOwn(settings, key.slice(0, dot)) ? settings[key.slice(0, dot)]?.fields : undefined;
  if (fields === undefined) return nearestWord(key, Object.keys(settings));
  const near = nearest(fields, key.slice(dot + 1));
  return near === null ? null : `${key.slice(0, dot)}.${near}`;
}

function checkAll(
  settings: Settings,
  values: Readonly<Record<string, unknown>>,
  above: string,
  path: Path,
  found: Findings,
): void {
  for (const [key, value] of Object.entries(values)) {
    const setting = settingAt(settings, key);
    const name = `${above}${key}`;
    if (setting !== undefined) checkValue(setting, value, name, [...path, key], found);
    // null takes a key out, whatever it is
    else if (value !== null) {
      const near = found.unknown.length < MOST_HINTS ? nearest(settings, key) : null;
      found.unknown.push({ name, pointer: pointerTo(...path, key), near });
    }
  }
}

/** True for `a.b.c` when it, `a.b` or `a` is one of them. */
function isWithin(names: ReadonlySet<string>, name: string): boolean {
  if (names.has(name)) return true;
  for (let dot = name.indexOf('.'); dot !== -1; dot = name.indexOf('.', dot + 1))
    if (names.has(name.slice(0, dot))) return true;
  return false;
}

/**
 * @param custom names, dots between their parts, that are taken as they are with all that is below them
 * @param path where the file's settings stand, for pointers
 */
export function checkSettings(
  settings: Settings,
  values: Readonly<Record<string, unknown>>,
  custom: ReadonlySet<string>,
  path: Path,
): Findings {
  const found: Findings = { unknown: [], wrong: [] };
  checkAll(settings, values, '', path, found);
  return {
    unknown: found.unknown.filter(({ name }) => !isWithin(custom, name)),
    wrong: found.wrong.filter(({ name }) => !isWithin(custom, name)),
  };
}
