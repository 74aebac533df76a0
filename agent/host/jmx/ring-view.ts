// What the Cassandra on this machine sees of its ring, in some dozens of questions over JMX: who lives, who moves, and who keeps which ranges.
import type { RingView } from '../../../shared/ring-view.ts';
import { shortAddress } from '../../../shared/short-address.ts';
import { schemasAmong } from './gossip-status.ts';
import { isJavaObject, type JavaValue } from './java-value.ts';
import type { JmxClient } from './jmx-client.ts';
import { keptHints } from './kept-hints.ts';
import { ringKeyspaces, texts } from './ring-ranges.ts';

const STORAGE = 'org.apache.cassandra.db:type=StorageService';
const FAILURE_DETECTOR = 'org.apache.cassandra.net:type=FailureDetector';
const SNITCH = 'org.apache.cassandra.db:type=EndpointSnitchInfo';
const STREAMS = 'org.apache.cassandra.net:type=StreamManager';
/** What all ranges of a ring may take more than another question: the node looks for the replicas of each token of each of its nodes. */
const RANGES_MS_A_NODE = 30;
/**
 * @param withinMs for each question but that for the ranges
 * @throws JmxError
 */
export async function ringView(client: JmxClient, about: string, withinMs: number): Promise<RingView> {
  const address = shortAddress(about);
  const nodesIn = async (attribute: string): Promise<string[]> =>
    texts(await client.getAttribute(STORAGE, attribute)).map(shortAddress);
  const nodes = (await nodesIn('LiveNodes')).length + (await nodesIn('UnreachableNodes')).length;
  const names = texts(await client.getAttribute(STORAGE, 'NonLocalStrategyKeyspaces'));
  const keyspaces = await ringKeyspaces(client, names, address, withinMs + nodes * RANGES_MS_A_NODE);
  const sets = new Set(keyspaces.flatMap(({ replicaSets }) => replicaSets));
  const replicas = new Set([...sets].flatMap((set) => set.replicas));
  const datacenters: Record<string, string> = {};
  for (const replica of [...replicas, address]) {
    datacenters[replica] = String(await client.invoke(SNITCH, 'getDatacenter', [replica]));
  }
  // What changes soonest comes last: the ranges of a large ring take their time.
  const [live = [], unreachable = [], joining = [], leaving = [], moving = []] = await Promise.all(
    ['LiveNodes', 'UnreachableNodes', 'JoiningNodes', 'LeavingNodes', 'MovingNodes'].map(nodesIn),
  );
  const [gossip, streams] = await Promise.all([
    // StorageProxy's SchemaVersions asks every node, and waits for those that died just now.
    client.getAttribute(FAILURE_DETECTOR, 'AllEndpointStates'),
    client.getAttribute(STREAMS, 'CurrentStreams'),
  ]);
  const others = new Set(live.filter((node) => node !== address && replicas.has(node)));
  return {
    live,
    unreachable,
    joining,
    leaving,
    moving,
    schemaVersions: schemasAmong(String(gossip), live),
    streamsWith: [...new Set(peersIn(streams))],
    hintsFor: await keptHints(client, [...others]),
    datacenters,
    keyspaces,
  };
}

/** The peers of all sessions of all streams: CompositeData within CompositeData. */
export function peersIn(value: JavaValue | Buffer | undefined): string[] {
  if (value === undefined || value === null || Buffer.isBuffer(value)) return [];
  if (Array.isArray(value)) return value.flatMap(peersIn);
  if (value instanceof Map)
    return [...value].flatMap(([name, inner]) =>
      name === 'peer' && typeof inner === 'string'
        ? [shortAddress(inner.replace(/^.*\//, ''))]
        : peersIn(inner),
    );
  return isJavaObject(value) ? peersIn(value.fields['contents']) : [];
}
