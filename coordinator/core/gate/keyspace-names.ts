// The keyspaces of a ring by name: which are the product's own, and which a job names that are not there.
import type { StopNote } from '../../../shared/ring-view.ts';
import type { StopQuestion } from './facts.ts';

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

/** What a job asks of keyspaces that no view has: without effect, and so most likely a slip. Nothing while nobody has looked. */
export function unknownKeyspaces({ views, options }: StopQuestion): StopNote[] {
  const there = new Set(views.flatMap(({ view }) => view?.keyspaces.map(({ name }) => name) ?? []));
  if (there.size === 0) return [];
  const own = [...there].filter((name) => !isSystem(name));
  const asked = { 'relaxed-keyspaces': options.relaxed, 'keyspace-levels': Object.keys(options.levels) };
  return Object.entries(asked).flatMap(([option, names]) => {
    const unknown = names.filter((name) => !there.has(name));
    if (unknown.length === 0) return [];
    const known = own.length === 0 ? 'none but those of the product' : listed(own, MOST_KEYSPACES);
    const message = `${option} has no effect on what is no keyspace of this ring: ${listed(unknown)}. There are: ${known} (capitals count)`;
    return [{ subtype: 'gate-unknown-keyspace', message, loud: false }];
  });
}
