// Rolls six real nodes in three racks under a LOCAL_QUORUM client, and fails where a query fails, but for the control.
// Measured are the time of fastest-safe over one at a time, and what queries take while nodes are stopped as a job stops them, and as
// a loop over hosts does. With --every also restarts and configures at every strategy, more than an hour.
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import cassandra from 'cassandra-driver';
import type { Json } from '../../coordinator/cli/rest-client.ts';
import type { JobType } from '../../shared/actions.ts';
import { STRATEGIES } from '../../shared/job-options.ts';
import { cassandraAgain } from '../support/cassandra-again.ts';
import { mochaHooks } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { startQuorumClient } from '../support/quorum-client.ts';
import { TestRing } from '../support/ring.ts';
import { percentile, report } from './report.ts';

const ADDRESSES = [1, 2, 3, 4, 5, 6].map((last) => `127.0.102.${last}`);
const QUIET_MS = 30_000;
const ROLL_WITHIN_MS = 1_200_000;
const AT_ONCE = { 'concurrency-strategy': 'cluster-at-a-time', force: true };

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

/** Says it at once, too: the whole takes long. @returns what a client saw of the work */
async function under(name: string, work: () => Promise<unknown>) {
  const client = await startQuorumClient(ring.nativePort, ADDRESSES);
  const startedMs = performance.now();
  await work();
  const seconds = (performance.now() - startedMs) / 1_000;
  const { errors, done, tookMs } = await client.stop();
  const seen = { seconds, failed: errors.length, done, p99Ms: percentile(tookMs, 0.99) };
  process.stderr.write(`${JSON.stringify({ name, ...seen })}\n`);
  return seen;
}

/** @returns the number of its batches */
async function roll(options: Json, type: JobType = 'restart'): Promise<number> {
  const id = await ring.post(type, options);
  await ring.waitFor(id, 'COMPLETE', ROLL_WITHIN_MS);
  const { results } = await ring.rest.get(`jobs/${id}/job_nodes/`);
  return new Set((results as Json[]).map(({ batch }) => batch)).size;
}

/** So that a configure has something to write, and nodes to stop. */
async function changeProfiles(reads: number): Promise<void> {
  for (const { profileId } of ring.ring.nodes) {
    const { json } = (await ring.rest.get(`config_profiles/${profileId}`)) as {
      json: Record<string, Json>;
    };
    const yaml = { ...json['cassandra-yaml'], concurrent_reads: reads };
    await ring.put(`config_profiles/${profileId}`, { json: { ...json, 'cassandra-yaml': yaml } });
  }
}

/** @returns how many queries failed in all */
async function everyStrategy(): Promise<number> {
  let failed = 0;
  for (const [at, strategy] of STRATEGIES.entries()) {
    const options = { 'concurrency-strategy': strategy };
    failed += (await under(`restart ${strategy}`, () => roll(options))).failed;
    await changeProfiles(20 + at);
    failed += (await under(`configure ${strategy}`, () => roll(options, 'configure'))).failed;
  }
  return failed;
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
  const quiet = await under('quiet', () => wait(QUIET_MS));
  const plain = await under('loop over hosts', loopOverHosts);
  const oneByOne = await under('one by one', () => roll({}));
  let batches = 0;
  const fastest = await under('fastest-safe', async () => {
    batches = await roll({ 'concurrency-strategy': 'fastest-safe' });
  });
  const everyFailed = process.argv.includes('--every') ? await everyStrategy() : 0;
  const control = await under('control', () => roll(AT_ONCE));
  report({
    name: 'safe-total',
    value: fastest.seconds,
    unit: 's',
    limit: oneByOne.seconds,
    ratio: fastest.seconds / oneByOne.seconds,
    more: { batches },
  });
  const failed = oneByOne.failed + fastest.failed + everyFailed;
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
  if (failed > 0) throw new Error('queries failed while nodes were rolled');
  if (control.failed === 0)
    throw new Error('no query failed with several nodes down: the client would not notice');
} finally {
  await ring.stop();
  await mochaHooks.afterAll();
}
