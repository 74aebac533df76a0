// Runs that only look, on a machine in memory: what is told of a node that a job would change, and that nothing is touched.
import { expect } from 'chai';
import { recipes } from '../../../agent/recipes/index.ts';
import type { StepEvent } from '../../../shared/events.ts';
import type { RunInput, RunSecrets } from '../../../shared/run-input.ts';
import { failureOf } from '../../support/failure-of.ts';
import { FakeHost } from '../../support/fake-host.ts';
import { drive, inputFor } from './step-driver.ts';

const HOME = '/srv/node1/cassandra-5.0.8';
const YAML = `${HOME}/conf/cassandra.yaml`;
const RACKDC = `${HOME}/conf/cassandra-rackdc.properties`;
const repository = { url: 'http://u:pw@127.0.0.1:1/cassandra.tar.gz', username: null };

describe('a check of a database node', () => {
  let host: FakeHost;
  const input = inputFor('check', '/srv/node1', { repository });
  const run = (given: Partial<RunInput> = {}, secrets: Partial<RunSecrets> = {}) => {
    const ofRun = { ...input, ...given };
    return drive(recipes[ofRun.recipe](ofRun), { host, input: ofRun, secrets });
  };
  /** What may not change. */
  const machine = () => ({
    done: [...host.done],
    files: new Map(host.files),
    directories: new Set(host.directories),
    running: host.running,
  });
  const look = async (given: Partial<RunInput> = {}, secrets: Partial<RunSecrets> = {}) => {
    const before = machine();
    const { events } = await run(given, secrets);
    expect(machine()).to.deep.equal(before);
    expect(events.filter(({ changes }) => changes)).to.deep.equal([]);
    const last = events.at(-1);
    expect(last?.subtype).to.equal('check-summary');
    return { events, summary: last?.after ?? {}, said: last?.message };
  };
  const differing = (events: readonly StepEvent[]) =>
    events.filter(({ subtype, after }) => subtype === 'file-contents' && after !== undefined);
  const configured = (given: Partial<RunInput> = {}, secrets: Partial<RunSecrets> = {}) =>
    run({ recipe: 'configure', ...given }, secrets);

  beforeEach(() => {
    host = new FakeHost();
    host.files.set(`${HOME}/bin/cassandra`, '');
    host.files.set('/srv/node1/installed.json', JSON.stringify({ product: 'cassandra', version: '5.0.8' }));
    for (const [path, text] of host.packed) host.files.set(`${HOME}/${path}`, text);
  });

  it('finds nothing to change on a node that was just configured', async () => {
    await configured();
    const { events, summary, said } = await look();
    expect(differing(events)).to.deep.equal([]);
    expect(summary).to.deep.equal({
      'would-install': null,
      'would-change': [],
      'would-restart': false,
      'node-runs': true,
      'changed-since-start': [],
    });
    expect(said).to.equal(
      'No configuration file would change; the database node runs with what is there, and would be left running',
    );
  });

  it('shows what the model would change, with the diff', async () => {
    await configured();
    const { events, summary } = await look({ profile: { 'cassandra-yaml': { concurrent_reads: 17 } } });
    const [told, ...others] = differing(events);
    expect(others).to.deep.equal([]);
    expect(told).to.include({ type: 'check', resource: YAML, message: `${YAML} would be changed` });
    expect(told?.after?.['diff']).to.match(/^\+concurrent_reads: 17$/m);
    expect(summary).to.deep.include({ 'would-change': [YAML], 'would-restart': true });
  });

  it('knows a hand edit, and that the node does not run with it yet', async () => {
    await configured();
    host.files.set(YAML, `${host.files.get(YAML)}concurrent_reads: 18\n`);
    host.changed.set(YAML, host.nowMs() + 1);
    const { events, summary, said } = await look();
    expect(differing(events)[0]?.after?.['diff']).to.match(/^-concurrent_reads: 18$/m);
    expect(summary).to.deep.include({ 'would-change': [YAML], 'changed-since-start': [YAML] });
    expect(said).to.contain(`was started before these changed: ${YAML}`);
  });

  it('shows no secret of a profile, in clear or as a digest, and fails without those that are to come', async () => {
    const profile = { 'cassandra-yaml': { server_encryption_options: { keystore_password: '********' } } };
    const secrets = {
      profile: { '/cassandra-yaml/server_encryption_options/keystore_password': 'geheim1' },
    };
    await configured({ recipe: 'configure-with-secrets', profile }, secrets);
    const other = { profile: { '/cassandra-yaml/server_encryption_options/keystore_password': 'anders2' } };
    const { events } = await look({ recipe: 'check-with-secrets', profile }, other);
    const [told] = differing(events);
    expect(told?.before).to.deep.equal({ sha256: told?.after?.['sha256'] });
    expect(JSON.stringify(events)).to.not.match(/geheim1|anders2/);
    expect((await failureOf(run({ recipe: 'check-with-secrets', profile }))).subtype).to.equal(
      'secrets-missing',
    );
  });

  it('fails on what a configure would fail on', async () => {
    await configured();
    host.saved = { cluster: null, tokens: 4, partitioner: null, datacenter: null, rack: null };
    const profile = { 'cassandra-yaml': { num_tokens: 8 } };
    const before = machine();
    expect((await failureOf(run({ profile }))).subtype).to.equal('other-data');
    expect(machine()).to.deep.equal(before);
  });

  it('knows of a node that is down that another process has its port', async () => {
    await configured();
    host.running = null;
    host.takenPorts.add(7000);
    expect((await failureOf(run())).subtype).to.equal('port-in-use');
  });

  it('says where an install would get it from, without a password, and compares nothing', async () => {
    host = new FakeHost();
    const { events, summary, said } = await look();
    const [offer] = events.filter(({ subtype }) => subtype === 'tarball-offered');
    expect(offer?.message).to.match(/^cassandra 5\.0\.8 would come from http:.*127\.0\.0\.1:1\/cassandra/);
    expect(JSON.stringify(events)).to.not.contain('pw@');
    expect(summary).to.deep.include({
      'would-install': 'cassandra 5.0.8',
      'would-change': null,
      'node-runs': false,
    });
    expect(said).to.equal('Cassandra 5.0.8 is not installed; the database node does not run');
  });

  it('says that an upgrade is due, and whether one leads there', async () => {
    await configured();
    const { summary, said } = await look({ version: '5.0.9' });
    expect(summary).to.deep.include({ 'would-install': 'cassandra 5.0.9', 'would-restart': true });
    expect(said).to.contain('Cassandra 5.0.8 would become 5.0.9');
    const back = await look({ version: '4.1.9' });
    expect(back.events.map(({ message }) => message).join()).to.contain('no upgrade leads to 4.1.9');
    expect(back.summary).to.deep.include({ 'would-install': null, 'would-restart': false });
    expect(back.said).to.match(/no upgrade leads to 4\.1\.9: .*would be left running$/);
  });

  it('keeps no pristine file of a product that an operator brought, and makes none of what is missing', async () => {
    const { events } = await look();
    expect(differing(events).map(({ resource }) => resource)).to.include(RACKDC);
    expect(events.find(({ message }) => message === `${RACKDC} would be written`)).to.not.equal(undefined);
  });

  describe('knows how files stand to what was written last', () => {
    const statesIn = (events: readonly StepEvent[], subtype = 'config-files-compared') =>
      Object.fromEntries(
        (
          (events.find((event) => event.subtype === subtype)?.after?.['states'] ?? []) as {
            path: string;
            state: string;
            stale: boolean | null;
            'pushed-on': string | null;
          }[]
        ).map((file) => [file.path, file]),
      );
    const told = (
      { state, stale }: { state: string; stale: boolean | null } = { state: '-', stale: null },
    ) => [state, stale];

    it('as it was pushed, edited, missing, or never pushed', async () => {
      const written = statesIn((await configured()).events, 'config-files-written');
      expect(Object.values(written).map(told)).to.deep.equal(Array(3).fill(['as-pushed', false]));
      expect(statesIn((await look()).events)).to.deep.equal(written);
      host.files.set(YAML, `${host.files.get(YAML)}# mine\n`);
      host.files.delete(RACKDC);
      const { events } = await look();
      expect(told(statesIn(events)[YAML])).to.deep.equal(['edited', true]);
      expect(told(statesIn(events)[RACKDC])).to.deep.equal(['missing', true]);
      const subtypes = events.map(({ subtype }) => subtype);
      expect(subtypes).to.include.members(['file-edited', 'file-missing']);
      const wrote = (await configured()).events.flatMap(({ changes, message }) => (changes ? [message] : []));
      expect(wrote).to.include.members([
        `Wrote ${YAML}, over what is not as a job wrote it last`,
        `Wrote ${RACKDC}`,
      ]);
      host.files.set(YAML, `${host.files.get(YAML)}# mine\n`);
      host.files.delete('/srv/node1/run/pushed.json');
      expect(told(statesIn((await look()).events)[YAML])).to.deep.equal(['never-pushed', true]);
    });

    it('as pushed, though the model has become another one', async () => {
      await configured();
      const { events } = await look({ profile: { 'cassandra-yaml': { concurrent_reads: 17 } } });
      expect(told(statesIn(events)[YAML])).to.deep.equal(['as-pushed', true]);
      expect(events.map(({ subtype }) => subtype)).to.not.include('file-edited');
    });

    it('of the version that is there, where another one is wanted', async () => {
      await configured();
      host.files.set(YAML, '# mine\n');
      const { events } = await look({ version: '5.0.9' });
      expect(told(statesIn(events)[YAML])).to.deep.equal(['edited', null]);
      expect(told(statesIn(events)[RACKDC])).to.deep.equal(['as-pushed', null]);
    });

    it('as the version that is there has them, also after another one was written and not started', async () => {
      const installed = (version: string) =>
        host.files.set('/srv/node1/installed.json', JSON.stringify({ product: 'cassandra', version }));
      await configured();
      installed('5.0.9');
      for (const [path, text] of host.packed) host.files.set(`/srv/node1/cassandra-5.0.9/${path}`, text);
      await configured({ version: '5.0.9' });
      installed('5.0.8');
      expect(told(statesIn((await look()).events)[YAML])).to.deep.equal(['as-pushed', false]);
    });

    it('as never pushed where what is kept of that is nothing to go by', async () => {
      await configured();
      for (const kept of ['null', '[', '7']) {
        host.files.set('/srv/node1/run/pushed.json', kept);
        expect(told(statesIn((await look()).events)[YAML])).to.deep.equal(['never-pushed', false]);
      }
    });

    it('since the job that wrote it as it is, also when a later one wrote it so once more', async () => {
      const onOf = (states: ReturnType<typeof statesIn>) => [
        states[YAML]?.['pushed-on'],
        states[RACKDC]?.['pushed-on'],
      ];
      const [first] = onOf(statesIn((await configured()).events, 'config-files-written'));
      host.files.set(YAML, '# mine\n');
      const [again, other] = onOf(statesIn((await configured()).events, 'config-files-written'));
      expect(other).to.equal(first);
      expect(String(again) > String(first)).to.equal(true);
    });
  });

  describe('as the dry-run of a job', () => {
    const dryRun = (of: NonNullable<RunInput['dryRun']>['of'], onlyStale = false): Partial<RunInput> => ({
      dryRun: { of, onlyStale },
    });

    it('would restart a node in any case, or only a stale one, and renders nothing for a restart', async () => {
      await configured();
      const { events, summary } = await look(dryRun('restart'));
      expect(summary).to.deep.include({ 'would-restart': true, 'would-change': null });
      expect(events.map(({ subtype }) => subtype)).to.not.include('config-files');
      expect((await look(dryRun('restart', true))).summary).to.include({ 'would-restart': false });
      host.changed.set(YAML, host.nowMs() + 1);
      expect((await look(dryRun('restart', true))).summary).to.include({ 'would-restart': true });
      expect((await look(dryRun('configure'))).summary).to.include({ 'would-restart': true });
    });

    it('leaves what an install finds as it should be, and restarts what it changes', async () => {
      await configured();
      expect((await look(dryRun('install'))).summary).to.include({ 'would-restart': false });
      const profile = { 'cassandra-yaml': { concurrent_reads: 17 } };
      expect((await look({ ...dryRun('install'), profile })).summary).to.include({ 'would-restart': true });
    });

    it('fails where the job itself would: nothing installed, another version, no way there', async () => {
      const refused = async (given: Partial<RunInput>) => (await failureOf(run(given))).subtype;
      expect(await refused({ ...dryRun('configure'), version: '5.0.9' })).to.equal('other-version-installed');
      expect(await refused({ ...dryRun('upgrade'), version: '4.1.9' })).to.equal('upgrade-refused');
      host.files.delete('/srv/node1/installed.json');
      host.files.delete(`${HOME}/bin/cassandra`);
      expect(await refused(dryRun('restart'))).to.equal('not-installed');
      expect(await refused(dryRun('upgrade'))).to.equal('not-installed');
    });

    it('changes nothing by an upgrade to the version that is there', async () => {
      await configured();
      const profile = { 'cassandra-yaml': { concurrent_reads: 17 } };
      const { summary } = await look({ ...dryRun('upgrade'), profile });
      expect(summary).to.deep.include({ 'would-change': [], 'would-restart': false });
    });
  });
});
