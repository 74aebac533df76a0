// Questions to the Cassandra on this machine over JMX: milliseconds each, where nodetool starts a JVM for every one.
import type { CallLimit } from './call-limit.ts';
import { gossipedStatuses, sameAddress } from './gossip-status.ts';
import type { JavaValue } from './java-value.ts';
import { connectJmx as connect, type JmxAddress, type JmxClient } from './jmx-client.ts';
import { JmxError } from './jmx-error.ts';

const STORAGE = 'org.apache.cassandra.db:type=StorageService';
const PROXY = 'org.apache.cassandra.db:type=StorageProxy';
const FAILURE_DETECTOR = 'org.apache.cassandra.net:type=FailureDetector';

export interface PeerSighting {
  /** up, and its gossiped status is NORMAL */
  normal: boolean;
  detail: string;
}

/** What the steps ask. All questions may be asked side by side; each throws JmxError. */
export interface JmxNode {
  /** STARTING, JOINING, NORMAL, LEAVING, MOVING, DRAINING, DRAINED, DECOMMISSIONED */
  operationMode(): Promise<string>;
  releaseVersion(): Promise<string>;
  isNativeTransportRunning(): Promise<boolean>;
  stopNativeTransport(): Promise<void>;
  /** Resolves once drained. Not idempotent in Cassandra (CASSANDRA-17493): look at operationMode first. */
  drain(withinMs: number): Promise<void>;
  /** How this node sees another one (or itself), by its broadcast address. */
  sightOf(address: string): Promise<PeerSighting>;
  close(): void;
}

/** And what is known of the ring, as this node sees it: addresses without ports, IPv6 as Java writes it (0:0:0:0:0:0:0:1). */
export interface CassandraMBeans extends JmxNode {
  liveNodes(): Promise<string[]>;
  unreachableNodes(): Promise<string[]>;
  joiningNodes(): Promise<string[]>;
  leavingNodes(): Promise<string[]>;
  movingNodes(): Promise<string[]>;
  /** host id by address, of all members of the ring, up or not; a node that still joins is none */
  hostIds(): Promise<Map<string, string>>;
  /** addresses by schema version; those that do not answer are under UNREACHABLE */
  schemaVersions(): Promise<Map<string, string[]>>;
}

/**
 * Connects to the node whose JMX listens on this port of 127.0.0.1, as Cassandra's does unless told otherwise.
 * @param withinMs for connecting, and for each question but `drain`
 * @param signal ends all questions, later ones too
 * @throws JmxError when nothing answers in time, or what answers is no JMX server
 */
export const connectJmx = (port: number, withinMs: number, signal?: AbortSignal): Promise<CassandraMBeans> =>
  connectCassandra({ host: '127.0.0.1', port }, { withinMs, signal });

/** The same for another address, or with credentials. */
export async function connectCassandra(address: JmxAddress, limit: CallLimit): Promise<CassandraMBeans> {
  const client = await connect(address, limit);
  return {
    operationMode: async () => text(await client.getAttribute(STORAGE, 'OperationMode')),
    releaseVersion: async () => text(await client.getAttribute(STORAGE, 'ReleaseVersion')),
    isNativeTransportRunning: async () =>
      (await client.getAttribute(STORAGE, 'NativeTransportRunning')) === true,
    stopNativeTransport: async () => void (await client.invoke(STORAGE, 'stopNativeTransport')),
    drain: async (withinMs) => void (await client.invoke(STORAGE, 'drain', [], { withinMs })),
    sightOf: (peer) => sightOf(client, peer),
    liveNodes: async () => texts(await client.getAttribute(STORAGE, 'LiveNodes')),
    unreachableNodes: async () => texts(await client.getAttribute(STORAGE, 'UnreachableNodes')),
    joiningNodes: async () => texts(await client.getAttribute(STORAGE, 'JoiningNodes')),
    leavingNodes: async () => texts(await client.getAttribute(STORAGE, 'LeavingNodes')),
    movingNodes: async () => texts(await client.getAttribute(STORAGE, 'MovingNodes')),
    hostIds: async () => mapOf(await client.getAttribute(STORAGE, 'EndpointToHostId'), text),
    schemaVersions: async () => mapOf(await client.getAttribute(PROXY, 'SchemaVersions'), texts),
    close: () => client.close(),
  };
}

/** Alive says only that it gossips: it does so while it starts, and for a while after it is killed. The status is its own word. */
async function sightOf(client: JmxClient, peer: string): Promise<PeerSighting> {
  const live = texts(await client.getAttribute(STORAGE, 'LiveNodes'));
  if (!live.some((address) => sameAddress(address, peer)))
    return { normal: false, detail: `${peer} is not seen alive` };
  const statuses = gossipedStatuses(text(await client.invoke(FAILURE_DETECTOR, 'getEndpointState', [peer])));
  const normal = statuses.length > 0 && statuses.every((status) => status === 'NORMAL');
  const shown = [...new Set(statuses)].join(', ') || 'unknown';
  return { normal, detail: `${peer} is seen alive, status ${shown}` };
}

function text(value: JavaValue): string {
  if (typeof value !== 'string') throw new JmxError('a text was expected over JMX');
  return value;
}

function texts(value: JavaValue): string[] {
  if (!Array.isArray(value)) throw new JmxError('a list was expected over JMX');
  return value.map(text);
}

function mapOf<T>(value: JavaValue, read: (value: JavaValue) => T): Map<string, T> {
  if (!(value instanceof Map)) throw new JmxError('a map was expected over JMX');
  return new Map([...value].map(([key, item]) => [text(key), read(item)]));
}
