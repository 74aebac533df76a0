// The keyspaces of a ring by name: which are the product's own, and which a job names that are not there.
import type { StopNote } from '../../../shared/ring-view.ts';
import type { GateOptions, StopQuestion } from './facts.ts';

const MOST_KEYSPACES = 20;

/** Keyspaces of the product's own, which operators seldom replicate. */
export const isSystem = (name: string): boolean => /^(system|dse)(_|$)/.test(name) || name === 'solr_admin';

/** Each once, in order, and how many more there are. */
export const listed = (words: Iterable<string>, most = 5): string => {
  const all = [...new Set(words)].sort();
  return all.length <= most
    ? all.join(', ')
    : `${all.slice(0, most).join(', ')} and ${all.length - most} more`;
};

/** The names that options have for keyspaces which are not among these; nothing where none are known. */
export function namedInVain(
  there: ReadonlySet<string>,
  { relaxed, levels }: Pick<GateOptions, 'relaxed' | 'levels'>,
): { option: string; unknown: string; others: string }[] {
  if (there.size === 0) return [];
  const own = [...there].filter((name) => !isSystem(name));
  const others = own.length === 0 ? 'none but those of the product' : listed(own, MOST_KEYSPACES);
  const asked = { 'relaxed-keyspaces': relaxed, 'keyspace-levels': Object.keys(levels) };
  return Object.entries(asked).flatMap(([option, names]) => {
    const unknown = names.filter((name) => !there.has(name));
    return unknown.length === 0 ? [] : [{ option, unknown: listed(unknown), others }];
  });
}

/** What a job asks of keyspaces that no view has: without effect, and so most likely a slip. Nothing while nobody has looked. */
export function unknownKeyspaces({ views, options }: StopQuestion): StopNote[] {
  const there = new Set(views.flatMap(({ view }) => view?.keyspaces.map(({ name }) => name) ?? []));
  return namedInVain(there, options).map(({ option, unknown, others }) => ({
    subtype: 'gate-unknown-keyspace',
    message: `${option} has no effect on what is no keyspace of this ring: ${unknown}. There are: ${others} (capitals count)`,
    loud: false,
  }));
}
