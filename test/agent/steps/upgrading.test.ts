// The steps of an upgrade, on a machine in memory: what is refused, what is left as it was, and the way back.
import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { recipes } from '../../../agent/recipes/index.ts';
import { StepFailed } from '../../../shared/errors.ts';
import type { RunInput } from '../../../shared/run-input.ts';
import { failureOf } from '../../support/failure-of.ts';
import { FakeHost } from '../../support/fake-host.ts';
import { type DriveOptions, drive, inputFor } from './step-driver.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const urlOf = (version: string): string => `http://127.0.0.1:1/cassandra-${version}.tar.gz`;
const HOME = '/srv/node1/cassandra';
const INSTALLED = '/srv/node1/installed.json';
const jarOf = (home: string, version = home): string => `${HOME}-${home}/lib/cassandra-all-${version}.jar`;

describe('upgrading a database node', () => {
  let host: FakeHost;
  const run = (
    recipe: RunInput['recipe'],
    version: string,
    given: Partial<RunInput> = {},
    options: Partial<DriveOptions> = {},
  ) => {
    host.packed.set('NEWS.txt', version);
    const repository = { url: urlOf(version), username: null };
    const input = inputFor(recipe, '/srv/node1', { version, repository, ...given });
    return drive(recipes[recipe](input), { host, input, ...options });
  };
  const upgrade = (version: string, given: Partial<RunInput> = {}, options: Partial<DriveOptions> = {}) =>
    run('upgrade', version, given, options);
  const installed = () => JSON.parse(host.files.get(INSTALLED) ?? '');
  const ofVersion = (version: string) =>
    new Map([...host.files].filter(([path]) => path.startsWith(`${HOME}-${version}/`)));
  /** What touches the database node, in order. */
  const touches = () => host.done.filter((done) => !/^(write|download|unpack) /.test(done));

  beforeEach(async () => {
    host = new FakeHost();
    for (const version of ['4.1.9', '5.0.5', '5.0.6', '5.0.7', '5.0.8', '5.0.9']) {
      host.remote.set(urlOf(version), version);
      host.remote.set(`${urlOf(version)}.sha256`, `${sha256(version)}  cassandra.tar.gz\n`);
    }
    await run('install', '5.0.7');
    host.done.length = 0;
  });

  it('has the new version whole beside the old one before the node is touched, and changes over', async () => {
    const old = ofVersion('5.0.7');
    const { events } = await upgrade('5.0.8');
    expect(touches()).to.deep.equal(['stop native transport', 'drain', 'SIGTERM', 'spawn']);
    expect(host.launched.at(-1)?.[0]).to.equal(`${HOME}-5.0.8/bin/cassandra`);
    expect(host.done.findLastIndex((done) => done.includes(`${HOME}-5.0.8`))).to.be.below(
      host.done.indexOf('stop native transport'),
    );
    expect(host.done.indexOf(`write ${INSTALLED}`)).to.be.above(host.done.indexOf('spawn'));
    expect(installed()).to.deep.equal({
      product: 'cassandra',
      version: '5.0.8',
      sha256: sha256('5.0.8'),
      kept: ['5.0.7'],
    });
    expect(ofVersion('5.0.7')).to.deep.equal(old);
    expect(host.files.get(`${HOME}-5.0.8/conf/cassandra.yaml`)).to.contain('cluster_name: testing');
    expect(host.files.get(`${HOME}-5.0.8/conf/cassandra.yaml`)).to.contain('/srv/node1/data/commitlog');
    expect(events.map(({ subtype }) => subtype)).to.include('peers-see-normal');
    expect(events.at(-1), 'what the model keeps of the node').to.include({
      type: 'milestone',
      subtype: 'facts',
    });
    expect(events.at(-1)?.after?.['installed']).to.deep.equal(installed());
    const told = events.find(({ subtype }) => subtype === 'upgraded');
    expect(told).to.deep.include({
      type: 'milestone',
      changes: true,
      before: { version: '5.0.7' },
      after: { version: '5.0.8' },
    });
  });

  it('is not stopped from the first touch of the node to the note of the version that runs', () => {
    const steps = recipes.upgrade(inputFor('upgrade', '/srv/node1'));
    const reaching = steps.filter(({ mustReach }) => mustReach !== undefined);
    expect(reaching.map(({ name, mustReach }) => [name, mustReach])).to.deep.equal(
      ['stop-native-transport', 'drain-node', 'stop-node', 'start-node'].map((name) => [
        name,
        'keep-version',
      ]),
    );
    expect(steps.map(({ name }) => name)).to.include('keep-version');
  });

  it('starts the new version where the old one was down', async () => {
    host.running = null;
    await upgrade('5.0.8');
    expect(touches()).to.deep.equal(['spawn']);
    expect(installed().version).to.equal('5.0.8');
  });

  it('does nothing where the version is there already, also not to a configuration that differs', async () => {
    const files = new Map(host.files);
    const { events } = await upgrade('5.0.7', { cluster: { name: 'other', seeds: ['127.0.0.1'] } });
    expect(host.done).to.deep.equal([]);
    expect(host.files).to.deep.equal(files);
    expect(events.map(({ message }) => message)).to.include(
      'cassandra 5.0.7 is installed already: there is nothing to upgrade',
    );
    expect(events.map(({ subtype }) => subtype)).to.not.include('config-files-written');
  });

  const refusals: [what: string, version: string, given: Partial<RunInput>, says: RegExp][] = [
    ['an earlier version', '5.0.6', {}, /5\.0\.7 to cassandra 5\.0\.6.*earlier/],
    ['a later series', '5.1.0', {}, /5\.0\.7 to cassandra 5\.1\.0.*series/],
    ['an earlier series', '4.1.9', {}, /5\.0\.7 to cassandra 4\.1\.9.*series/],
    ['another product', '5.0.8', { product: 'dse' }, /to dse 5\.0\.8.*product/],
  ];
  for (const [what, version, given, says] of refusals) {
    it(`refuses ${what} before it fetches or stops anything`, async () => {
      const failure = await failureOf(upgrade(version, given));
      expect(failure.subtype).to.equal('upgrade-refused');
      expect(failure.message).to.match(says);
      expect(failure.detail).to.include({ installed: '5.0.7', wanted: version });
      expect(host.done).to.deep.equal([]);
    });
  }

  it('refuses where the jar is of another version than was installed', async () => {
    host.zipped.set(jarOf('5.0.7', '5.0.6'), Buffer.alloc(0));
    const failure = await failureOf(upgrade('5.0.8'));
    expect([failure.subtype, failure.message]).to.deep.equal([
      'upgrade-refused',
      `cassandra 5.0.7 to cassandra 5.0.8: ${HOME}-5.0.7 holds 5.0.6, not what was installed there. Nothing was stopped`,
    ]);
    expect(host.done).to.deep.equal([]);
  });

  it('fails clearly where nothing is installed, and where what is noted is not there', async () => {
    const noted = host.files.get(INSTALLED) ?? '';
    host.files.delete(INSTALLED);
    const missing = await failureOf(upgrade('5.0.8'));
    expect([missing.subtype, missing.message]).to.deep.equal([
      'not-installed',
      'No cassandra is installed in /srv/node1: there is nothing to upgrade',
    ]);
    host.files.set(INSTALLED, noted);
    host.files.delete(`${HOME}-5.0.7/bin/cassandra`);
    expect((await failureOf(upgrade('5.0.8'))).subtype).to.equal('not-installed');
    expect(host.done).to.deep.equal([]);
  });

  it('finds a repository that still has the old tarball before the stop, and takes the right one next time', async () => {
    const unpack = host.unpackTarball.bind(host);
    let holds = '5.0.7';
    host.unpackTarball = async (path, directory) => {
      await unpack(path, directory);
      host.zipped.set(jarOf('5.0.8', holds), Buffer.alloc(0));
    };
    const failure = await failureOf(upgrade('5.0.8'));
    expect([failure.subtype, failure.message]).to.deep.equal([
      'tarball-of-other-version',
      `The tarball ${urlOf('5.0.8')} holds cassandra 5.0.7, not cassandra 5.0.8. Give the repository the repo-url of a tarball of 5.0.8, or the config profile the datastax-version 5.0.7`,
    ]);
    expect(touches()).to.deep.equal([`remove ${HOME}-5.0.8`]);
    expect(ofVersion('5.0.8')).to.deep.equal(new Map());
    holds = '5.0.8';
    await upgrade('5.0.8');
    expect(installed().version).to.equal('5.0.8');
  });

  it('finds a setting that the new version does not know before the stop', async () => {
    const profile = { 'no-such-file': { a: 1 } };
    expect((await failureOf(upgrade('5.0.8', { profile }))).subtype).to.equal('config-invalid');
    expect(touches()).to.deep.equal([]);
    expect(installed().version).to.equal('5.0.7');
  });

  it('names no way back once the new version is noted, and does not start any more after a reboot', async () => {
    const { results } = await upgrade('5.0.8');
    host.running = null;
    host.diesAtStart = true;
    const input = inputFor('upgrade', '/srv/node1', { version: '5.0.8' });
    const again = recipes.upgrade(input).filter(({ name }) => /^(start-node|await-native-port)$/.test(name));
    const failure = await failureOf(drive(again, { host, input, before: { results, notes: new Map() } }));
    expect([failure.subtype, failure.message.includes('To go back')]).to.deep.equal(['node-died', false]);
  });

  it('says how to go back when the new version does not start, and a restart of the old one does it', async () => {
    const old = ofVersion('5.0.7');
    host.diesAtStart = true;
    const failure = await failureOf(upgrade('5.0.8'));
    expect(failure.subtype).to.equal('node-died');
    expect(failure.message).to.contain(
      "To go back, set the datastax-version of this node's config profile to 5.0.7 and restart the node",
    );
    expect(failure.detail['back']).to.deep.equal({ version: '5.0.7', home: `${HOME}-5.0.7` });
    expect([installed().version, ofVersion('5.0.7')]).to.deep.equal(['5.0.7', old]);
    host.diesAtStart = false;
    await run('restart', '5.0.7', { repository: null });
    expect(host.launched.at(-1)?.[0]).to.equal(`${HOME}-5.0.7/bin/cassandra`);
  });

  it('takes the node over from an upgrade that failed once the new version ran', async () => {
    host.answersAfterMs = null;
    expect((await failureOf(upgrade('5.0.8'))).subtype).to.equal('node-not-up');
    host.answersAfterMs = 500;
    host.done.length = 0;
    await upgrade('5.0.8');
    expect(touches()).to.deep.equal(['stop native transport', 'drain', 'SIGTERM', 'spawn']);
    expect(installed()).to.deep.include({ version: '5.0.8', sha256: sha256('5.0.8'), kept: ['5.0.7'] });
  });

  it('is no way around an upgrade for other jobs: these say what changes a version', async () => {
    for (const recipe of ['install', 'configure', 'restart'] as const) {
      const failure = await failureOf(run(recipe, '5.0.8'));
      expect(failure.subtype).to.equal('other-version-installed');
      expect(failure.message).to.contain('only an upgrade job changes a version');
    }
  });

  it('keeps the version before the last, and removes those that were before that', async () => {
    await upgrade('5.0.8');
    host.files.set('/srv/node1/data/data/ks/t.db', 'rows');
    const { events } = await upgrade('5.0.9');
    expect(installed()).to.deep.include({ version: '5.0.9', kept: ['5.0.8'] });
    expect(ofVersion('5.0.7')).to.deep.equal(new Map());
    expect(ofVersion('5.0.8').size).to.be.above(0);
    expect(
      events.filter(({ subtype }) => subtype === 'old-version-removed').map((e) => e.resource),
    ).to.deep.equal([
      `${HOME}-5.0.7`,
      '/srv/node1/pristine/5.0.7',
      '/srv/node1/downloads/cassandra-5.0.7.tar.gz',
      '/srv/node1/downloads/cassandra-5.0.7.tar.gz.sha256',
    ]);
    expect(host.files.get('/srv/node1/data/data/ks/t.db')).to.equal('rows');
  });

  it('removes nothing outside its own folders, whatever installed.json was made to say', async () => {
    host.files.set('/srv/etc/passwd', 'root');
    host.files.set(
      INSTALLED,
      JSON.stringify({ ...installed(), kept: ['5.0.6', '../../etc', '5.0.7', '5.0.8'] }),
    );
    await upgrade('5.0.8');
    expect(touches().filter((done) => done.startsWith('remove'))).to.deep.equal([]);
  });

  it('refuses the version that is installed when it is written otherwise, and says how to write it', async () => {
    const text = (host.files.get(INSTALLED) ?? '').replace('5.0.7', '5.0');
    host.files.set(INSTALLED, text);
    for (const ran of [upgrade('5.0.0'), run('configure', '5.0.0')]) {
      const { subtype, message } = await failureOf(ran);
      expect(subtype).to.equal('other-version-installed');
      expect(message).to.contain('set the datastax-version of the config profile to 5.0');
    }
    expect(touches()).to.deep.equal([]);
  });

  it('takes a snapshot when asked, before the node is closed to clients, under a name of its own', async () => {
    await upgrade('5.0.8');
    expect(host.done.join()).to.not.contain('snapshot');
    host.done.length = 0;
    const { events } = await upgrade('5.0.9', { snapshot: true });
    expect(touches()[0]).to.match(/^snapshot upgrade-5\.0\.8-5\.0\.9-\d+$/);
    expect(touches()[1]).to.equal('stop native transport');
    expect(events.find(({ subtype }) => subtype === 'snapshot-taken')?.after).to.have.keys(
      'tag',
      'snapshot-ms',
    );
  });

  it('goes on with the snapshot of an earlier try that stopped the node, until the node was started otherwise', async () => {
    const dead = new StepFailed('spawn-failed', 'Could not start');
    host.faults.set('spawnDetached', dead);
    expect((await failureOf(upgrade('5.0.8', { snapshot: true }))).subtype).to.equal('spawn-failed');
    expect(host.running).to.equal(null);
    const [tag = ''] = touches();
    // another upgrade's snapshot does not stand for this one's
    expect((await failureOf(upgrade('5.0.9', { snapshot: true }))).message).to.contain('not running');

    host.faults.set('spawnDetached', dead);
    expect((await failureOf(upgrade('5.0.8', { snapshot: true }))).subtype).to.equal('spawn-failed');
    await run('restart', '5.0.7');
    host.running = null;
    expect((await failureOf(upgrade('5.0.8', { snapshot: true }))).message).to.contain('not running');
    expect(touches().filter((done) => done.startsWith('snapshot'))).to.deep.equal([tag]);
  });

  it('stops nothing when the snapshot cannot be taken', async () => {
    host.faults.set('takeSnapshot', new Error('no space'));
    const failure = await failureOf(upgrade('5.0.8', { snapshot: true }));
    expect([failure.subtype, failure.message]).to.deep.equal([
      'snapshot-failed',
      'No snapshot could be taken, and nothing was stopped: no space',
    ]);
    host.running = null;
    expect((await failureOf(upgrade('5.0.8', { snapshot: true }))).message).to.contain('not running');
    expect(touches()).to.deep.equal([]);
  });
});
