// Who keeps which ranges of the ring with the node at an address, keyspace by keyspace.
import type { ReplicaSet, RingKeyspace } from '../../../shared/ring-view.ts';
import { shortAddress } from '../../../shared/short-address.ts';
import type { JavaValue } from './java-value.ts';
import type { JmxClient } from './jmx-client.ts';
import { JmxError, nullWhereUnknown } from './jmx-error.ts';

const STORAGE = 'org.apache.cassandra.db:type=StorageService';
/** Their replica sets follow from their options and the tokens of the ring alone, in all versions so far. */
const SAME_FOR_ALL = /^(SimpleStrategy|NetworkTopologyStrategy) \{([^{}/]*)\}$/;

/**
 * The node answers with all ranges of its ring, of which there are 256,000 where 1,000 nodes have 256 tokens each: it is asked
 * one question after the other, and one for all keyspaces that are replicated alike, which share their list of replica sets then.
 * @param withinMs for all ranges of one keyspace
 * @throws JmxError
 */
export async function ringKeyspaces(
  client: JmxClient,
  names: readonly string[],
  address: string,
  withinMs: number,
): Promise<RingKeyspace[]> {
  const known = new Map<string, ReplicaSet[]>();
  const keyspaces: RingKeyspace[] = [];
  for (const name of names) {
    // Where there is none, how many replicas a range has says it but for datacenters with fewer nodes than copies.
    const replication = await client
      .invoke(STORAGE, 'getKeyspaceReplicationInfo', [name])
      .catch(nullWhereUnknown);
    const alike = alikeIn(replication) ?? `only ${name}`;
    const replicaSets = known.get(alike) ?? (await replicaSetsOf(client, name, address, withinMs));
    known.set(alike, replicaSets);
    keyspaces.push({ name, copies: copiesOf(replication), replicaSets });
  }
  return keyspaces;
}

/** Equal for keyspaces that have the same replica sets; null where that is not certain: of other strategies, and of transient replication. */
export function alikeIn(replication: JavaValue): string | null {
  const [, strategy, options] = (typeof replication === 'string' && SAME_FOR_ALL.exec(replication)) || [];
  return options === undefined ? null : `${strategy} ${options.split(', ').sort().join(', ')}`;
}

/** `NetworkTopologyStrategy {dc1=3, dc2=2/1}`, `SimpleStrategy {replication_factor=1}`: of transient replication, all copies. */
export function copiesOf(replication: JavaValue): RingKeyspace['copies'] {
  if (typeof replication !== 'string') return null;
  const copies = [...replication.matchAll(/([^\s{,=]+)=(\d+)/g)].map(
    ([, name = '', count]) => [name === 'replication_factor' ? '' : name, Number(count)] as const,
  );
  return copies.length === 0 ? null : Object.fromEntries(copies);
}

async function replicaSetsOf(
  client: JmxClient,
  keyspace: string,
  address: string,
  withinMs: number,
): Promise<ReplicaSet[]> {
  const sets = new ReplicaSets(address);
  try {
    const args = [keyspace];
    const answer = await client.invoke(STORAGE, 'getRangeToEndpointMap', args, {
      withinMs,
      takePair: sets.add,
    });
    if (!(answer instanceof Map)) throw new JmxError('a map was expected over JMX');
  } catch (cause) {
    throw new JmxError(`the ranges of keyspace ${keyspace} were not told`, { cause });
  }
  return sets.all();
}

/** Ranges with the same replicas become one set with one of them as a sample; those that an address has no part in are dropped. */
export class ReplicaSets {
  readonly #address: string;
  readonly #sets = new Map<string, ReplicaSet>();
  /** a few hundred addresses, each written anew for each range */
  readonly #short = new Map<string, string>();

  constructor(address: string) {
    this.#address = address;
  }

  /** @throws JmxError unless they are a list of two tokens and one of addresses */
  readonly add = (range: JavaValue, endpoints: JavaValue): void => {
    const replicas = texts(endpoints).map(this.#shortened);
    if (!replicas.includes(this.#address)) return;
    replicas.sort();
    const key = replicas.join(' ');
    const set = this.#sets.get(key);
    if (set === undefined)
      this.#sets.set(key, { replicas, ranges: 1, sample: `(${texts(range).join(', ')}]` });
    else set.ranges += 1;
  };

  all(): ReplicaSet[] {
    return [...this.#sets.values()];
  }

  #shortened = (address: string): string => {
    const short = this.#short.get(address) ?? shortAddress(address);
    this.#short.set(address, short);
    return short;
  };
}

export function texts(value: JavaValue): string[] {
  if (!Array.isArray(value)) throw new JmxError('a list was expected over JMX');
  for (const text of value) if (typeof text !== 'string') throw new JmxError('a text was expected over JMX');
  return value as string[];
}
