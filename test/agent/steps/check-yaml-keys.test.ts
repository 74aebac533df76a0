// Keys of cassandra.yaml against what the installed version reads: told before anything is written or stopped.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { classStrings } from '../../../agent/config-files/class-strings.ts';
import { LinuxHost } from '../../../agent/host/linux-host.ts';
import { recipes } from '../../../agent/recipes/index.ts';
import {
  CASSANDRA_VERSION,
  makeCassandraTarball,
  tarballCacheDirectory,
} from '../../../coordinator/cli/quickstart/cassandra-tarball.ts';
import { StepFailed } from '../../../shared/errors.ts';
import { FakeHost } from '../../support/fake-host.ts';
import { drive, inputFor } from './step-driver.ts';

const CONFIG = 'org/apache/cassandra/config/Config.class';
const HOME = '/srv/node1/cassandra-5.0.8';

describe('keys of cassandra.yaml', function () {
  this.timeout(60_000);
  let directory: string;
  let jar: string;
  let config: Buffer;

  before(async () => {
    const log = (): void => {};
    const cacheDirectory = tarballCacheDirectory();
    const { path } = await makeCassandraTarball({ version: CASSANDRA_VERSION, cacheDirectory, log });
    directory = await mkdtemp(join(tmpdir(), 'yaml-keys-'));
    const inside = `apache-cassandra-${CASSANDRA_VERSION}/lib/cassandra-all-${CASSANDRA_VERSION}.jar`;
    await promisify(execFile)('tar', ['-xzf', path, '-C', directory, inside]);
    jar = join(directory, inside);
    config = (await new LinuxHost().zipEntry(jar, CONFIG)) ?? Buffer.alloc(0);
  });
  after(() => rm(directory, { recursive: true }));

  const configure = async (host: FakeHost, yaml: Record<string, unknown>): Promise<unknown> => {
    for (const [path, text] of host.packed) host.files.set(`${HOME}/${path}`, text);
    host.zipped.set(`${HOME}/lib/cassandra-all-5.0.8.jar`, config);
    host.startNode();
    const input = inputFor('configure', '/srv/node1', { profile: { 'cassandra-yaml': yaml } });
    return await drive(recipes.configure(input), { host, input }).then(
      () => null,
      (error: unknown) => error,
    );
  };

  it('are known to the real Cassandra 5.0, those that its pristine file leaves out and old names too', () => {
    const words = classStrings(config);
    for (const key of [
      'num_tokens',
      'max_value_size',
      'native_transport_max_frame_size_in_mb',
      'seed_provider',
    ])
      expect(words?.has(key), key).to.equal(true);
    expect(words?.has('num_tokenz')).to.equal(false);
    expect(classStrings(Buffer.from('no class file'))).to.equal(null);
    expect(classStrings(config.subarray(0, 500))).to.equal(null);
  });

  it('are refused when unknown, with the nearest one, and the healthy node is left alone', async () => {
    const host = new FakeHost();
    const failure = await configure(host, { num_tokenz: 4, concurrent_reads: 8, 'memtable.x': 1 });
    expect(failure).to.be.instanceOf(StepFailed).and.to.include({ subtype: 'config-invalid' });
    expect((failure as Error).message).to.equal(
      'The configuration cannot be used: /cassandra-yaml/num_tokenz is no setting of cassandra 5.0.8; did you mean num_tokens?',
    );
    expect(host.done).to.deep.equal([]);
    expect(host.running).not.to.equal(null);
  });

  it('are taken when known, though the pristine file does not hold them, and all of them when no jar is there', async () => {
    expect(await configure(new FakeHost(), { max_value_size: '1MiB', dropped_key: null })).to.equal(null);
    const host = new FakeHost();
    host.zipEntry = async () => null;
    expect(await configure(host, { of_a_fork: 1 })).to.equal(null);
  });

  it('are read from archives that are there and whole, and from no others', async () => {
    const host = new LinuxHost();
    expect(await host.zipEntry(jar, 'no/such.class')).to.equal(null);
    expect(await host.zipEntry(join(directory, 'none.jar'), CONFIG)).to.equal(null);
    expect(await host.zipEntry('/etc/passwd', CONFIG)).to.equal(null);
    expect(await host.listDirectory(join(directory, 'none'))).to.deep.equal([]);
  });
});
