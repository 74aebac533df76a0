// Rolls six real nodes in three racks under a LOCAL_QUORUM client, and fails where a query fails, but for the control.
// Measured are the time of fastest-safe over one at a time, and what queries take while nodes are stopped as a job stops them, and as
// a loop over hosts does. With --every also restarts and configures at every strategy, more than an hour.
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import cassandra from 'cassandra-driver';
import type { Json } from '../../coordinator/cli/rest-client.ts';
import type { JobType } from '../../shared/actions.ts';
import { cassandraAgain } from '../support/cassandra-again.ts';
import { mochaHooks } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { TestRing } from '../support/ring.ts';
import { report } from './report.ts';
import { AT_ONCE, assertUnnoticed, type Seen, Watch } from './safe/rolls.ts';

const ADDRESSES = [1, 2, 3, 4, 5, 6].map((last) => `127.0.102.${last}`);
const QUIET_MS = 30_000;
const ROLL_WITHIN_MS = 1_200_000;

const ring = new TestRing({ addresses: ADDRESSES, racks: 3, seeds: 3 });

/** Keyspaces that know no racks keep the nodes of one apart: operators of several racks replicate them so. */
async function replicateByRack(): Promise<void> {
  const client = new cassandra.Client({
    contactPoints: ADDRESSES,
    localDataCenter: 'dc1',
    protocolOptions: { port: ring.nativePort },
  });
  for (const keyspace of ['system_auth', 'system_distributed', 'system_traces'])
    await client.execute(
      `alter keyspace ${keyspace} with replication = {'class': 'NetworkTopologyStrategy', 'dc1': 3}`,
    );
  await client.shutdown();
}

/** @returns the number of its batches */
async function roll(type: JobType, options: Json): Promise<number> {
  const id = await ring.post(type, options);
  await ring.waitFor(id, 'COMPLETE', ROLL_WITHIN_MS);
  const { results } = await ring.rest.get(`jobs/${id}/job_nodes/`);
  return new Set((results as Json[]).map(({ batch }) => batch)).size;
}

async function changeProfiles(reads: number): Promise<void> {
  for (const { profileId } of ring.ring.nodes) {
    const { json } = (await ring.rest.get(`config_profiles/${profileId}`)) as {
      json: Record<string, Json>;
    };
    const yaml = { ...json['cassandra-yaml'], concurrent_reads: reads };
    await ring.put(`config_profiles/${profileId}`, { json: { ...json, 'cassandra-yaml': yaml } });
  }
}

const answers = (host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host, port: ring.nativePort }, () => resolve(void socket.destroy()));
    socket.once('error', reject);
  });

/** What a loop over hosts does: each node is stopped by a signal and started again, the next once it takes clients. */
async function loopOverHosts(): Promise<void> {
  for (const { name, address } of ring.ring.nodes) {
    const pid = ring.pids()[name] ?? 0;
    const again = cassandraAgain(pid);
    process.kill(pid, 'SIGTERM');
    const isGone = async (): Promise<void> => {
      if (ring.pids()[name] === pid) throw new Error(`${name} still runs`);
    };
    await eventually(isGone, { withinMs: 120_000, everyMs: 50 });
    again();
    await eventually(() => answers(address), { withinMs: 240_000, everyMs: 50 });
  }
}

try {
  await ring.start();
  await ring.waitFor(await ring.post('install'), 'COMPLETE', ROLL_WITHIN_MS);
  await replicateByRack();
  const watch = new Watch({ nativePort: ring.nativePort, addresses: ADDRESSES });
  const quiet = await watch.under('quiet', () => wait(QUIET_MS));
  const plain = await watch.under('loop over hosts', loopOverHosts);
  const oneByOne = await watch.under('one by one', () => roll('restart', {}));
  let batches = 0;
  const fastest = await watch.under('fastest-safe', async () => {
    batches = await roll('restart', { 'concurrency-strategy': 'fastest-safe' });
  });
  const others: Seen[] = process.argv.includes('--every')
    ? await watch.everyStrategy(roll, changeProfiles)
    : [];
  const control = await watch.under('control', () => roll('restart', AT_ONCE));
  report({
    name: 'safe-total',
    value: fastest.seconds,
    unit: 's',
    limit: oneByOne.seconds,
    ratio: fastest.seconds / oneByOne.seconds,
    more: { batches },
  });
  const rolls = [oneByOne, fastest, ...others];
  const failed = rolls.reduce((sum, seen) => sum + seen.failed, 0);
  const slower = oneByOne.p99Ms / quiet.p99Ms;
  const plainSlower = plain.p99Ms / quiet.p99Ms;
  report({
    name: 'safe-p99',
    value: slower,
    unit: 'times quiet',
    limit: plainSlower,
    ratio: slower / plainSlower,
    more: { failed, plainFailed: plain.failed },
  });
  assertUnnoticed(rolls, control);
} finally {
  await ring.stop();
  await mochaHooks.afterAll();
}
// The driver keeps a timer of a host that it lost sight of, for ever.
process.exit();
