// What force does not overrule in a job that promises to be safe: leave held by a node that shares replica sets.
import { apartFrom, sharingOf } from '../planning/sharing.ts';
import type { StopQuestion } from './facts.ts';

/** Addresses of nodes with leave for which the stop has to wait with force too; where nobody told who shares what, all that have it. */
export function keptApartFrom({ address, views, onLeave, options }: StopQuestion): string[] {
  if (!options.keepsApart || onLeave.length === 0) return [];
  const seen = views.flatMap(({ view }) => (view === null ? [] : [view]));
  if (!seen.some((view) => [...view.live, ...view.unreachable].includes(address))) return [...onLeave];
  const datacenterOf = (at: string): string =>
    seen.flatMap(({ datacenters }) => datacenters[at] ?? [])[0] ?? '';
  const apart = new Set(apartFrom(sharingOf(address, seen), datacenterOf(address), datacenterOf, options));
  return onLeave.filter((one) => apart.has(one));
}
