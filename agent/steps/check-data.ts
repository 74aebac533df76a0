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
const CLUSTER_UNLESS_GIVEN = 'Test Cluster';
/** Cassandra's flags for starting in another place all the same. */
const ANY_PLACE = /-Dcassandra\.ignore_(?:dc|rack)=true/;

/** What a cassandra.yaml asks for, as far as it cannot be changed once there is data. */
interface Asked {
  cluster: string;
  tokens: number;
  /** null: it names none */
  partitioner: string | null;
  snitch: string;
}

interface Misfit {
  /** of cassandra.yaml */
  key: 'cluster_name' | 'num_tokens' | 'partitioner' | 'endpoint_snitch';
  now: string;
  asked: string;
  /** what would be right */
  right: string;
}

const shortName = (className: string): string => className.slice(className.lastIndexOf('.') + 1);

async function askedBy(yaml: string): Promise<Asked> {
  const { readYaml, textOf } = await import('../config-files/yaml-source.ts');
  const source = readYaml(yaml);
  const { num_tokens: tokens, partitioner, endpoint_snitch: snitch } = source.values;
  return {
    cluster: textOf(source, 'cluster_name') ?? CLUSTER_UNLESS_GIVEN,
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
  const { cluster, tokens, partitioner } = await askedBy(current);
  return { cluster, tokens, partitioner, datacenter: null, rack: null };
}

/** Of a cassandra.yaml that is left as it is. */
export interface FileLeft {
  path: string;
  text: string;
  /** a configure would write it */
  isManaged: boolean;
}

/**
 * Cassandra knows no flag against this one. Whatever else differs is another cluster's as well, so that it is told alone.
 * @param left null: the file is to be written
 */
function clusterMisfit(
  { input }: StepContext,
  asked: Asked,
  { cluster: now }: SavedSettings,
  left: Pick<FileLeft, 'path' | 'isManaged'> | null,
): Misfit | null {
  if (now === null || now === asked.cluster) return null;
  const name = JSON.stringify(now);
  const byModel = `to have this node in a cluster with the name ${name} (the model never renames one), unless the model has the address of the wrong host for it`;
  const isOfModel = input.cluster.name === now;
  const inFile = `cluster_name ${name} in ${left?.path}`;
  const right =
    left === null
      ? byModel
      : isOfModel
        ? `${inFile}${left.isManaged ? ', as a configure writes it' : ''}`
        : `${inFile}, and ${byModel}`;
  return { key: 'cluster_name', now, asked: asked.cluster, right };
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

const NEW_NODE =
  '. Another value takes a node without data: decommission it, remove its data, and install it';

/** @param then what to do besides; '' or a sentence with its full stop before it */
function refuse(found: readonly Misfit[], then: string): never {
  const told = found.map(({ key, now, asked, right }) => {
    // where a name ends is seen by its quotes
    const [is, wouldBe] =
      key === 'cluster_name' ? [now, asked].map((name) => JSON.stringify(name)) : [now, asked];
    return `${key} is ${is}, and would be ${wouldBe}: right is ${right}`;
  });
  throw new StepFailed(
    'other-data',
    `Cassandra would not start on the data that this node has, so that nothing was written or stopped: ${told.join('. ')}${then}`,
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
  const asked = await askedBy(wanted);
  const cluster = clusterMisfit(context, asked, saved, null);
  if (cluster !== null) refuse([cluster], '');
  const found = misfits(context, asked, saved);
  if (found.length > 0) refuse(found, NEW_NODE);
}

/**
 * Of a cassandra.yaml that the job leaves as it is. Where the node is by its snitch stands in other files.
 * @param isRead whether the node starts with that file
 * @throws StepFailed `other-data` as `checkData` does
 */
export async function checkDataUnwritten(
  context: StepContext,
  left: FileLeft,
  isRead: () => Promise<boolean>,
): Promise<void> {
  const saved = await savedSettings(context, null);
  if (saved === null) return;
  const asked = await askedBy(left.text).catch((cause: unknown) => {
    if (cause instanceof InvalidInput) return null; // Cassandra reads YAML that we do not edit
    throw cause;
  });
  if (asked === null) return;
  const cluster = clusterMisfit(context, asked, saved, left);
  const found = cluster === null ? misfits(context, { ...asked, snitch: '' }, saved) : [cluster];
  if (found.length === 0 || !(await isRead())) return;
  if (cluster !== null) refuse(found, '');
  const then = left.isManaged
    ? '. A restart leaves cassandra.yaml as it is: run configure once the profile has that'
    : `. The profile leaves ${left.path} to hand: correct it there`;
  refuse(found, `${then}${NEW_NODE}`);
}
