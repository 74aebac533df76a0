// Compares an answer with a printed example: sets of fields, types, and every value that is not an id, a time or named as free.

/** The example's ids and what stands for them here; one seen for the first time is bound to what stands in its place. */
export type Bindings = Map<string, string>;

export interface Comparison {
  bindings: Bindings;
  /** what stands for the example's http://localhost:8888/api/v1/lcm */
  base: string;
  /** fields of ours, by the record's type: a closed list, so each has to be there */
  additions: (type: string) => readonly string[];
  /** pointers of values that only have to be of the same type */
  free: ReadonlySet<string>;
  /** the answer may have more fields than the example */
  subset: boolean;
}

const PRINTED_BASE = 'http://localhost:8888/api/v1/lcm';
const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const ANY = '<value>';

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const show = (value: unknown): string => JSON.stringify(value)?.slice(0, 200) ?? 'nothing';
const kind = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value;

function compareText(example: string, actual: unknown, at: string, { bindings, base }: Comparison): string[] {
  if (typeof actual !== 'string') return [`${at} is ${show(actual)}, not text like ${show(example)}`];
  if (TIME.test(example)) return TIME.test(actual) ? [] : [`${at} is no time: ${show(actual)}`];
  const expected = example.replace(PRINTED_BASE, base);
  const ids = expected.match(UUID) ?? [];
  const ours = actual.match(UUID) ?? [];
  if (expected.replace(UUID, '-') !== actual.replace(UUID, '-') || ids.length !== ours.length)
    return [`${at} is ${show(actual)}, not ${show(expected)}`];
  return ids.flatMap((id, i) => {
    const known = bindings.get(id);
    const own = ours[i] ?? '';
    if (known === undefined) bindings.set(id, own);
    return known === undefined || known === own
      ? []
      : [`${at} names ${own}, not what stands for ${id} (${known})`];
  });
}

function compareFields(example: Fields, actual: Fields, at: string, how: Comparison): string[] {
  const added = how.subset ? [] : how.additions(String(example['type'] ?? ''));
  const wanted = [...Object.keys(example), ...added];
  const missing = wanted.filter((key) => !(key in actual)).map((key) => `${at}/${key} is missing`);
  const more = Object.keys(actual).filter((key) => !wanted.includes(key) && !how.subset);
  return [
    ...missing,
    ...more.map((key) => `${at}/${key} is neither in the example nor in the list of additions`),
    ...Object.entries(example)
      .filter(([key]) => key in actual)
      .flatMap(([key, value]) => differences(value, actual[key], `${at}/${key}`, { ...how, subset: false })),
  ];
}

/** Every element of ours has the example's fields and the additions, and each example is like one of ours. */
function compareLists(example: readonly unknown[], actual: readonly unknown[], at: string, how: Comparison) {
  const first = isFields(example[0]) ? example[0] : {};
  const wanted = [...Object.keys(first), ...how.additions(String(first['type'] ?? ''))].sort().join(' ');
  const fieldsOf = (own: unknown): string => (isFields(own) ? Object.keys(own).sort().join(' ') : show(own));
  const problems = actual
    .filter((own) => fieldsOf(own) !== wanted)
    .map((own) => `${at} has one with the fields ${fieldsOf(own)}, not ${wanted}`);
  for (const [i, one] of example.entries()) {
    const tries = actual.map((own) => {
      const bindings = new Map(how.bindings);
      return { bindings, found: differences(one, own, `${at}/${i}`, { ...how, bindings }) };
    });
    const best = tries.sort((a, b) => a.found.length - b.found.length)[0];
    if (best === undefined) problems.push(`${at} is empty`);
    else if (best.found.length > 0) problems.push(...best.found);
    else for (const [id, own] of best.bindings) how.bindings.set(id, own);
  }
  return problems;
}

/** @returns what differs, a sentence each; bindings grow by what was seen */
export function differences(example: unknown, actual: unknown, at: string, how: Comparison): string[] {
  if (example === ANY) return [];
  if (how.free.has(at))
    return kind(actual) === kind(example) ? [] : [`${at} is ${show(actual)}, not a ${kind(example)}`];
  if (typeof example === 'string') return compareText(example, actual, at, how);
  if (Array.isArray(example))
    return Array.isArray(actual)
      ? compareLists(example, actual, at, how)
      : [`${at} is no list: ${show(actual)}`];
  if (isFields(example)) {
    if (!isFields(actual)) return [`${at} is ${show(actual)}, not an object`];
    const isAnyObject =
      at !== '' &&
      Object.values(example).length > 0 &&
      Object.values(example).every((value) => value === ANY);
    return isAnyObject ? [] : compareFields(example, actual, at, how);
  }
  return example === actual ? [] : [`${at} is ${show(actual)}, not ${show(example)}`];
}
