// Refuses a configuration that Cassandra would not start with on the data that the running node has, before anything is written or stopped.
import { InvalidInput, pointerTo, StepFailed } from '../../shared/errors.ts';
import { JmxError } from '../host/jmx/jmx-error.ts';
import type { SavedSettings } from '../host/jmx/saved-settings.ts';
import { layoutOf, ownNodeOf } from '../products/index.ts';
import type { StepContext } from './step.ts';

const FILE = 'cassandra-yaml';
const JMX_MS = 10_000;
/** Of a file without the key. */
const TOKENS_UNLESS_GIVEN = 1;
/** Cassandra's flags for starting in another place all the same. */
const ANY_PLACE = /-Dcassandra\.ignore_(?:dc|rack)=true/;

/** What a cassandra.yaml asks for, as far as it cannot be changed once there is data. */
interface Asked {
  tokens: number;
  /** null: it names none */
  partitioner: string | null;
  snitch: string;
}

interface Misfit {
  /** of cassandra.yaml */
  key: 'num_tokens' | 'partitioner' | 'endpoint_snitch';
  now: string;
  asked: string;
  /** what would be right */
  right: string;
}

const shortName = (className: string): string => className.slice(className.lastIndexOf('.') + 1);

async function askedBy(yaml: string): Promise<Asked> {
  const { readYaml } = await import('../config-files/yaml-source.ts');
  const { num_tokens: tokens, partitioner, endpoint_snitch: snitch } = readYaml(yaml).values;
  return {
    tokens: Number(tokens ?? TOKENS_UNLESS_GIVEN),
    partitioner: typeof partitioner === 'string' ? partitioner : null,
    snitch: typeof snitch === 'string' ? shortName(snitch) : '',
  };
}

/** Where a node is by a snitch that asks nobody; null: that is not to be told here. */
function placeBy(snitch: string, { input }: StepContext): { datacenter: string; rack: string } | null {
  if (snitch === 'GossipingPropertyFileSnitch') return input.node;
  return snitch === 'SimpleSnitch' ? { datacenter: 'datacenter1', rack: 'rack1' } : null;
}

/**
 * Of the node that runs: what it says itself or, when it does not answer, what it was started with, if that still stands in
 * its files. Of one that does not run nothing is asked: it has nothing to lose.
 * @param current the cassandra.yaml that the node was started with; null when that is no longer there
 */
async function savedSettings(context: StepContext, current: string | null): Promise<SavedSettings | null> {
  const { host, input, aborted } = context;
  if ((await host.findCassandra(layoutOf(input).directory)) === null) return null;
  const node = await host.jmx(ownNodeOf(input), JMX_MS, aborted).catch(() => null);
  try {
    if (node !== null) return await node.savedSettings();
  } catch (error) {
    aborted.throwIfAborted();
    if (!(error instanceof JmxError)) throw error;
  } finally {
    node?.close();
  }
  if (current === null) return null;
  const { tokens, partitioner } = await askedBy(current);
  return { tokens, partitioner, datacenter: null, rack: null };
}

function misfits(context: StepContext, asked: Asked, saved: SavedSettings): Misfit[] {
  const { node, profile } = context.input;
  const found: Misfit[] = [];
  if (asked.tokens !== saved.tokens)
    found.push({
      key: 'num_tokens',
      now: String(saved.tokens),
      asked: String(asked.tokens),
      right:
        node.initialToken === null
          ? `num_tokens ${saved.tokens} in the config profile`
          : `as many tokens as it has (${saved.tokens}) in the node's initial-token, or none there and num_tokens ${saved.tokens} in the config profile`,
    });
  const { partitioner } = saved;
  if (partitioner !== null && asked.partitioner !== null)
    if (shortName(partitioner) !== shortName(asked.partitioner))
      found.push({
        key: 'partitioner',
        now: partitioner,
        asked: asked.partitioner,
        right: `partitioner ${partitioner} in the config profile`,
      });
  const place = placeBy(asked.snitch, context);
  if (place === null || ANY_PLACE.test(JSON.stringify(profile))) return found;
  for (const part of ['datacenter', 'rack'] as const) {
    const now = saved[part];
    if (now === null || now === place[part]) continue;
    found.push({
      key: 'endpoint_snitch',
      now: `one with ${part} ${now}`,
      asked: `${asked.snitch} with ${part} ${place[part]}`,
      right: `one under which the ${part} is ${now}`,
    });
  }
  return found;
}

/** @param then what to do besides; '' or a sentence with its full stop before it */
function refuse(found: readonly Misfit[], then: string): void {
  if (found.length === 0) return;
  const told = found
    .map(({ key, now, asked, right }) => `${key} is ${now}, and would be ${asked}: right is ${right}`)
    .join('. ');
  throw new StepFailed(
    'other-data',
    `Cassandra would not start on the data that this node has, so that nothing was written or stopped: ${told}${then}. Another value takes a node without data: decommission it, remove its data, and install it`,
    {
      resource: FILE,
      detail: {
        problems: found.map(({ key, now, asked }) => ({ pointer: pointerTo(FILE, key), now, asked })),
      },
    },
  );
}

/**
 * @param wanted the cassandra.yaml that is to be written
 * @param current as for `savedSettings`
 * @throws StepFailed `other-data` that names each setting, its value now, the one asked for and what would be right
 */
export async function checkData(context: StepContext, wanted: string, current: string | null): Promise<void> {
  const saved = await savedSettings(context, current);
  if (saved === null) return;
  refuse(misfits(context, await askedBy(wanted), saved), '');
}

/**
 * Of the cassandra.yaml that is there, which a restart leaves as it is. Where the node is by its snitch stands in other files.
 * @throws StepFailed `other-data` as `checkData` does
 */
export async function checkDataUnwritten(context: StepContext, yaml: string): Promise<void> {
  const saved = await savedSettings(context, null);
  if (saved === null) return;
  const asked = await askedBy(yaml).catch((cause: unknown) => {
    if (cause instanceof InvalidInput) return null; // Cassandra reads YAML that we do not edit
    throw cause;
  });
  if (asked === null) return;
  const found = misfits(context, { ...asked, snitch: '' }, saved);
  refuse(found, '. A restart leaves cassandra.yaml as it is: run configure once the profile has that');
}
