// What one database node sees of its ring, as far as stopping another one concerns it; addresses are broadcast addresses, IPv6 short.

/** Levels that a keyspace can be asked to keep. */
export const CONSISTENCY_LEVELS = [
  'ONE',
  'TWO',
  'THREE',
  'QUORUM',
  'ALL',
  'LOCAL_ONE',
  'LOCAL_QUORUM',
  'EACH_QUORUM',
] as const;
export type ConsistencyLevel = (typeof CONSISTENCY_LEVELS)[number];

export interface RingView {
  live: string[];
  unreachable: string[];
  joining: string[];
  leaving: string[];
  moving: string[];
  /** how many schema versions the live nodes have, at most among those of one major version */
  schemaVersions: number;
  /** the other ends of the streams that this node has */
  streamsWith: string[];
  /** live nodes, replicas below, for which this node keeps hints; absent from agents of earlier versions */
  hintsFor?: string[] | undefined;
  /** datacenter by address, of every replica below */
  datacenters: Record<string, string>;
  keyspaces: RingKeyspace[];
}

/** A keyspace with those of its ranges that the node asked about has a replica of. */
export interface RingKeyspace {
  name: string;
  /** copies by datacenter; `""` for all of the ring together (SimpleStrategy); null when the node cannot say */
  copies: Record<string, number> | null;
  replicaSets: ReplicaSet[];
}

export interface ReplicaSet {
  replicas: string[];
  /** how many ranges are kept by these replicas */
  ranges: number;
  /** one of them: `(start, end]` in tokens */
  sample: string;
}

/** What a coordinator says about stopping a node. `wait` may be followed by another answer. */
export interface StopAnswer {
  verdict: 'wait' | 'allowed' | 'refused';
  /** one sentence: what is waited for, or why */
  message: string;
  /** what was passed over on the way */
  notes: StopNote[];
}

export interface StopNote {
  subtype: string;
  message: string;
  /** told as an error: somebody has overruled the gate */
  loud: boolean;
}
