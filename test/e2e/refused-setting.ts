// A setting that the version which is installed refuses: told by jobs before anything of the ring is touched.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { CASSANDRA_VERSION } from '../../coordinator/cli/quickstart/cassandra-tarball.ts';
import type { TestRing } from '../support/ring.ts';

/** @param version that the node of the ring whose turn is first has */
export async function refusesSetting(ring: TestRing, version = CASSANDRA_VERSION): Promise<void> {
  const [, node] = ring.ring.nodes;
  if (node === undefined) throw new Error('no node');
  const path = `config_profiles/${node.profileId}`;
  const profile = (await ring.rest.get(path)) as { json: Record<string, Record<string, unknown>> };
  const yaml = { ...profile.json['cassandra-yaml'], authenticator: 'NoSuchAuthenticator' };
  await ring.put(path, { json: { ...profile.json, 'cassandra-yaml': yaml } });
  const file = join(node.directory, `cassandra-${version}/conf/cassandra.yaml`);
  const state = () => ({ pids: ring.pids(), text: readFileSync(file, 'utf8') });
  const before = state();
  const target = { 'job-scope': 'node', 'resource-id': node.id };
  for (const type of ['configure', 'check']) {
    const id = await ring.post(type, target);
    await ring.waitFor(id, 'FAILED');
    const events = await ring.events(id);
    const error = events.find((event) => event.type === 'error');
    expect(error?.subtype).to.equal('config-refused');
    expect(error?.message).to.match(/\/cassandra-yaml\/authenticator of .*NoSuchAuthenticator/);
    expect(events.filter(({ changes }) => changes)).to.deep.equal([]);
    expect(events.some(({ subtype }) => subtype === 'check-summary')).to.equal(type === 'check');
  }
  const good = { ...profile.json['cassandra-yaml'], concurrent_writes: 33 };
  await ring.put(path, { json: { ...profile.json, 'cassandra-yaml': good } });
  const id = await ring.post('check', target);
  await ring.waitFor(id, 'COMPLETE');
  expect((await ring.events(id)).map(({ message }) => message)).to.include(`cassandra ${version} takes it`);
  expect(state()).to.deep.equal(before);
  await ring.put(path, { json: profile.json });
}
