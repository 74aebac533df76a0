// Questions to the Cassandra on this machine over JMX: milliseconds each, where nodetool starts a JVM for every one.

import type { JavaValue } from './java-stream.ts';
import {
  JmxError,
  javaObjectName,
  javaString,
  methodHash,
  NULL,
  type RemoteObject,
  RmiClient,
  registryAt,
  remoteOf,
} from './jrmp.ts';

const HOST = '127.0.0.1';
const STORAGE = 'org.apache.cassandra.db:type=StorageService';
const FAILURE_DETECTOR = 'org.apache.cassandra.net:type=FailureDetector';

// java.rmi.registry.Registry as its stub calls it: operation 2 of the interface with this hash.
const LOOKUP = { operation: 2, hash: 4905912898345647071n };
const NEW_CLIENT = methodHash('newClient(Ljava/lang/Object;)Ljavax/management/remote/rmi/RMIConnection;');
const CLOSE = methodHash('close()V');
const GET_ATTRIBUTE = methodHash(
  'getAttribute(Ljavax/management/ObjectName;Ljava/lang/String;Ljavax/security/auth/Subject;)Ljava/lang/Object;',
);
const INVOKE = methodHash(
  'invoke(Ljavax/management/ObjectName;Ljava/lang/String;Ljava/rmi/MarshalledObject;[Ljava/lang/String;Ljavax/security/auth/Subject;)Ljava/lang/Object;',
);

export interface PeerSighting {
  /** up, and its gossiped status is NORMAL */
  normal: boolean;
  detail: string;
}

export interface JmxNode {
  /** STARTING, JOINING, NORMAL, LEAVING, MOVING, DRAINING, DRAINED, DECOMMISSIONED */
  operationMode(): Promise<string>;
  releaseVersion(): Promise<string>;
  isNativeTransportRunning(): Promise<boolean>;
  stopNativeTransport(): Promise<void>;
  /** Resolves once drained. Not idempotent in Cassandra (CASSANDRA-17493): look at operationMode first. */
  drain(withinMs: number): Promise<void>;
  /** How this node sees another one, by its broadcast address. */
  sightOf(address: string): Promise<PeerSighting>;
  close(): void;
}

/** @throws JmxError when nothing answers in time, or what answers is no JMX server */
export async function connectJmx(port: number, withinMs: number, signal?: AbortSignal): Promise<JmxNode> {
  const client = new RmiClient();
  const within = async <T>(work: Promise<T>, ms: number): Promise<T> => {
    const timer = setTimeout(() => client.close(new JmxError(`no answer within ${ms} ms`)), ms);
    const aborted = (): void => client.close(new JmxError('aborted'));
    signal?.addEventListener('abort', aborted, { once: true });
    try {
      return await work;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', aborted);
    }
  };
  try {
    const connection = await within(openConnection(client, port), withinMs);
    return new CassandraMBeans(client, connection, withinMs, within);
  } catch (error) {
    client.close();
    throw error;
  }
}

async function openConnection(client: RmiClient, port: number): Promise<RemoteObject> {
  const server = remoteOf(
    await client.call(registryAt(HOST, port), LOOKUP.operation, LOOKUP.hash, [javaString('jmxrmi')]),
    HOST,
  );
  return remoteOf(await client.call(server, -1, NEW_CLIENT, [NULL]), HOST);
}

type Within = <T>(work: Promise<T>, ms: number) => Promise<T>;

class CassandraMBeans implements JmxNode {
  readonly #client: RmiClient;
  readonly #connection: RemoteObject;
  readonly #withinMs: number;
  readonly #within: Within;

  constructor(client: RmiClient, connection: RemoteObject, withinMs: number, within: Within) {
    this.#client = client;
    this.#connection = connection;
    this.#withinMs = withinMs;
    this.#within = within;
  }

  async #attribute(bean: string, name: string): Promise<JavaValue> {
    const args = [javaObjectName(bean), javaString(name), NULL];
    return await this.#within(this.#client.call(this.#connection, -1, GET_ATTRIBUTE, args), this.#withinMs);
  }

  async #invoke(bean: string, operation: string, withinMs: number): Promise<JavaValue> {
    const args = [javaObjectName(bean), javaString(operation), NULL, NULL, NULL];
    return await this.#within(this.#client.call(this.#connection, -1, INVOKE, args), withinMs);
  }

  async operationMode(): Promise<string> {
    return String(await this.#attribute(STORAGE, 'OperationMode'));
  }

  async releaseVersion(): Promise<string> {
    return String(await this.#attribute(STORAGE, 'ReleaseVersion'));
  }

  async isNativeTransportRunning(): Promise<boolean> {
    return (await this.#attribute(STORAGE, 'NativeTransportRunning')) === true;
  }

  async stopNativeTransport(): Promise<void> {
    await this.#invoke(STORAGE, 'stopNativeTransport', this.#withinMs);
  }

  async drain(withinMs: number): Promise<void> {
    await this.#invoke(STORAGE, 'drain', withinMs);
  }

  async sightOf(address: string): Promise<PeerSighting> {
    const live = await this.#attribute(STORAGE, 'LiveNodes');
    if (!Array.isArray(live) || !live.includes(address))
      return { normal: false, detail: `${address} is not seen alive` };
    const status = gossipedStatus(
      String(await this.#attribute(FAILURE_DETECTOR, 'AllEndpointStates')),
      address,
    );
    return { normal: status === 'NORMAL', detail: `${address} is seen alive, status ${status ?? 'unknown'}` };
  }

  close(): void {
    this.#client
      .call(this.#connection, -1, CLOSE, [], false)
      .catch(() => {})
      .finally(() => this.#client.close());
  }
}

/** The status of an endpoint in what FailureDetector prints: a line with its address, then its indented states. */
export function gossipedStatus(states: string, address: string): string | null {
  let inside = false;
  let found: string | null = null;
  for (const line of states.split('\n')) {
    if (!line.startsWith(' ')) inside = line.slice(line.indexOf('/') + 1).trim() === address;
    else if (inside) found = /^\s+STATUS(?:_WITH_PORT)?:\d+:([A-Za-z_]+)/.exec(line)?.[1] ?? found;
  }
  return found;
}
