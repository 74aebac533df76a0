// An application on a real ring, which must not notice what jobs do to it.
import { setTimeout as pause } from 'node:timers/promises';
import cassandra from 'cassandra-driver';
import { expect } from 'chai';
import { eventually } from './eventually.ts';

/** Settings of a cassandra.yaml for a ring that it works on. */
export const UNDER_CLIENT = {
  // A busy machine may hold a node up for longer than the 2 s of Cassandra's own; reads have 5 s too.
  write_request_timeout: '5s',
  // Ten seconds unless set, and then up to ten more until they are sent.
  hints_flush_period: '1s',
};

/** Between two pairs of queries: some 100 queries a second notice all that more would, and leave the processors to the ring. */
const PAUSE_MS = 15;

/** Once every node that is up knows it: a ring that has just come up takes its time to agree. */
async function makeTable(client: cassandra.Client): Promise<void> {
  await client.connect();
  const made = async (statement: string, seen: string): Promise<void> => {
    await client.execute(statement, [], { prepare: false });
    const consistency = cassandra.types.consistencies.one;
    for (const host of client.hosts.values())
      if (host.isUp())
        await eventually(
          async () => {
            const { rowLength } = await client.execute(seen, [], { prepare: false, host, consistency });
            expect(rowLength).to.be.greaterThan(0);
          },
          { withinMs: 60_000 },
        );
  };
  await made(
    "create keyspace if not exists e2e with replication = {'class': 'NetworkTopologyStrategy', 'dc1': 3}",
    "select keyspace_name from system_schema.keyspaces where keyspace_name = 'e2e'",
  );
  await made(
    'create table if not exists e2e.kv (k int primary key, v int)',
    "select table_name from system_schema.tables where keyspace_name = 'e2e'",
  );
}

/** Reads and writes at LOCAL_QUORUM with the driver's own defaults until stopped. */
export async function startQuorumClient(port: number, contactPoints: string[]) {
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
  await makeTable(client).catch(async (error: unknown) => {
    await client.shutdown();
    throw error;
  });
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
      await pause(PAUSE_MS);
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
