// The recipes against a real Cassandra in a temporary directory.
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { LinuxHost } from '../../../agent/host/linux-host.ts';
import { recipes } from '../../../agent/recipes/index.ts';
import {
  CASSANDRA_VERSION,
  makeCassandraTarball,
  tarballCacheDirectory,
} from '../../../coordinator/cli/quickstart/cassandra-tarball.ts';
import { StepFailed } from '../../../shared/errors.ts';
import type { StepEvent } from '../../../shared/events.ts';
import type { RunInput } from '../../../shared/run-input.ts';
import { eventually } from '../../support/eventually.ts';
import { failureOf } from '../../support/failure-of.ts';
import { freePort } from '../../support/free-port.ts';
import { refusesWhatIsThere } from './refuses-what-is-there.ts';
import { drive, inputFor } from './step-driver.ts';

const VERSION = '5.0.8';

const changesOf = (events: readonly StepEvent[]): string[] =>
  events.filter(({ changes }) => changes).map(({ subtype }) => subtype);

describe('recipes on one real node', function () {
  this.timeout(300_000);
  const host = new LinuxHost();
  const { env } = globalThis.process;
  const { TMPDIR: temporary } = env;
  let directory: string;
  let input: RunInput;

  const process = () => host.findCassandra(directory);

  before(async () => {
    const { path: tarball } = await makeCassandraTarball({
      version: CASSANDRA_VERSION,
      cacheDirectory: tarballCacheDirectory(),
      log: () => {},
    });
    directory = await mkdtemp(join(tmpdir(), 'ringmaster-node-'));
    // Where other tests may try configurations too.
    const own = join(directory, 'tmp');
    await mkdir(own);
    env['TMPDIR'] = own;
    const [native, storage, jmx] = [await freePort(), await freePort(), await freePort()];
    input = inputFor('install', directory, {
      version: VERSION,
      defaultPassword: 'to-change',
      repository: { url: pathToFileURL(tarball).href, username: null },
      ports: { native, storage, jmx },
      cluster: { name: 'testing', seeds: [`127.0.0.1:${storage}`] },
      profile: {
        'cassandra-yaml': {
          native_transport_port: native,
          storage_port: storage,
          authenticator: 'PasswordAuthenticator',
        },
        'cassandra-env-sh': {
          'jmx-port': jmx,
          'max-heap-size': '256M',
          'heap-newsize': '64M',
          'additional-jvm-opts': [
            '-XX:TieredStopAtLevel=1',
            '-Dcassandra.skip_wait_for_gossip_to_settle=0',
            '-Dcassandra.superuser_setup_delay_ms=500',
            '-Dcassandra.ring_delay_ms=2000',
            '-Dcassandra.shutdown_announce_in_ms=0',
          ],
        },
      },
    });
  });

  after(async () => {
    if (temporary === undefined) delete env['TMPDIR'];
    else env['TMPDIR'] = temporary;
    if (directory === undefined) return;
    const left = await process();
    if (left !== null) {
      await host.signal(left, 'SIGKILL');
      await eventually(async () => expect(await host.isAlive(left)).to.equal(false));
    }
    await rm(directory, { recursive: true, force: true });
  });

  const run = (
    recipe: RunInput['recipe'],
    onEvent?: (event: StepEvent) => Promise<void>,
    given: Partial<RunInput> = {},
  ) => {
    const secrets = { newCassandraPassword: "it's new" };
    const ofRecipe: RunInput = { ...input, ...given, recipe };
    return drive(recipes[recipe](ofRecipe), { host, input: ofRecipe, secrets, ...(onEvent && { onEvent }) });
  };

  const yamlOf = (settings: Record<string, unknown>): RunInput['profile'] => ({
    ...input.profile,
    'cassandra-yaml': { ...input.profile['cassandra-yaml'], ...settings },
  });
  const filesBelow = async (path: string): Promise<string[]> =>
    (await readdir(path, { recursive: true })).sort();
  /** What a trial could leave behind, or change. */
  const state = async () => ({
    running: await process(),
    conf: await filesBelow(join(directory, `cassandra-${VERSION}`)),
    data: await readdir(join(directory, 'data')),
    commitlog: (await readdir(join(directory, 'data', 'commitlog'))).filter((name) => name.includes('test')),
    yaml: await readFile(join(directory, `cassandra-${VERSION}/conf/cassandra.yaml`), 'utf8'),
    logs: await filesBelow(join(directory, 'logs')),
    temporary: (await readdir(tmpdir())).filter((name) => name.startsWith('ringmaster-config-')),
  });
  const refusal = async (recipe: RunInput['recipe'], profile: RunInput['profile']) => {
    const before = await state();
    expect(before.running).to.not.equal(null);
    const told: StepEvent[] = [];
    const failure = await failureOf(run(recipe, async (event) => void told.push(event), { profile }));
    expect(await state()).to.deep.equal(before);
    expect(failure.subtype).to.equal('config-refused');
    expect(told.filter(({ changes }) => changes)).to.deep.equal([]);
    return { failure, told };
  };

  it('installs and starts a node that answers', async () => {
    const { events } = await run('install');
    expect(changesOf(events)).to.include.members([
      'tarball-fetched',
      'tarball-unpacked',
      'file-contents',
      'node-started',
      'default-password',
    ]);
    expect(events.map(({ subtype }) => subtype)).to.include('native-port-answers');
    expect(await process()).to.not.equal(null);
  });

  it('changes nothing when it is installed a second time', async () => {
    const before = await process();
    const { events } = await run('install');
    expect(changesOf(events)).to.deep.equal([]);
    expect(await process()).to.deep.equal(before);
  });

  it('leaves it running when a configure would give it other tokens or another partitioner than its data has', async () => {
    const before = await process();
    const yaml = { ...input.profile['cassandra-yaml'], partitioner: 'RandomPartitioner' };
    const failure = await run('configure', undefined, {
      node: { ...input.node, initialToken: '0,100' },
      profile: { ...input.profile, 'cassandra-yaml': yaml },
    }).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(StepFailed).and.to.include({ subtype: 'other-data' });
    expect((failure as Error).message)
      .to.contain('num_tokens is 1, and would be 2')
      .and.to.contain('partitioner is org.apache.cassandra.dht.Murmur3Partitioner, and would be RandomPart');
    expect(await process()).to.deep.equal(before);
    const { events } = await run('install');
    expect(changesOf(events), 'nothing of it was written').to.deep.equal([]);
  });

  it('leaves it running, nothing written, with an authenticator that is no class', async () => {
    const { failure } = await refusal('configure', yamlOf({ authenticator: 'NoSuchAuthenticator' }));
    expect(failure.message).to.match(
      /^cassandra 5\.0\.8 does not start with .*\(\/cassandra-yaml\/authenticator of .*\/conf\/cassandra\.yaml\): Unable to find class NoSuchAuthenticator in packages/,
    );
  });

  it('tells a check of such a setting, with all else that this tells', async () => {
    const { told } = await refusal('check', yamlOf({ authenticator: 'NoSuchAuthenticator' }));
    expect(told.map(({ subtype }) => subtype)).to.include.members(['config-refused', 'check-summary']);
    expect(told.at(-1)?.message).to.contain('would not start with that').and.to.contain('left running');
  });

  it('names the option that its Java does not know', async () => {
    const options = { 'additional-jvm-opts': ['-XX:+UseNoSuchThing'] };
    const { failure } = await refusal('configure', { ...input.profile, 'jvm-server-options': options });
    expect(failure.message).to.contain("/conf/jvm-server.options): Unrecognized VM option 'UseNoSuchThing'");
  });

  it('is not restarted with files that somebody has made such that it does not start', () =>
    refusesWhatIsThere(join(directory, `cassandra-${VERSION}/conf/cassandra.yaml`), {
      restart: () => failureOf(run('restart')),
      look: () => failureOf(run('check', undefined, { dryRun: { of: 'restart', onlyStale: false } })),
      state,
      process,
    }));

  it('lets its own version take what is right', async () => {
    const before = await state();
    const profile = yamlOf({ concurrent_reads: 17, authenticator: 'AllowAllAuthenticator' });
    const { events } = await run('check', undefined, { profile });
    expect(events.map(({ message }) => message)).to.include(`cassandra ${VERSION} takes it`);
    expect(await state()).to.deep.equal(before);
  });

  const STOP_AND_START = ['native-transport', 'node-drained', 'node-stopped', 'node-started'];

  it('drains, stops and starts the node on a restart, by its files, whatever ports its profile has by then', async () => {
    const before = await process();
    const ports = { ...input.ports, native: await freePort(), jmx: await freePort() };
    const { events } = await run('restart', undefined, { ports });
    expect(changesOf(events)).to.deep.equal(STOP_AND_START);
    expect(events.find(({ subtype }) => subtype === 'files-differ')?.message).to.contain(
      `have native_transport_port ${input.ports.native} (the profile makes it ${ports.native}), JMX_PORT ${input.ports.jmx} (`,
    );
    const after = await process();
    expect(after).to.not.equal(null);
    expect(after).to.not.deep.equal(before);
    const log = await readFile(join(directory, 'logs', 'system.log'), 'utf8');
    expect(log).to.contain('DRAINED');
  });

  it('drains it where it listens now when a configure gives it other ports, and restarts it by those', async () => {
    const ports = { ...input.ports, native: await freePort(), jmx: await freePort() };
    const profile = {
      ...yamlOf({ native_transport_port: ports.native }),
      'cassandra-env-sh': { ...input.profile['cassandra-env-sh'], 'jmx-port': ports.jmx },
    };
    const { events } = await run('configure', undefined, { ports, profile });
    expect(changesOf(events)).to.deep.equal(['file-contents', 'file-contents', ...STOP_AND_START]);
    input = { ...input, ports, profile };
    const again = await run('restart');
    expect(changesOf(again.events)).to.deep.equal(STOP_AND_START);
    expect(again.events.map(({ subtype }) => subtype)).to.not.include('files-differ');
  });

  it('fails with the last words of the logs when the JVM dies while it starts', async () => {
    const kill = async ({ subtype, message }: StepEvent): Promise<void> => {
      if (subtype !== 'native-port' || !message.startsWith('Waiting')) return;
      const starting = await process();
      expect(starting).to.not.equal(null);
      if (starting !== null) await host.signal(starting, 'SIGKILL');
    };
    const failure = await run('restart', kill).then(
      () => null,
      (error: unknown) => error,
    );
    expect(failure).to.be.instanceOf(StepFailed);
    expect((failure as StepFailed).subtype).to.equal('node-died');
    expect((failure as StepFailed).detail['system-log']).to.be.an('array').that.is.not.empty;
  });

  it('does not stop it for a port that another process holds', async () => {
    // What is left of a launcher that was killed may still be seen for a moment, and serves nobody.
    const { native } = input.ports;
    if (!(await host.nativePortAnswers('127.0.0.1', native, 1_000))) await run('restart');
    const before = await process();
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port: secure } = server.address() as AddressInfo;
    const yaml = { ...input.profile['cassandra-yaml'], native_transport_port_ssl: secure };
    const profile = { ...input.profile, 'cassandra-yaml': yaml };
    const failure = await run('configure', undefined, { profile }).catch((error: unknown) => error);
    server.close();
    expect(failure).to.be.instanceOf(StepFailed);
    expect((failure as StepFailed).subtype, (failure as Error).message).to.equal('port-in-use');
    expect((failure as Error).message).to.contain(
      `${secure} of 127.0.0.1 is taken by process ${globalThis.process.pid} (`,
    );
    expect(await process()).to.deep.equal(before);
  });

  it('says in the words of its log why it does not start', async () => {
    const left = await process();
    if (left !== null) {
      await host.signal(left, 'SIGKILL');
      await eventually(async () => expect(await host.isAlive(left)).to.equal(false));
    }
    const failure = (await run('configure', undefined, {
      node: { ...input.node, initialToken: '0,100' },
    }).catch((error: unknown) => error)) as StepFailed;
    expect(failure.message).to.contain('Cannot change the number of tokens from 1 to 2');
    expect(failure.traceback).to.match(
      /^(?:ERROR|Exception) .*\n.*Cannot change the number of tokens from 1 to 2\n\tat /s,
    );
  });
});
