// The main job on a real ring: every row of "Follow one job", with real processes, and with those processes killed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import cassandra from 'cassandra-driver';
import { expect } from 'chai';
import { CASSANDRA_VERSION } from '../../coordinator/cli/quickstart/cassandra-tarball.ts';
import type { Json } from '../../coordinator/cli/rest-client.ts';
import { cassandraAgain } from '../support/cassandra-again.ts';
import { eventually } from '../support/eventually.ts';
import type { JobEvent } from '../support/job-events.ts';
import { startQuorumClient } from '../support/quorum-client.ts';
import { ADDRESSES, TestRing } from '../support/ring.ts';
import { inDatabase } from '../support/sign-in.ts';
import { goesBack, isTriedAgain } from './failed-node.ts';
import { tellsHandEdit } from './hand-edit.ts';
import { refusesSetting } from './refused-setting.ts';

describe('a job on a real ring', function () {
  this.timeout(300_000);
  const ring = new TestRing();
  before(() => ring.start());
  after(() => ring.stop());
  afterEach(function () {
    if (this.currentTest?.state === 'failed') console.error(ring.logs());
  });

  /** What the stop of each of three nodes tells while a client writes. */
  const tellsOfClientsAndHints = (events: readonly JobEvent[]): void => {
    const closed = events.filter((event) => event.subtype === 'native-transport' && event.changes);
    expect(closed).to.have.length(3);
    for (const { before, after } of closed) {
      expect(before['connections']).to.be.a('number').and.to.be.greaterThan(0);
      expect(after).to.include({ 'connections-left': 0, 'requests-left': 0 });
      expect(after['clients-ms']).to.be.a('number').and.to.be.below(15_000);
    }
    const waits = events.filter((event) => event.subtype === 'gate-waiting').map(({ message }) => message);
    // Of each wait its first reason alone is told, and leave says for how long hints were waited for.
    const areTold = /Hints wait to be delivered to [^(]*\bnode\d\b/.test(waits.join('\n'));
    const areCounted = events.some(({ subtype }) => subtype === 'gate-hints');
    expect(areTold || areCounted, waits.join('\n')).to.equal(true);
    expect(events.map(({ subtype }) => subtype)).to.not.include('gate-hints-left');
  };

  it('installs three nodes, seeds first, and tells each change', async () => {
    const id = await ring.post('install');
    await ring.waitFor(id, 'COMPLETE');
    const events = await ring.events(id);
    expect(events[0]).to.include({
      type: 'milestone',
      subtype: 'start',
      message: 'job started...',
      nodeId: null,
    });
    expect(events.find((event) => event.nodeId !== null)?.subtype).to.equal('facts');
    expect(
      events.filter((event) => event.subtype === 'file-contents' && event.changes),
    ).to.have.length.at.least(9);
    expect(await ring.nodeStatuses(id)).to.deep.equal({
      node1: 'COMPLETE',
      node2: 'COMPLETE',
      node3: 'COMPLETE',
    });
    const job = await ring.job(id);
    expect(job['events-complete']).to.equal(true);
    expect(job['event-count']).to.equal(events.length);
    for (const { id: nodeId, directory } of ring.ring.nodes) {
      const node = await ring.rest.get(`nodes/${nodeId}`);
      expect(node).to.have.nested.property('facts.run-context.install-options.install-directory', directory);
      expect(node['converged-on']).to.be.a('string');
    }
    const cluster = await ring.rest.get(`clusters/${ring.ring.clusterId}`);
    expect(cluster['opsc-cluster-id']).to.equal(ring.ring.clusterId);
    expect(Object.values(ring.pids()).every((pid) => pid > 0)).to.equal(true);
  });

  it('changes nothing on a second install, and says so', async () => {
    const before = ring.pids();
    const id = await ring.post('install');
    await ring.waitFor(id, 'COMPLETE');
    const events = await ring.events(id);
    expect(events.filter((event) => event.changes)).to.deep.equal([]);
    expect(events.filter((event) => event.type === 'check')).to.have.length.at.least(20);
    expect(ring.pids()).to.deep.equal(before);
  });

  it('configures a changed setting without one error for a LOCAL_QUORUM client, with a diff in the event; nodes of a batch are stopped one after the other where they share ranges after all', async () => {
    const before = ring.pids();
    const client = await startQuorumClient(ring.nativePort, ADDRESSES);
    // As if the keyspace had come after the last stop of each node.
    for (const [at, { id }] of ring.ring.nodes.entries())
      await inDatabase(
        ring.databaseUrl,
        `insert into ring_sharing (node_id, address, groups) values ('${id}', '${ADDRESSES[at]}', '[]')`,
      );
    for (const node of ring.ring.nodes) {
      const profile = (await ring.rest.get(`config_profiles/${node.profileId}`)) as {
        json: Record<string, Record<string, unknown>>;
      };
      const json = {
        ...profile.json,
        'cassandra-yaml': { ...profile.json['cassandra-yaml'], concurrent_reads: 17 },
      };
      await ring.put(`config_profiles/${node.profileId}`, { json });
    }
    const id = await ring.post('configure', { 'concurrency-strategy': 'fastest-safe' });
    await ring.waitFor(id, 'COMPLETE');
    const { errors, done } = await client.stop();
    expect(errors.join('\n')).to.equal('');
    expect(done).to.be.greaterThan(500);
    const events = await ring.events(id);
    tellsOfClientsAndHints(events);
    const { results } = await ring.rest.get(`jobs/${id}/job_nodes/`);
    expect((results as Json[]).map(({ batch }) => batch)).to.deep.equal([1, 1, 2]);
    expect(events.filter(({ subtype }) => subtype === 'gate-waiting')).to.have.length.at.least(1);
    const written = events.filter((event) => event.subtype === 'file-contents' && event.changes);
    expect(written).to.have.length(3);
    expect(String(written[0]?.after['diff'])).to.match(/^\+concurrent_reads: 17$/m);
    for (const node of ring.ring.nodes) {
      expect(
        readFileSync(join(node.directory, `cassandra-${CASSANDRA_VERSION}/conf/cassandra.yaml`), 'utf8'),
      ).to.match(/^concurrent_reads: 17$/m);
      expect(ring.pids()[node.name]).to.not.equal(before[node.name]);
    }
  });

  it('tells a hand edit by a check that touches nothing, and stops that node alone where a job is for stale ones', () =>
    tellsHandEdit(ring));

  it('waits at the gate while another node is down, and goes on by itself once that is back', async () => {
    const [, second, third] = ring.ring.nodes;
    if (second === undefined || third === undefined) throw new Error('no node');
    const before = ring.pids();
    const again = cassandraAgain(before[third.name] ?? 0);
    process.kill(before[third.name] ?? 0, 'SIGKILL');
    const id = await ring.post('restart', { 'job-scope': 'node', 'resource-id': second.id });
    await ring.sawEvent(id, 'gate-waiting');
    const waiting = await eventually(async () => {
      const now = (await ring.job(id))['waiting-for'] as Json;
      expect(now).to.deep.include({ kind: 'gate', ids: [third.id] });
      return now;
    });
    expect(String(waiting['what'])).to.match(
      /node3.*e2e at LOCAL_QUORUM \(\d+ ranges, \(-?\d+, -?\d+\] is one\)/,
    );
    expect(ring.pids()[second.name]).to.equal(before[second.name]);
    again();
    await ring.waitFor(id, 'COMPLETE');
    expect(ring.pids()[second.name]).to.not.equal(before[second.name]);
  });

  it('refuses to stop a node of a keyspace with one replica, unless that one is relaxed', async () => {
    const client = new cassandra.Client({
      contactPoints: ADDRESSES,
      localDataCenter: 'dc1',
      protocolOptions: { port: ring.nativePort },
    });
    await client.execute(
      "create keyspace once with replication = {'class': 'NetworkTopologyStrategy', 'dc1': 1}",
    );
    const target = { 'job-scope': 'node', 'resource-id': ring.ring.nodes[1]?.id };
    const before = ring.pids();
    const refused = await ring.post('restart', target);
    await ring.waitFor(refused, 'FAILED');
    expect(ring.pids()).to.deep.equal(before);
    const error = (await ring.events(refused)).find((event) => event.type === 'error');
    expect(error?.subtype).to.equal('gate-refused');
    expect(error?.message).to.match(/never keep .*: once at LOCAL_QUORUM/);
    const relaxed = await ring.post('restart', { ...target, 'relaxed-keyspaces': 'once' });
    await ring.waitFor(relaxed, 'COMPLETE');
    const notes = (await ring.events(relaxed)).filter((event) => event.subtype === 'gate-relaxed');
    expect(notes.map(({ message }) => message).join()).to.match(/Keyspace once .*relaxed by the job/);
    await client.execute('drop keyspace once');
    await client.shutdown();
  });

  it('survives kill -9 of an agent and of the coordinator in mid-job: COMPLETE, and no step done twice', async () => {
    const id = await ring.post('restart');
    await ring.sawEvent(id, 'node-stopped');
    const [, { id: first } = { id: '' }, { id: second } = { id: '' }] = ring.ring.nodes;
    ring.agents.get(first)?.child.kill('SIGKILL');
    ring.startAgent(first);
    await ring.sawEvent(id, 'node-drained', { of: second });
    ring.coordinator?.child.kill('SIGKILL');
    await ring.startCoordinator();
    await ring.waitFor(id, 'COMPLETE');
    const events = await ring.events(id);
    for (const subtype of ['node-drained', 'node-stopped']) // seeds last
      expect(
        events.filter((event) => event.subtype === subtype && event.changes).map((event) => event.nodeId),
      ).to.deep.equal([1, 2, 0].map((at) => ring.ring.nodes[at]?.id));
    expect((await ring.job(id))['events-complete']).to.equal(true);
    const fastest = {
      'job-scope': 'cluster',
      'resource-id': ring.ring.clusterId,
      'concurrency-strategy': 'fastest-safe',
    };
    const plan = await ring.rest.post('actions/restart?plan=true', fastest);
    expect(plan['summary']).to.match(/^3 batches, about .*, worst availability 2 of 3$/);
    expect(plan['measured-nodes']).to.equal(3);
  });

  it('starts a node first that is down, for whom those before it would wait; terminates in the middle, and leaves no node down', async () => {
    const [, second, third] = ring.ring.nodes;
    const before = ring.pids()[third?.name ?? ''] ?? 0;
    process.kill(before, 'SIGKILL');
    await eventually(() => expect(ring.pids()[third?.name ?? '']).to.not.equal(before));
    const id = await ring.post('restart');
    await ring.sawEvent(id, 'node-stopped');
    await ring.rest.post('actions/terminate', { 'job-id': id });
    await ring.waitFor(id, 'TERMINATED');
    expect(Object.values(ring.pids()).every((pid) => pid > 0)).to.equal(true);
    const { node3, ...others } = await ring.nodeStatuses(id);
    expect(node3).to.equal('COMPLETE');
    expect(Object.values(others)).to.not.include('COMPLETE');
    const told = (await ring.events(id)).filter(({ subtype }) =>
      ['taken-first', 'node-stopped', 'native-port-answers'].includes(subtype),
    );
    expect(told.map(({ subtype, nodeId }) => [subtype, nodeId])).to.deep.equal([
      ['taken-first', third?.id],
      ['native-port-answers', third?.id],
      ['node-stopped', second?.id],
      ['native-port-answers', second?.id],
    ]);
  });

  it('stops no node for a setting that its version refuses, and tells a check of it', () =>
    refusesSetting(ring));

  it('stops at a node that cannot start: FAILED with the last lines of its log, the rest TERMINATED; and that one goes back where asked to', () =>
    goesBack(ring));

  it('holds for a node that cannot start, and tries it again once that is mended, without one error for a LOCAL_QUORUM client', () =>
    isTriedAgain(ring));
});
