// The steps of an install and of a configure, on a machine in memory: repeats and faults.
import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { recipes } from '../../../agent/recipes/index.ts';
import { checkJava, javaMajor } from '../../../agent/steps/check-java.ts';
import { checksumUrl } from '../../../agent/steps/fetch-tarball.ts';
import { StepFailed } from '../../../shared/errors.ts';
import type { RunInput, RunSecrets } from '../../../shared/run-input.ts';
import { FakeHost } from '../../support/fake-host.ts';
import { drive, inputFor } from './step-driver.ts';

const URL_OF = 'http://127.0.0.1:1/cassandra.tar.gz';
const HOME = '/srv/node1/cassandra-5.0.8';
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const input = inputFor('install', '/srv/node1', { repository: { url: URL_OF, username: null } });

describe('installing a database node', () => {
  let host: FakeHost;
  beforeEach(() => {
    host = new FakeHost();
    host.remote.set(URL_OF, 'tarball');
    host.remote.set(`${URL_OF}.sha256`, `${sha256('tarball')}  cassandra.tar.gz\n`);
  });

  const run = (given: Partial<RunInput> = {}, secrets: Partial<RunSecrets> = {}) => {
    const ofRun: RunInput = { ...input, ...given };
    return drive(recipes[ofRun.recipe](ofRun), { host, input: ofRun, secrets });
  };
  const failureOf = async (given: Partial<RunInput> = {}): Promise<StepFailed> => {
    const failure = await run(given).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(StepFailed);
    return failure as StepFailed;
  };

  it('changes nothing the second time', async () => {
    await run();
    const running = host.running;
    host.done.length = 0;
    const { events } = await run();
    expect(events.filter(({ changes }) => changes)).to.deep.equal([]);
    expect(host.done).to.deep.equal([]);
    expect(host.running).to.equal(running);
  });

  it('posts facts of the machine first, and in them where the product is', async () => {
    const { events } = await run();
    const facts = events.find(({ type, subtype }) => type === 'milestone' && subtype === 'facts');
    expect(events.indexOf(facts as (typeof events)[number])).to.be.below(2);
    expect(facts?.after).to.include.keys('free-disk-bytes', 'installed', 'running');
    expect(facts?.after?.['run-context']).to.deep.equal({
      'install-options': { 'install-type': 'tarball', 'install-directory': '/srv/node1' },
    });
  });

  it('posts them again once the node runs, as they are then', async () => {
    const { events } = await run();
    const { version } = input;
    const told = events.filter(({ type, subtype }) => type === 'milestone' && subtype === 'facts');
    expect(told).to.have.length(2);
    expect(told[0]?.after).to.include({ installed: null, running: null });
    expect(told[1]?.after?.['installed']).to.include({ version });
    expect(told[1]?.after?.['running']).to.include({ pid: host.running?.pid });
  });

  it('restarts a running node whose configuration changed', async () => {
    await run();
    host.done.length = 0;
    await run({ cluster: { name: 'other', seeds: ['127.0.0.1'] } });
    expect(host.done).to.include.members(['drain', 'SIGTERM', 'spawn']);
  });

  it('touches nothing where a node of another cluster keeps its data', async () => {
    await run();
    host.zipped.set('/srv/node1/data/commitlog', Buffer.alloc(0));
    host.done.length = 0;
    const failure = await failureOf({ cluster: { name: 'other', seeds: ['127.0.0.1'] } });
    expect(failure.subtype).to.equal('other-cluster');
    expect(failure.message).to.match(
      /^\/srv\/node1 holds a node of cluster \w+, .* this node is of cluster other\./,
    );
    expect(host.done).to.deep.equal([]);
  });

  it('touches nothing where the node could not listen on its addresses', async () => {
    await run();
    host.done.length = 0;
    host.listenFaults.set('127.0.0.1', 'EADDRNOTAVAIL').set('typo.example', 'ENOTFOUND');
    const foreign = await failureOf();
    expect(foreign).to.include({ subtype: 'address-unusable', resource: '127.0.0.1' });
    expect(foreign.message).to.contain("The node's listen-address 127.0.0.1 is no address of this host");
    host.listenFaults.delete('127.0.0.1');
    const { node } = input;
    const unknown = await failureOf({ node: { ...node, nativeTransportAddress: 'typo.example' } });
    expect(unknown.message).to.contain('native-transport-address typo.example does not resolve on this host');
    expect(host.done).to.deep.equal([]);
  });

  it('overwrites a hand edit, shows it, and restarts', async () => {
    await run();
    host.files.set(`${HOME}/conf/cassandra.yaml`, 'cluster_name: by hand\n');
    host.done.length = 0;
    const { events } = await run();
    expect(JSON.stringify(events)).to.contain('-cluster_name: by hand');
    expect(host.done).to.include.members(['SIGTERM', 'spawn']);
  });

  it('restarts a node that an earlier run left on its old configuration', async () => {
    await run();
    host.faults.set('drain', new Error('no'));
    const cluster = { name: 'other', seeds: ['127.0.0.1'] };
    host.takenPorts.add(7000);
    const old = host.running;
    expect((await failureOf({ cluster })).subtype).to.equal('port-in-use');
    host.takenPorts.clear();
    host.running = old; // as if it had never been stopped
    host.done.length = 0;
    await run({ cluster });
    expect(host.done).to.include.members(['SIGTERM', 'spawn']);
  });

  it('says what changed in a file by digests and a diff', async () => {
    const { events } = await run();
    const written = events.find(
      ({ changes, resource }) => changes && resource === `${HOME}/conf/cassandra.yaml`,
    );
    expect(written).to.include({ type: 'check', subtype: 'file-contents' });
    expect(written?.before).to.have.keys('sha256');
    expect(written?.after?.['diff']).to.contain('+cluster_name: testing');
  });

  it('takes a removed setting away again, since it starts from the pristine file', async () => {
    await run({ profile: { 'cassandra-yaml': { num_tokens: 1, key_cache_size: '1MiB' } } });
    await run();
    expect(host.files.get(`${HOME}/conf/cassandra.yaml`)).to.not.contain('key_cache_size');
  });

  it('writes no file and stops nothing when the profile cannot be rendered', async () => {
    await run();
    host.done.length = 0;
    const failure = await failureOf({ recipe: 'configure', profile: { 'no-such-file': { a: 1 } } });
    expect(failure.subtype).to.equal('config-invalid');
    expect(host.done).to.deep.equal([]);
  });

  it('writes no mask into a file: without the secrets that its profile has, it fails', async () => {
    const profile = { 'cassandra-yaml': { server_encryption_options: { keystore_password: '********' } } };
    host.done.length = 0;
    expect((await failureOf({ recipe: 'install-with-secrets', profile })).subtype).to.equal(
      'secrets-missing',
    );
    expect(host.done.join()).to.not.contain('write /srv/node1/cassandra-5.0.8/');
    const at = '/cassandra-yaml/server_encryption_options/keystore_password';
    await run({ recipe: 'install-with-secrets', profile }, { profile: { [at]: 'hush' } });
    expect(host.files.get(`${HOME}/conf/cassandra.yaml`)).to.contain('keystore_password: hush');
    host.done.length = 0;
    const { events } = await run({ recipe: 'install-with-secrets', profile }, { profile: { [at]: 'hush' } });
    expect(events.filter(({ changes }) => changes)).to.deep.equal([]);
    expect(host.done).to.deep.equal([]);
  });

  it('tells what of the profile it does not write, and only when there is something', async () => {
    const told = async (unwritten?: RunInput['unwritten']) =>
      (await run(unwritten === undefined ? {} : { unwritten })).events.filter(
        ({ subtype }) => subtype === 'settings-not-written',
      );
    const unwritten = { 'spark-env-sh': ['a', 'b', 'c', 'd', 'e', 'f', 'g'], 'dse-env-sh': ['seeds'] };
    const events = await told(unwritten);
    expect(events.map(({ type, message, changes, after }) => [type, message, changes, after])).to.deep.equal([
      [
        'check',
        'Not written, and so without effect: a, b, c, d, e and 2 more of spark-env-sh; seeds of dse-env-sh',
        false,
        { settings: unwritten },
      ],
    ]);
    expect([...(await told()), ...(await told({}))]).to.deep.equal([]);
  });

  it('refuses a tarball whose digest is another, and unpacks nothing', async () => {
    host.remote.set(URL_OF, 'tampered');
    expect(await failureOf()).to.include({
      subtype: 'checksum-mismatch',
      message: `${URL_OF} has the SHA-256 digest ${sha256('tampered')}, and its .sha256 names ${sha256('tarball')}`,
    });
    expect(host.done.filter((what) => what.startsWith('unpack'))).to.deep.equal([]);
  });

  it('refuses a tarball of another version by its repository, without the password, and takes the right one next', async () => {
    const secretUrl = URL_OF.replace('//', '//me:hush@');
    host.remote.set(secretUrl, 'tarball');
    host.remote.set(`${secretUrl}.sha256`, sha256('tarball'));
    const unpack = host.unpackTarball.bind(host);
    let holds = '5.0.7';
    host.unpackTarball = async (path, directory) => {
      await unpack(path, directory);
      host.zipped.set(`${HOME}/lib/apache-cassandra-${holds}.jar`, Buffer.alloc(0));
    };
    const repository = { name: 'by hand', url: secretUrl, username: null };
    expect(await failureOf({ repository })).to.deep.include({
      subtype: 'tarball-of-other-version',
      resource: URL_OF,
      message: `The tarball ${URL_OF} of the repository by hand holds cassandra 5.0.7, not cassandra 5.0.8. Give the repository the repo-url of a tarball of 5.0.8, or the config profile the datastax-version 5.0.7`,
      detail: {
        repository: 'by hand',
        found: '5.0.7',
        jar: 'apache-cassandra-5.0.7.jar',
        wanted: '5.0.8',
      },
    });
    expect(host.running).to.equal(null);
    holds = '5.0.8';
    await run({ repository });
    expect(host.running).to.not.equal(null);
    host.packed.delete('bin/cassandra');
    const other = { type: 'tarball' as const, directory: '/srv/node2' };
    expect((await failureOf({ install: other })).message).to.contain(
      `The tarball ${URL_OF} holds no bin/cassandra, not cassandra 5.0.8. Give the repository the repo-url of a tarball of 5.0.8`,
    );
  });

  it('goes on after an unpacking that failed, without a second download', async () => {
    host.faults.set('unpackTarball', new StepFailed('unpack-failed', 'no'));
    expect((await failureOf()).subtype).to.equal('unpack-failed');
    host.done.length = 0;
    await run();
    expect(host.done).to.not.include(`download ${URL_OF}`);
    expect(host.done).to.include(`unpack ${HOME}`);
  });

  it('tells the free bytes when the disk is full', async () => {
    host.files.set('/srv/node1/downloads/cassandra-5.0.8.tar.gz', 'half');
    const download = host.download.bind(host);
    host.download = async (url, path) => {
      if (url === URL_OF) throw new StepFailed('disk-full', 'no space');
      await download(url, path);
    };
    const failure = await failureOf();
    expect(failure.subtype).to.equal('disk-full');
    expect(failure.detail).to.have.keys('free', 'fetched');
  });

  it('refuses a directory that holds another version', async () => {
    await run();
    const failure = await failureOf({ version: '5.0.9' });
    expect(failure.subtype).to.equal('other-version-installed');
  });

  it('changes the default password only when told, and never shows it', async () => {
    await run();
    expect(host.done).to.not.include('change password');
    const { events } = await run({ defaultPassword: 'to-change' }, { newCassandraPassword: 'hush-hush' });
    expect(host.done).to.include('change password');
    expect(JSON.stringify(events)).to.not.contain('hush-hush');
    expect(host.passwords).to.deep.equal([['cassandra', 'hush-hush']]);
  });

  it('says that a password given after the first one is not set', async () => {
    const { events } = await run({ defaultPassword: 'changed-before' });
    expect(host.passwords).to.deep.equal([]);
    expect(events.map(({ message }) => message)).to.include(
      'An earlier install changed the default password: the one given now is not set',
    );
  });

  it('changes the password from what the cluster says it was, and shows neither', async () => {
    const secrets = { oldCassandraPassword: 'hush', newCassandraPassword: 'hush-hush' };
    const { events } = await run({ defaultPassword: 'to-change' }, secrets);
    expect(host.passwords).to.deep.equal([['hush', 'hush-hush']]);
    expect(JSON.stringify(events)).to.not.contain('hush');
  });

  it('fails without Java, and with one that the version does not start on', async () => {
    host.javaOutput = new StepFailed('program-not-found', 'There is no program java');
    expect((await failureOf()).subtype).to.equal('java-not-found');
    host.javaOutput = 'java version "1.8.0_402"';
    const failure = await drive([checkJava], { host, input }).catch((error: unknown) => error);
    expect((failure as StepFailed).subtype).to.equal('java-unsupported');
  });

  it('reads the major version out of what java says', () => {
    expect(javaMajor('java version "1.8.0_402"')).to.equal(8);
    expect(javaMajor('openjdk version "11.0.22" 2024-01-16')).to.equal(11);
    expect(javaMajor('openjdk version "21" 2023-09-19')).to.equal(21);
    expect(javaMajor('hello')).to.equal(null);
  });

  it('looks for the checksum beside the tarball, before the query', () => {
    expect(checksumUrl('https://h/a.tar.gz?token=x')).to.equal('https://h/a.tar.gz.sha256?token=x');
  });
});
