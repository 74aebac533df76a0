// The steps of an upgrade by packages, on a machine in memory: what is found before the stop, and the way back after it.
import { expect } from 'chai';
import { recipes } from '../../../agent/recipes/index.ts';
import type { RunInput } from '../../../shared/run-input.ts';
import { AptHost } from '../../support/apt-host.ts';
import { failureOf } from '../../support/failure-of.ts';
import { drive, inputFor, packagedInputFor } from './step-driver.ts';

const YAML = '/etc/cassandra/cassandra.yaml';
const BEGUN = '/var/lib/ringmaster-agent/database/cassandra/upgrading.json';
const CHANGE_OVER = [
  'stop native transport',
  'drain',
  'stop service',
  'install cassandra=5.0.8-1',
  'start service',
];

describe('upgrading a database node by packages', () => {
  let host: AptHost;
  const run = (recipe: RunInput['recipe'], version: string, given: Partial<RunInput> = {}) => {
    const input = packagedInputFor(recipe, {
      version,
      ...given,
    });
    return drive(recipes[recipe](input), { host, input });
  };
  const upgrade = (version: string, given: Partial<RunInput> = {}) => run('upgrade', version, given);
  const touches = () => host.done.filter((done) => !/^(write|remove|download) /.test(done));
  const version = () => host.packages.get('cassandra');

  beforeEach(async () => {
    host = new AptHost();
    host.has('cassandra', '5.0.7-1');
    host.offered.set('cassandra', ['5.0.9-1', '5.0.8-1', '5.0.7-1']);
    host.startNode();
    await run('configure', '5.0.7');
    host.done.length = 0;
  });

  it('has all at hand before the node is touched, and installs while it is held down', async () => {
    const { events } = await upgrade('5.0.8');
    expect(touches()).to.deep.equal(CHANGE_OVER);
    expect(host.done.indexOf('download packages')).to.be.within(
      0,
      host.done.indexOf(CHANGE_OVER[0] ?? '') - 1,
    );
    expect([version(), host.isHeld]).to.deep.equal([{ version: '5.0.8-1', state: 'ii' }, false]);
    expect(host.running).to.not.equal(null);
    const told = events.find(({ subtype }) => subtype === 'upgraded');
    expect(told).to.deep.include({
      type: 'milestone',
      changes: true,
      before: { version: '5.0.7' },
      after: { version: '5.0.8' },
    });
    expect(
      [...host.files.keys()].filter((path) => path.includes('unpacked') || path === BEGUN),
    ).to.deep.equal([]);
  });

  it('renders from what the new packages have, though dpkg left the old files in their place', async () => {
    await upgrade('5.0.8');
    expect(host.files.get(YAML)).to.contain('# of 5.0.8-1').and.contain('cluster_name: testing');
    expect(host.files.get('/etc/cassandra/cassandra-env.sh')).to.contain('# env of 5.0.8-1');
    const files = new Map(host.files);
    await run('configure', '5.0.8');
    expect(host.files).to.deep.equal(files);
  });

  it('renders from what the package has that an operator brought, wherever that lies', async () => {
    host.upgradeByHand('cassandra', '5.0.8-1');
    await run('configure', '5.0.8');
    expect(host.files.get(YAML)).to.contain('# of 5.0.8-1').and.contain('cluster_name: testing');
    expect(
      host.files.get('/var/lib/ringmaster-agent/database/cassandra/pristine/5.0.8/jvm-server.options'),
    ).to.equal('-Xss256k\n');
    // here the operator took the package's own file
    host.files.set(YAML, '# of 5.0.9-1\ncluster_name: Test Cluster\n');
    host.upgradeByHand('cassandra', '5.0.9-1');
    await run('configure', '5.0.9');
    expect(host.files.get(YAML)).to.contain('# of 5.0.9-1').and.contain('cluster_name: testing');
  });

  it('does not take what was rendered for one version for what another brought', async () => {
    host.upgradeByHand('cassandra', '5.0.8-1');
    host.files.delete(`${YAML}.dpkg-dist`);
    host.offered.set('cassandra', ['5.0.9-1']);
    const files = new Map(host.files);
    const failure = await failureOf(run('configure', '5.0.8'));
    expect([failure.subtype, failure.resource]).to.deep.equal(['config-file-not-kept', YAML]);
    expect(failure.message).to.contain('--force-confmiss --reinstall install cassandra`');
    expect([touches(), host.files]).to.deep.equal([[], files]);
  });

  it('does not take what it rendered for the package where nothing is kept any more of what that brought', async () => {
    for (const path of [...host.files.keys()]) if (path.includes('/pristine/')) host.files.delete(path);
    host.offered.clear();
    const failure = await failureOf(run('configure', '5.0.7'));
    expect([failure.subtype, failure.resource]).to.deep.equal(['config-file-not-kept', YAML]);
    expect(touches()).to.deep.equal([]);
  });

  it('takes the edits of an operator whose node was never configured for the package', async () => {
    const fresh = new AptHost();
    fresh.has('cassandra', '5.0.7-1');
    fresh.files.set(YAML, '# by hand\ncluster_name: Test Cluster\n');
    host = fresh;
    await run('configure', '5.0.7');
    expect(host.files.get(YAML)).to.contain('# by hand').and.contain('cluster_name: testing');
  });

  it('has a node that the packages started all the same start anew with its configuration', async () => {
    host.startsAnyway = true;
    await upgrade('5.0.8');
    expect(touches()).to.deep.equal([...CHANGE_OVER.slice(0, -1), 'stop service', 'start service']);
  });

  it('does nothing where the version is there already, and says so', async () => {
    const { events } = await upgrade('5.0.7', { cluster: { name: 'testing', seeds: ['10.0.0.1'] } });
    expect(host.done).to.deep.equal([]);
    expect(events.some(({ changes }) => changes)).to.equal(false);
    expect(events.map(({ message }) => message)).to.include(
      'cassandra 5.0.7 is installed already: there is nothing to upgrade',
    );
  });

  const left = (state: string) => host.packages.set('cassandra', { version: '5.0.7-1', state });
  const refusals: [what: string, to: string, spoil: () => void, subtype: string, says: RegExp][] = [
    ['an earlier version', '5.0.6', () => {}, 'upgrade-refused', /5\.0\.7 to cassandra 5\.0\.6.*earlier/],
    ['a later series', '5.1.0', () => {}, 'upgrade-refused', /5\.0\.7 to cassandra 5\.1\.0.*series/],
    ['what is not installed', '5.0.8', () => host.packages.clear(), 'not-installed', /nothing to upgrade/],
    ['a package that is held', '5.0.8', () => left('hi'), 'package-held', /`apt-mark unhold cassandra`/],
    [
      'a package that others left half-way',
      '5.0.8',
      () => left('iF'),
      'packages-broken',
      /half-way.*cassandra\. `dpkg --configure --pending` may finish them/,
    ],
    [
      'a package that a dpkg which was killed left half-unpacked',
      '5.0.8',
      () => left('iH'),
      'packages-broken',
      /`dpkg --configure --pending`, then `apt-get install --reinstall cassandra=5\.0\.7-1` may/,
    ],
    [
      'a service that is masked',
      '5.0.8',
      () => (host.isMasked = true),
      'service-masked',
      /unmask.*; nothing was stopped or changed$/,
    ],
    [
      'a version that no repository has',
      '5.0.10',
      () => {},
      'no-such-package',
      /it has 5\.0\.9-1, 5\.0\.8-1/,
    ],
    [
      'what would change another package',
      '5.0.8',
      () => (host.alsoReplaces = 'libc6 [2.36] (2.37 Debian)'),
      'packages-would-change',
      /libc6 2\.36 would be replaced/,
    ],
    [
      'changes that are too many to be looked through',
      '5.0.8',
      () => (host.alsoReplaces = `new (2 all)\n${'x'.repeat(64 * 1024)}`),
      'packages-would-change',
      /: the list of changes is too long to be looked through/,
    ],
    [
      'a Java that the new version does not start on',
      '5.0.8',
      () => (host.javaOutput = 'openjdk version "1.8.0_402"'),
      'java-unsupported',
      /needs Java 11 or 17/,
    ],
    [
      'a snapshot that cannot be taken',
      '5.0.8',
      () => host.faults.set('takeSnapshot', new Error('no space')),
      'snapshot-failed',
      /nothing was stopped/,
    ],
  ];
  for (const [what, to, spoil, subtype, says] of refusals) {
    it(`refuses ${what} before the node is touched`, async () => {
      spoil();
      const failure = await failureOf(upgrade(to, { snapshot: true }));
      expect(failure.subtype).to.equal(subtype);
      expect(failure.message)
        .to.match(says)
        .and.not.match(/To go back/);
      expect(touches()).to.deep.equal([]);
      expect(version()?.version ?? '5.0.7-1').to.equal('5.0.7-1');
    });
  }

  it('brings what was installed besides and depends on the very version, and nothing that was not', async () => {
    host.offered.set('cassandra-tools', ['5.0.8-1', '5.0.7-1']);
    await upgrade('5.0.8');
    expect(host.packages.has('cassandra-tools')).to.equal(false);
    host.packages.set('cassandra-tools', { version: '5.0.8-1', state: 'ii' });
    host.offered.set('cassandra-tools', ['5.0.9-1', '5.0.8-1']);
    await upgrade('5.0.9');
    expect(host.packages.get('cassandra-tools')).to.deep.equal({ version: '5.0.9-1', state: 'ii' });
  });

  it('finds a profile that the new version cannot use before the node is touched', async () => {
    const failure = await failureOf(upgrade('5.0.8', { profile: { 'no-such-file': { a: 1 } } }));
    expect(failure.subtype).to.equal('config-invalid');
    expect(touches()).to.deep.equal([]);
  });

  it('takes a snapshot when asked, before the node is closed to clients', async () => {
    await upgrade('5.0.8', { snapshot: true });
    expect(touches()[0]).to.match(/^snapshot upgrade-5\.0\.7-5\.0\.8-\d+$/);
    expect(touches().slice(1)).to.deep.equal(CHANGE_OVER);
  });

  it('says how to go back when the new version does not start, and the next upgrade goes on from there', async () => {
    host.diesAtStart = true;
    const failure = await failureOf(upgrade('5.0.8'));
    expect(failure.subtype).to.equal('node-died');
    expect(failure.message).to.contain(
      "To go back, set the datastax-version of this node's config profile to 5.0.7, run `apt-get install --allow-downgrades cassandra=5.0.7-1` on this host (the repository has that version), and then a configure of the node",
    );
    host.diesAtStart = false;
    host.done.length = 0;
    const { events } = await upgrade('5.0.8');
    expect(events.map(({ message }) => message)).to.include(
      'An upgrade from 5.0.7 to 5.0.8 did not come to its end: it goes on',
    );
    expect(touches()).to.deep.equal(['start service']);
    expect(events.find(({ subtype }) => subtype === 'upgraded')?.before).to.deep.equal({ version: '5.0.7' });
    expect((await upgrade('5.0.8')).events.some(({ changes }) => changes)).to.equal(false);
  });

  it('goes on with no upgrade that another job has brought to its end', async () => {
    host.diesAtStart = true;
    await failureOf(upgrade('5.0.8'));
    host.diesAtStart = false;
    await run('configure', '5.0.8');
    expect(await host.exists(BEGUN)).to.equal(false);
    host.done.length = 0;
    const { events } = await upgrade('5.0.8');
    expect(events.some(({ changes }) => changes)).to.equal(false);
    expect(touches()).to.deep.equal([]);
  });

  it('says that the old version has to come from elsewhere where the repository has it no longer', async () => {
    host.offered.set('cassandra', ['5.0.8-1']);
    host.scriptFails = 'Sub-process /usr/bin/dpkg returned an error code (1)';
    const failure = await failureOf(upgrade('5.0.8'));
    expect([failure.subtype, failure.detail['back']]).to.deep.equal([
      'packages-failed',
      {
        version: '5.0.7',
        command: 'apt-get install --allow-downgrades cassandra=5.0.7-1',
        'is-offered': false,
      },
    ]);
    expect(failure.message).to.contain('the repository no longer has that version');
    expect(host.isHeld, 'until a configure, or the upgrade that goes on').to.equal(true);
  });

  it('finishes packages whose scripts failed in the upgrade before it', async () => {
    host.scriptFails = 'Sub-process /usr/bin/dpkg returned an error code (1)';
    await failureOf(upgrade('5.0.8'));
    expect(version()?.state).to.equal('iF');
    host.scriptFails = null;
    await upgrade('5.0.8');
    expect([version(), host.running === null]).to.deep.equal([{ version: '5.0.8-1', state: 'ii' }, false]);
  });

  it('is not stopped from the first touch of the node to the new version seen up', () => {
    const steps = recipes.upgrade(
      inputFor('upgrade', '/srv', { install: { type: 'package', directory: '/srv' } }),
    );
    const names = steps.filter(({ mustReach }) => mustReach === 'keep-version').map(({ name }) => name);
    expect(names).to.deep.equal([
      'stop-native-transport',
      'drain-node',
      'stop-node',
      'replace-packages',
      'write-config-files',
      'start-node',
    ]);
    expect(steps.map(({ name }) => name)).to.include('keep-version');
  });
});
