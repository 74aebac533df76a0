// An application on a real ring, which must not notice what jobs do to it.
import cassandra from 'cassandra-driver';
import { ADDRESSES } from './ring.ts';

/** Reads and writes at LOCAL_QUORUM with the driver's own defaults until stopped. */
export async function startQuorumClient(port: number, contactPoints: string[] = ADDRESSES) {
  const client = new cassandra.Client({
    contactPoints,
    localDataCenter: 'dc1',
    protocolOptions: { port },
    queryOptions: {
      consistency: cassandra.types.consistencies.localQuorum,
      isIdempotent: true,
      prepare: true,
    },
  });
  await client.connect();
  await client.execute(
    "create keyspace if not exists e2e with replication = {'class': 'NetworkTopologyStrategy', 'dc1': 3}",
  );
  await client.execute('create table if not exists e2e.kv (k int primary key, v int)');
  let stopped = false;
  const errors: string[] = [];
  /** of each query that was answered */
  const tookMs: number[] = [];
  const timed = async (query: string, values: number[]): Promise<void> => {
    const startedMs = performance.now();
    await client.execute(query, values);
    tookMs.push(performance.now() - startedMs);
  };
  const work = (async () => {
    for (let at = 0; !stopped; at += 1) {
      try {
        await timed('insert into e2e.kv (k, v) values (?, ?)', [at % 100, at]);
        await timed('select v from e2e.kv where k = ?', [at % 100]);
      } catch (error) {
        errors.push(error instanceof Error ? error.message : String(error));
      }
    }
  })();
  return {
    stop: async () => {
      stopped = true;
      await work;
      await client.shutdown();
      return { errors, done: tookMs.length, tookMs };
    },
  };
}
