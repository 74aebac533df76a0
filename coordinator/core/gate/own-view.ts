// What the node to be stopped does not tell: streams between it and nodes that are not asked, which it alone is sure to know of.
import type { StopQuestion } from './facts.ts';

/**
 * How long its looks have to fail before a stop goes on without. Not for ever: a node whose JMX is broken is one that people restart,
 * and force, which they would be left with, overrules all the rest of the gate too.
 */
export const OWN_VIEW_MS = 60_000;

/** In words for whoever waits; null: it has told, or no database node runs there. */
export function ownUnheard({ views, nodeId, name }: StopQuestion): string | null {
  const own = views.find((one) => one.nodeId === nodeId);
  if (own?.down === true || (own !== undefined && own.view !== null)) return null;
  const why = own?.problem ?? 'it did not answer in time';
  return `Node ${name} itself does not tell what it sees (${why}): what is streamed between it and nodes that were not asked is not known.`;
}
