// A hand edit on one node of a real ring: told by jobs that only look, refused by a restart where its version refuses it, and taken back by a job that stops this node alone.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { CASSANDRA_VERSION } from '../../coordinator/cli/quickstart/cassandra-tarball.ts';
import type { Json } from '../../coordinator/cli/rest-client.ts';
import type { TestRing } from '../support/ring.ts';

export async function tellsHandEdit(ring: TestRing): Promise<void> {
  const [, node] = ring.ring.nodes;
  if (node === undefined) throw new Error('no node');
  const before = ring.pids();
  const stale = { 'only-stale': true };
  const done = async (type: string, options: Json) => {
    const id = await ring.post(type, options);
    await ring.waitFor(id, 'COMPLETE');
    return { id, job: await ring.job(id), events: await ring.events(id) };
  };
  const told = await done('restart', stale);
  expect(told.events.filter(({ subtype }) => subtype === 'not-stale')).to.have.length(3);
  expect(ring.pids(), 'none is stale').to.deep.equal(before);

  const path = join(node.directory, `cassandra-${CASSANDRA_VERSION}/conf/cassandra.yaml`);
  const pushed = readFileSync(path, 'utf8');
  const edited = `${pushed}\nconcurrent_compactors: 3\n`;
  writeFileSync(path, edited);
  for (const [type, options] of [
    ['check', {}],
    ['configure', { 'dry-run': true }],
  ] as const) {
    const { id, job, events } = await done(type, options);
    expect(job['dry-run']).to.equal(true);
    expect(events.filter(({ changes }) => changes)).to.deep.equal([]);
    const summaries = events.filter(({ subtype }) => subtype === 'check-summary');
    const restarts = summaries.map(({ after }) => after['would-restart']);
    expect(restarts).to.have.members(type === 'check' ? [false, true, false] : [true, true, true]);
    expect(summaries.find(({ nodeId }) => nodeId === node.id)?.after).to.deep.include({
      'would-change': [path],
      'changed-since-start': [path],
    });
    const drift = await ring.rest.get(`nodes/${node.id}/drift`);
    expect(drift['job-id']).to.equal(id);
    const [file, ...others] = (drift['files'] as Json[]).filter(({ state }) => state !== 'as-pushed');
    expect(others).to.deep.equal([]);
    expect(file).to.include({ path, state: 'edited', stale: true });
    const eventIds = (file?.['event-ids'] ?? []) as string[];
    const event = await ring.rest.get(`job_events/${eventIds[0]}`);
    expect((event['after'] as Json)['diff']).to.match(/^-concurrent_compactors: 3$/m);
    for (const { id } of ring.ring.nodes.filter((one) => one !== node)) {
      const { files } = await ring.rest.get(`nodes/${id}/drift`);
      expect((files as Json[]).map(({ state }) => state).join()).to.match(/^as-pushed(,as-pushed)*$/);
    }
  }
  expect(readFileSync(path, 'utf8')).to.equal(edited);
  expect(ring.pids(), 'nothing was stopped').to.deep.equal(before);

  writeFileSync(path, `${edited}no_such_key: 1\n`);
  for (const options of [{ 'dry-run': true }, {}]) {
    const id = await ring.post('restart', { ...options, 'job-scope': 'node', 'resource-id': node.id });
    await ring.waitFor(id, 'FAILED');
    const error = (await ring.events(id)).find(({ type }) => type === 'error');
    expect(error).to.include({ subtype: 'config-refused', resource: path });
    expect(error?.message).to.contain('no_such_key');
  }
  expect(ring.pids(), 'nothing was stopped').to.deep.equal(before);

  await done('configure', stale);
  expect(readFileSync(path, 'utf8')).to.equal(pushed);
  const { [node.name]: now, ...after } = ring.pids();
  const { [node.name]: then, ...unmoved } = before;
  expect(now).to.not.equal(then);
  expect(after).to.deep.equal(unmoved);
}
