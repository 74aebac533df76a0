// What the Cassandra on this machine sees of its ring, in a dozen questions over JMX: who lives, who moves, and who keeps which ranges.
import type { ReplicaSet, RingKeyspace, RingView } from '../../../shared/ring-view.ts';
import { shortAddress } from '../../../shared/short-address.ts';
import { schemasAmong } from './gossip-status.ts';
import { isJavaObject, type JavaValue } from './java-value.ts';
import type { JmxClient } from './jmx-client.ts';
import { JmxError, nullWhereUnknown } from './jmx-error.ts';
import { keptHints } from './kept-hints.ts';

const STORAGE = 'org.apache.cassandra.db:type=StorageService';
const FAILURE_DETECTOR = 'org.apache.cassandra.net:type=FailureDetector';
const SNITCH = 'org.apache.cassandra.db:type=EndpointSnitchInfo';
const STREAMS = 'org.apache.cassandra.net:type=StreamManager';
/** @throws JmxError */
export async function ringView(client: JmxClient, about: string): Promise<RingView> {
  const address = shortAddress(about);
  const [live, unreachable, joining, leaving, moving] = await Promise.all(
    ['LiveNodes', 'UnreachableNodes', 'JoiningNodes', 'LeavingNodes', 'MovingNodes'].map(async (attribute) =>
      addresses(await client.getAttribute(STORAGE, attribute)),
    ),
  );
  const [gossip, streams, names] = await Promise.all([
    // StorageProxy's SchemaVersions asks every node, and waits for those that died just now.
    client.getAttribute(FAILURE_DETECTOR, 'AllEndpointStates'),
    client.getAttribute(STREAMS, 'CurrentStreams'),
    client.getAttribute(STORAGE, 'NonLocalStrategyKeyspaces'),
  ]);
  const keyspaces = await Promise.all(texts(names).map((name) => keyspaceOf(client, name, address)));
  const replicas = new Set(
    keyspaces.flatMap(({ replicaSets }) => replicaSets.flatMap((set) => set.replicas)),
  );
  const datacenters: Record<string, string> = {};
  for (const replica of [...replicas, address]) {
    datacenters[replica] = String(await client.invoke(SNITCH, 'getDatacenter', [replica]));
  }
  return {
    live: live ?? [],
    unreachable: unreachable ?? [],
    joining: joining ?? [],
    leaving: leaving ?? [],
    moving: moving ?? [],
    schemaVersions: schemasAmong(String(gossip), live ?? []),
    streamsWith: [...new Set(peersIn(streams))],
    hintsFor: await keptHints(
      client,
      [...replicas].filter((replica) => replica !== address && live?.includes(replica)),
    ),
    datacenters,
    keyspaces,
  };
}

async function keyspaceOf(client: JmxClient, name: string, address: string): Promise<RingKeyspace> {
  const [ranges, replication] = await Promise.all([
    client.invoke(STORAGE, 'getRangeToEndpointMap', [name]),
    // Where there is none, how many replicas a range has says it but for datacenters with fewer nodes than copies.
    client.invoke(STORAGE, 'getKeyspaceReplicationInfo', [name]).catch(nullWhereUnknown),
  ]);
  return { name, copies: copiesOf(replication), replicaSets: replicaSets(ranges, address) };
}

/** `NetworkTopologyStrategy {dc1=3, dc2=2/1}`, `SimpleStrategy {replication_factor=1}`: of transient replication, all copies. */
export function copiesOf(replication: JavaValue): RingKeyspace['copies'] {
  if (typeof replication !== 'string') return null;
  const copies = [...replication.matchAll(/([^\s{,=]+)=(\d+)/g)].map(
    ([, name = '', count]) => [name === 'replication_factor' ? '' : name, Number(count)] as const,
  );
  return copies.length === 0 ? null : Object.fromEntries(copies);
}

/** Ranges with the same replicas become one set with one of them as a sample. */
export function replicaSets(ranges: JavaValue, address: string): ReplicaSet[] {
  const sets = new Map<string, ReplicaSet>();
  for (const [range, endpoints] of pairs(ranges)) {
    const replicas = addresses(endpoints).sort();
    if (!replicas.includes(address)) continue;
    const key = replicas.join(' ');
    const set = sets.get(key);
    if (set === undefined) sets.set(key, { replicas, ranges: 1, sample: `(${texts(range).join(', ')}]` });
    else set.ranges += 1;
  }
  return [...sets.values()];
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

function pairs(value: JavaValue): Map<JavaValue, JavaValue> {
  if (!(value instanceof Map)) throw new JmxError('a map was expected over JMX');
  return value;
}

function texts(value: JavaValue): string[] {
  if (!Array.isArray(value)) throw new JmxError('a list was expected over JMX');
  return value.map((text) => {
    if (typeof text !== 'string') throw new JmxError('a text was expected over JMX');
    return text;
  });
}

const addresses = (value: JavaValue): string[] => texts(value).map(shortAddress);
