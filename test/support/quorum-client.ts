// An application on a real ring, which must not notice what jobs do to it.
import cassandra from 'cassandra-driver';
import { ADDRESSES } from './ring.ts';

/** Reads and writes at LOCAL_QUORUM with the driver's own defaults until stopped. */
export async function startQuorumClient(port: number) {
  const client = new cassandra.Client({
    contactPoints: ADDRESSES,
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
  let done = 0;
  const work = (async () => {
    for (let at = 0; !stopped; at += 1) {
      try {
        await client.execute('insert into e2e.kv (k, v) values (?, ?)', [at % 100, at]);
        await client.execute('select v from e2e.kv where k = ?', [at % 100]);
        done += 2;
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
      return { errors, done };
    },
  };
}
