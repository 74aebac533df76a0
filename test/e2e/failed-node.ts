// A node of a real ring that does not come back with its new configuration: it goes back, or is tried again once that is mended.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { CASSANDRA_VERSION } from '../../coordinator/cli/quickstart/cassandra-tarball.ts';
import type { Ring } from '../../coordinator/cli/quickstart/ring-model.ts';
import type { Json } from '../../coordinator/cli/rest-client.ts';
import { eventually } from '../support/eventually.ts';
import { startQuorumClient } from '../support/quorum-client.ts';
import { ADDRESSES, type TestRing } from '../support/ring.ts';

/**
 * Gives the node whose turn is first an agent that no JVM can load, which no check of its settings knows, while a client is at work:
 * that may notice nothing.
 */
async function whileFirstIsBroken(
  ring: TestRing,
  work: (node: Ring['nodes'][number], mend: () => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const [, node] = ring.ring.nodes;
  if (node === undefined) throw new Error('no node');
  const path = `config_profiles/${node.profileId}`;
  const { json } = (await ring.rest.get(path)) as { json: Record<string, Record<string, unknown>> };
  const client = await startQuorumClient(ring.nativePort, ADDRESSES);
  const mend = () => ring.put(path, { json });
  let seen: Awaited<ReturnType<typeof client.stop>> | null = null;
  try {
    const jvm = json['jvm-server-options'] ?? {};
    const options = [...(jvm['additional-jvm-opts'] as string[]), '-javaagent:/nowhere/NoSuchAgent.jar'];
    const broken = { ...jvm, 'additional-jvm-opts': options };
    await ring.put(path, { json: { ...json, 'jvm-server-options': broken } });
    await work(node, mend);
  } finally {
    await mend().finally(async () => {
      seen = await client.stop();
    });
  }
  expect(seen).to.deep.include({ errors: [] });
}

/** FAILED with the last lines of its log, the rest TERMINATED; and the node serves with the files of before. */
export const goesBack = (ring: TestRing): Promise<void> =>
  whileFirstIsBroken(ring, async (node) => {
    const file = join(node.directory, `cassandra-${CASSANDRA_VERSION}/conf/jvm-server.options`);
    const text = readFileSync(file, 'utf8');
    const before = ring.pids();
    const id = await ring.post('configure', { 'revert-on-failure': true });
    await ring.waitFor(id, 'FAILED');
    expect(await ring.nodeStatuses(id)).to.deep.equal({
      node2: 'FAILED',
      node3: 'TERMINATED',
      node1: 'TERMINATED',
    });
    const events = await ring.events(id);
    const error = events.find((event) => event.type === 'error');
    expect(error?.subtype).to.equal('node-died');
    expect(JSON.stringify(error?.after)).to.contain('NoSuchAgent');
    expect(events.filter((event) => event.subtype === 'not-started')).to.have.length(2);
    const told = events.map(({ subtype }) => subtype);
    expect(told.filter((subtype) => subtype.includes('revert'))).to.deep.equal([
      'config-files-reverted',
      'node-reverted',
    ]);
    expect(readFileSync(file, 'utf8')).to.equal(text);
    const { [node.name]: now, ...after } = ring.pids();
    const { [node.name]: then, ...unmoved } = before;
    expect(now).to.be.greaterThan(0).and.not.equal(then);
    expect(after).to.deep.equal(unmoved);
  });

/** The job holds, no other node is stopped meanwhile; told to try again, it ends COMPLETE. Others are as their files have them. */
export const isTriedAgain = (ring: TestRing): Promise<void> =>
  whileFirstIsBroken(ring, async (node, mend) => {
    const { [node.name]: _, ...unmoved } = ring.pids();
    const id = await ring.post('configure', { 'hold-on-error': true, 'only-stale': true });
    await eventually(
      async () => {
        const waiting = (await ring.job(id))['waiting-for'] as Json | null;
        expect(waiting, await ring.story(id)).to.deep.include({ kind: 'failure', ids: [node.id] });
      },
      { withinMs: 120_000, everyMs: 100 },
    );
    expect(ring.pids()).to.deep.equal({ ...unmoved, [node.name]: 0 });
    await mend();
    await ring.rest.post(`jobs/${id}/resume`, { retry: true });
    await ring.waitFor(id, 'COMPLETE');
    const { results } = await ring.rest.get(`jobs/${id}/job_nodes/`);
    expect((results as Json[]).map((one) => `${one['node-name']} ${one['status']}`)).to.deep.equal([
      'node2 FAILED',
      'node2 COMPLETE',
      'node3 COMPLETE',
      'node1 COMPLETE',
    ]);
    const { [node.name]: now, ...after } = ring.pids();
    expect(now).to.be.greaterThan(0);
    expect(after).to.deep.equal(unmoved);
  });
