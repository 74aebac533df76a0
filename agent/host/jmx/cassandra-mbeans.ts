// Questions to the Cassandra on this machine over JMX: milliseconds each, where nodetool starts a JVM for every one.
import type { RingView } from '../../../shared/ring-view.ts';
import { shortAddress } from '../../../shared/short-address.ts';
import { gossipedReleases, gossipedStatuses, sameAddress } from './gossip-status.ts';
import type { JavaValue } from './java-value.ts';
import { connectJmx as connect, type JmxClient } from './jmx-client.ts';
import { JmxError, nullWhereUnknown } from './jmx-error.ts';
import { ringView } from './ring-view.ts';
import { type SavedSettings, savedSettings } from './saved-settings.ts';
import { type ServedClients, servedClients } from './served-clients.ts';

const STORAGE = 'org.apache.cassandra.db:type=StorageService';
const COMPACTION = 'org.apache.cassandra.db:type=CompactionManager';
/** Of all tables together. */
const OLDER_SSTABLES = 'org.apache.cassandra.metrics:type=Table,name=OldVersionSSTableCount';
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
  isNativeTransportRunning(): Promise<boolean>;
  /** The clients that it serves now. */
  servedClients(): Promise<ServedClients>;
  /** Resolves once all connections are closed (served-clients.ts says what else that means); a limit ends our waiting, not its closing. */
  stopNativeTransport(withinMs: number): Promise<void>;
  /** Resolves once drained. Not idempotent in Cassandra (CASSANDRA-17493): look at operationMode first. */
  drain(withinMs: number): Promise<void>;
  /** Of all tables. @throws JmxError also when there is one of that name */
  takeSnapshot(tag: string, withinMs: number): Promise<void>;
  /** How many sstables are not in the format that this version writes; null: it does not count them. */
  olderSstables(): Promise<number | null>;
  /** Of all keyspaces that have sstables. */
  keyspaces(): Promise<string[]>;
  /**
   * Rewrites those sstables of a keyspace that are not in the format that this version writes, however long that takes.
   * @returns false when it was ended, or could not begin since something else compacts
   */
  upgradeSstables(keyspace: string, withinMs: number): Promise<boolean>;
  /** Ends what `upgradeSstables` does; what was rewritten stays. */
  stopUpgradingSstables(): Promise<void>;
  /** The version of every node that is of the ring, this one among them, by address. */
  releases(): Promise<Map<string, string>>;
  /** How this node sees another one (or itself), by its broadcast address. */
  sightOf(address: string): Promise<PeerSighting>;
  /** What it sees of the ring, as far as it concerns stopping the node at `address`. */
  ringView(address: string): Promise<RingView>;
  /** What its data was made with; null while it has none. */
  savedSettings(): Promise<SavedSettings | null>;
  close(): void;
}

/**
 * Connects to the node whose JMX listens on this port of 127.0.0.1, as Cassandra's does unless told otherwise.
 * @param withinMs for connecting, and for each question that has no limit of its own
 * @param signal ends all questions, later ones too
 * @throws JmxError when nothing answers in time, or what answers is no JMX server
 */
export async function connectJmx(port: number, withinMs: number, signal?: AbortSignal): Promise<JmxNode> {
  const client = await connect({ host: '127.0.0.1', port }, { withinMs, signal });
  return {
    operationMode: async () => text(await client.getAttribute(STORAGE, 'OperationMode')),
    isNativeTransportRunning: async () =>
      (await client.getAttribute(STORAGE, 'NativeTransportRunning')) === true,
    servedClients: () => servedClients(client),
    stopNativeTransport: async (stopMs) =>
      void (await client.invoke(STORAGE, 'stopNativeTransport', [], { withinMs: stopMs })),
    drain: async (drainMs) => void (await client.invoke(STORAGE, 'drain', [], { withinMs: drainMs })),
    takeSnapshot: async (tag, snapshotMs) =>
      void (await client.invoke(STORAGE, 'takeSnapshot', [tag, []], { withinMs: snapshotMs })),
    olderSstables: async () => {
      const told = await client.getAttribute(OLDER_SSTABLES, 'Value').catch(nullWhereUnknown);
      return typeof told === 'number' ? told : null;
    },
    keyspaces: async () => texts(await client.getAttribute(STORAGE, 'Keyspaces')),
    upgradeSstables: async (keyspace, sstablesMs) => {
      const isOlderOnly = true; // those of this version's own format stay
      const args = [keyspace, isOlderOnly, []];
      return (await client.invoke(STORAGE, 'upgradeSSTables', args, { withinMs: sstablesMs })) === 0;
    },
    stopUpgradingSstables: async () =>
      void (await client.invoke(COMPACTION, 'stopCompaction', ['UPGRADE_SSTABLES'])),
    releases: () => releases(client),
    sightOf: (peer) => sightOf(client, peer),
    ringView: (about) => ringView(client, about, withinMs),
    savedSettings: () => savedSettings(client),
    close: () => client.close(),
  };
}

/** Gossip remembers nodes that have left: those that live, and those that are missed, are of the ring. */
async function releases(client: JmxClient): Promise<Map<string, string>> {
  const [gossip, ...nodes] = await Promise.all([
    client.getAttribute(FAILURE_DETECTOR, 'AllEndpointStates'),
    client.getAttribute(STORAGE, 'LiveNodes'),
    client.getAttribute(STORAGE, 'UnreachableNodes'),
  ]);
  const members = nodes.flatMap(texts).map(shortAddress);
  return new Map([...gossipedReleases(text(gossip))].filter(([address]) => members.includes(address)));
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
