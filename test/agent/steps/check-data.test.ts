// Settings that stand once a node has data: told before anything is written or stopped.
import { expect } from 'chai';
import { recipes } from '../../../agent/recipes/index.ts';
import { StepFailed } from '../../../shared/errors.ts';
import type { RunInput } from '../../../shared/run-input.ts';
import { FakeHost } from '../../support/fake-host.ts';
import { type DriveOptions, drive, inputFor } from './step-driver.ts';

const HOME = '/srv/node1/cassandra-5.0.8';
const MURMUR = 'org.apache.cassandra.dht.Murmur3Partitioner';
const PLAIN = inputFor('configure', '/srv/node1');
const node = { ...PLAIN.node, initialToken: null };

describe('settings that stand once a node has data', () => {
  let host: FakeHost;
  beforeEach(() => {
    host = new FakeHost();
    for (const [path, text] of host.packed) host.files.set(`${HOME}/${path}`, text);
    host.startNode();
    host.saved = { tokens: 4, partitioner: MURMUR, datacenter: 'dc1', rack: 'rack1' };
  });

  const configure = async (yaml: Record<string, unknown>, given: Partial<RunInput> = {}) => {
    const input = { ...PLAIN, node, profile: { 'cassandra-yaml': yaml }, ...given };
    host.done.length = 0;
    return await drive(recipes.configure(input), { host, input }).then(
      () => null,
      (error: unknown) => error as Error,
    );
  };
  const refused = async (yaml: Record<string, unknown>, given: Partial<RunInput> = {}): Promise<string> => {
    const running = host.running;
    const failure = await configure(yaml, given);
    expect(failure).to.be.instanceOf(StepFailed).and.to.include({ subtype: 'other-data' });
    expect(host.running).to.equal(running);
    expect(host.done.filter((what) => !what.includes('/pristine/'))).to.deep.equal([]);
    return failure?.message ?? '';
  };

  it('are refused with the value now, the one asked for, and what would be right', async () => {
    expect(await refused({ num_tokens: 8 })).to.equal(
      'Cassandra would not start on the data that this node has, so that nothing was written or stopped: ' +
        'num_tokens is 4, and would be 8: right is num_tokens 4 in the config profile. ' +
        'Another value takes a node without data: decommission it, remove its data, and install it',
    );
    expect(await refused({}), 'a profile that lost it').to.contain('num_tokens is 4, and would be 1:');
    expect(await refused({ num_tokens: 4, partitioner: 'RandomPartitioner' })).to.contain(
      `: partitioner is ${MURMUR}, and would be RandomPartitioner: right is partitioner ${MURMUR} in`,
    );
    expect(await refused({ num_tokens: 4, endpoint_snitch: 'SimpleSnitch' })).to.contain(
      ': endpoint_snitch is one with datacenter dc1, and would be SimpleSnitch with datacenter datacenter1:',
    );
    expect(await refused({}, { node: { ...node, initialToken: '0,100' } })).to.contain(
      "right is as many tokens as it has (4) in the node's initial-token",
    );
  });

  it('are taken as they are, however the class is written, and others change freely', async () => {
    expect(
      await configure({ num_tokens: 4, partitioner: 'Murmur3Partitioner', concurrent_reads: 8 }),
    ).to.equal(null);
    expect(host.done).to.include.members(['SIGTERM', 'spawn']);
    const ignoring = { 'cassandra-yaml': { num_tokens: 4, endpoint_snitch: 'SimpleSnitch' } };
    const profile = {
      ...ignoring,
      'cassandra-env-sh': { 'additional-jvm-opts': ['-Dcassandra.ignore_dc=true'] },
    };
    expect(await configure({}, { profile })).to.equal(null);
  });

  it('are known from the files, while the node that was started with them does not answer', async () => {
    expect(await configure({ num_tokens: 4 })).to.equal(null);
    host.jmxAnswers = false;
    expect(await refused({ num_tokens: 8 })).to.contain('num_tokens is 4, and would be 8');
    const yaml = `${HOME}/conf/cassandra.yaml`;
    host.files.set(yaml, `${host.files.get(yaml)}concurrent_reads: 9\n`);
    expect(await configure({ num_tokens: 8 }), 'an edit since: nobody knows').to.equal(null);
  });

  it('are looked for by a restart in the file that is there, before it stops the node', async () => {
    const input = { ...inputFor('restart', '/srv/node1'), node };
    const yaml = `${HOME}/conf/cassandra.yaml`;
    const restart = async (text: string, onAsked = () => {}) => {
      host.files.set(yaml, text);
      host.done.length = 0;
      const askLeave: DriveOptions['askLeave'] = async function* () {
        onAsked();
        yield { verdict: 'allowed', message: 'Every range keeps its level', notes: [] };
      };
      return await drive(recipes.restart(input), { host, input, askLeave }).then(
        () => '',
        (error: unknown) => String(error),
      );
    };
    const says =
      'num_tokens is 4, and would be 8: right is num_tokens 4 in the config profile. ' +
      'A restart leaves cassandra.yaml as it is: run configure once the profile has that. Another';
    expect(await restart('num_tokens: 8\n')).to.contain(says);
    const edited = () => host.files.set(yaml, 'num_tokens: 8\n');
    expect(await restart('num_tokens: 4\n', edited), 'while it waited for leave').to.contain(says);
    expect(host.done).to.deep.equal([]);
    for (const sound of ['num_tokens: 4\nendpoint_snitch: SimpleSnitch\n', 'num_tokens: &n 4\nx: *n\n']) {
      expect(await restart(sound)).to.equal('');
      expect(host.done).to.include.members(['SIGTERM', 'spawn']);
    }
  });

  it('are not asked of a node that does not run, nor of one without tokens', async () => {
    host.running = null;
    expect(await configure({ num_tokens: 8 })).to.equal(null);
    host.saved = null;
    expect(await configure({ num_tokens: 2 })).to.equal(null);
  });
});
