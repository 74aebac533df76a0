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
    host.saved = { cluster: null, tokens: 4, partitioner: MURMUR, datacenter: 'dc1', rack: 'rack1' };
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

  describe('the name of the cluster', () => {
    const yaml = `${HOME}/conf/cassandra.yaml`;
    const saved = { cluster: 'c two', tokens: 4, partitioner: MURMUR, datacenter: 'dc1', rack: 'rack1' };
    const restart = inputFor('restart', '/srv/node1');
    const failing = async (input: RunInput): Promise<string> => {
      host.done.length = 0;
      return await drive(recipes[input.recipe](input), { host, input }).then(
        () => '',
        (error: unknown) => String(error),
      );
    };
    beforeEach(() => {
      host.saved = saved;
      const installed = { product: 'cassandra', version: '5.0.8' };
      host.files.set('/srv/node1/installed.json', JSON.stringify(installed));
    });

    it('is another one in the model: told alone, by every job and its dry-run, before anything is written', async () => {
      const says =
        'nothing was written or stopped: cluster_name is "c two", and would be "testing": right is to have this node in a ' +
        'cluster with the name "c two" (the model never renames one), unless the model has the address of the wrong host for it';
      const told = await refused({ num_tokens: 8 });
      expect(told)
        .to.contain(says)
        .and.to.not.match(/num_tokens|remove its data/);
      const profile = { 'cassandra-yaml': { num_tokens: 4 } };
      for (const of of ['configure', 'install'] as const) {
        const input = { ...PLAIN, node, profile, recipe: 'check' as const, dryRun: { of, onlyStale: false } };
        expect(await failing(input), of).to.contain(says);
      }
    });

    it('is looked for in the file that is there, by a restart and where that file is left to hand', async () => {
      host.files.set(yaml, 'cluster_name: Other\nnum_tokens: 4\n');
      expect(await failing({ ...restart, node })).to.contain(
        `cluster_name is "c two", and would be "Other": right is cluster_name "c two" in ${yaml}, and to have this node in a`,
      );
      expect(await failing({ ...restart, node, cluster: { ...restart.cluster, name: 'c two' } })).to.contain(
        `right is cluster_name "c two" in ${yaml}, as a configure writes it`,
      );
      const byHand = { 'cassandra-yaml': { 'lcm-manage--cassandra-yaml': false } };
      const cluster = { ...PLAIN.cluster, name: 'c two' };
      for (const of of [
        {},
        { recipe: 'check' as const, dryRun: { of: 'configure' as const, onlyStale: false } },
      ])
        expect(await failing({ ...PLAIN, node, cluster, profile: byHand, ...of })).to.match(
          /right is cluster_name "c two" in \S+cassandra\.yaml$/,
        );
      expect(host.done).to.deep.equal([]);
    });

    it('is compared as text, whatever YAML would take it for', async () => {
      for (const [name, text] of [
        ['1e3', '1e3'],
        ['010', '010'],
        ['yes', 'yes'],
        ['true', "'true'"],
        ["Bob's", "'Bob''s'"],
        ['naïve – 環', '"na\\u00efve – 環" # of ours'],
        ['Test Cluster', null],
      ] as const) {
        host.startNode();
        host.saved = { ...saved, cluster: name };
        host.files.set(yaml, `${text === null ? '' : `cluster_name: ${text}\n`}num_tokens: 4\n`);
        expect(await failing({ ...restart, node }), name).to.equal('');
        expect(host.done).to.include('SIGTERM');
      }
    });

    it('is of no account where the node reads another file', async () => {
      const words = ['java', '-Dcassandra.config=file:///elsewhere/cassandra.yaml'];
      host.files.set(yaml, 'cluster_name: Other\nnum_tokens: 4\n');
      host.files.set(`${HOME}/bin/cassandra.in.sh`, 'JVM_OPTS="-Dcassandra.config=file:///elsewhere/x"\n');
      host.programs.set(host.running?.pid ?? 0, { path: '/usr/bin/java', uids: [], words });
      expect(await failing({ ...restart, node })).to.equal('');
      host.programs.clear();
      host.files.set(`${HOME}/bin/cassandra.in.sh`, 'CASSANDRA_CONF=/etc/cassandra\n');
      expect(await failing({ ...restart, node }), 'from its next start on').to.equal('');
    });
  });

  it('are not asked of a node that does not run, nor of one without tokens', async () => {
    host.running = null;
    expect(await configure({ num_tokens: 8 })).to.equal(null);
    host.saved = null;
    expect(await configure({ num_tokens: 2 })).to.equal(null);
  });
});
