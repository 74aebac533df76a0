// Peers that a real Cassandra believes to have: it reads those of its ring, and their tokens, from its own tables when it starts.
import driver from 'cassandra-driver';
import { connectJmx } from '../../../../agent/host/jmx/jmx-client.ts';
import { random } from '../../../support/random.ts';
import { ADDRESS, type OneCassandra } from './one-cassandra.ts';

export interface MadeUpPeers {
  count: number;
  tokensEach: number;
  /** the peers take turns to be of them */
  datacenters: readonly string[];
  /** made once they are there: `create keyspace …` */
  keyspaces: readonly string[];
}

const STORAGE = 'org.apache.cassandra.db:type=StorageService';

/** Loopback, where a connection is refused at once. */
const addressOf = (at: number): string => `127.1.${at >> 8}.${at & 255}`;

const clientOf = (cassandra: OneCassandra, datacenter: string): driver.Client => {
  const contactPoints = [`${ADDRESS}:${cassandra.nativePort}`];
  const { AllowListPolicy, RoundRobinPolicy } = driver.policies.loadBalancing;
  return new driver.Client({
    contactPoints,
    localDataCenter: datacenter,
    policies: { loadBalancing: new AllowListPolicy(new RoundRobinPolicy(), contactPoints) },
    // The peers agree with nobody about any schema.
    protocolOptions: { maxSchemaAgreementWaitSeconds: 0 },
  });
};

/** Has it started anew with them; they stand as unreachable. */
export async function addPeers(cassandra: OneCassandra, peers: MadeUpPeers): Promise<void> {
  const { below } = random(peers.count);
  const token = (): bigint => BigInt.asIntN(64, (BigInt(below(2 ** 32)) << 32n) | BigInt(below(2 ** 32)));
  const before = clientOf(cassandra, peers.datacenters[0] ?? '');
  try {
    const { rows } = await before.execute('select release_version, schema_version from system.local');
    const [release, schema] = [rows[0]?.get('release_version'), rows[0]?.get('schema_version')];
    for (let at = 0; at < peers.count; at += 1) {
      const address = addressOf(at);
      const tokens = Array.from({ length: peers.tokensEach }, () => token().toString());
      const datacenter = peers.datacenters[at % peers.datacenters.length];
      await before.execute(
        `insert into system.peers_v2 (peer, peer_port, data_center, rack, host_id, release_version, native_address,
          native_port, preferred_ip, preferred_port, schema_version, tokens) values (?, 7000, ?, ?, ?, ?, ?, 9042, ?, 7000, ?, ?)`,
        [
          address,
          datacenter,
          `rack${at % 3}`,
          driver.types.Uuid.random(),
          release,
          address,
          address,
          schema,
          tokens,
        ],
        { prepare: true },
      );
    }
  } finally {
    await before.shutdown();
  }
  const jmx = await connectJmx({ host: '127.0.0.1', port: cassandra.jmxPort }, { withinMs: 20_000 });
  try {
    await jmx.invoke(STORAGE, 'forceKeyspaceFlush', ['system', []]);
  } finally {
    jmx.close();
  }
  await cassandra.restart();
  const after = clientOf(cassandra, peers.datacenters[0] ?? '');
  try {
    for (const keyspace of peers.keyspaces) await after.execute(keyspace);
  } finally {
    await after.shutdown();
  }
}
