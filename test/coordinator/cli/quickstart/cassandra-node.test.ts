// A real Cassandra node from the real tarball: unpacked, configured, started, asked, stopped.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'cassandra-driver';
import { expect } from 'chai';
import { parseDocument } from 'yaml';
import {
  CASSANDRA_VERSION,
  makeCassandraTarball,
  tarballCacheDirectory,
} from '../../../../coordinator/cli/quickstart/cassandra-tarball.ts';
import { ensurePrerequisites } from '../../../../coordinator/cli/quickstart/prerequisites.ts';
import { eventually } from '../../../support/eventually.ts';
import { freePort } from '../../../support/free-port.ts';

const run = promisify(execFile);
// One compiler, one collector, a small heap, and none of the waits that only a ring of strangers needs.
const QUICK_START = [
  '-Xms64m -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1',
  '-Dcassandra.ring_delay_ms=2000 -Dcassandra.skip_wait_for_gossip_to_settle=0',
  '-Dcassandra.superuser_setup_delay_ms=500 -Dcassandra.shutdown_announce_in_ms=0',
].join(' ');

describe('a node from the tarball', function () {
  this.timeout(240_000);
  let directory: string;
  let home: string;
  let node: ChildProcess | null = null;
  let output = '';
  let nativePort: number;
  let javaHome: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cassandra-node-'));
    ({ javaHome } = await ensurePrerequisites(() => {}));
    const tarball = await makeCassandraTarball({
      version: CASSANDRA_VERSION,
      cacheDirectory: tarballCacheDirectory(),
      log: () => {},
    });
    await run('tar', ['-xzf', tarball.path, '-C', directory]);
    home = join(directory, `apache-cassandra-${tarball.version}`);

    const [storagePort, cqlPort, jmxPort] = [await freePort(), await freePort(), await freePort()];
    nativePort = cqlPort;
    const yaml = parseDocument(await readFile(join(home, 'conf/cassandra.yaml'), 'utf8'));
    yaml.set('storage_port', storagePort);
    yaml.set('native_transport_port', nativePort);
    yaml.setIn(['seed_provider', 0, 'parameters', 0, 'seeds'], `127.0.0.1:${storagePort}`);
    await writeFile(join(home, 'conf/cassandra.yaml'), yaml.toString());
    const environment = await readFile(join(home, 'conf/cassandra-env.sh'), 'utf8');
    await writeFile(
      join(home, 'conf/cassandra-env.sh'),
      environment.replace('JMX_PORT="7199"', `JMX_PORT="${jmxPort}"`),
    );
  });

  after(async () => {
    if (node !== null && node.exitCode === null && node.signalCode === null) {
      node.kill('SIGKILL');
      await once(node, 'exit');
    }
    await rm(directory, { recursive: true, force: true });
  });

  it('starts, answers CQL and nodetool, and stops on SIGTERM', async () => {
    const env = { ...process.env, JAVA_HOME: javaHome, JVM_EXTRA_OPTS: QUICK_START };
    const pidFile = join(directory, 'cassandra.pid');
    // A test that is killed must not leave a JVM behind: setpriv has the kernel kill it with us.
    const args = ['--pdeathsig', 'KILL', join(home, 'bin/cassandra'), '-f', '-R', '-p', pidFile];
    const started = spawn('setpriv', args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    node = started;
    for (const stream of [started.stdout, started.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output = (output + chunk.toString()).slice(-20_000);
      });
    }

    const client = new Client({
      contactPoints: [`127.0.0.1:${nativePort}`],
      localDataCenter: 'datacenter1',
    });
    try {
      await eventually(
        async () => {
          expect(started.exitCode, output).to.equal(null);
          await client.connect();
        },
        { withinMs: 120_000, everyMs: 200 },
      );
      const answer = await client.execute('select release_version from system.local');
      expect(answer.first()?.['release_version']).to.equal(CASSANDRA_VERSION);
    } finally {
      await client.shutdown();
    }

    expect(Number(await readFile(pidFile, 'utf8'))).to.equal(started.pid);
    expect(await readFile(join(home, 'logs/system.log'), 'utf8')).to.match(
      /INFO +\[main\] .* - Cassandra version/,
    );
    const status = await run(join(home, 'bin/nodetool'), ['status'], { env });
    expect(status.stdout).to.match(/^UN\s+127\.0\.0\.1\s/m);
    expect(status.stderr).to.equal('');
    const version = await run(join(home, 'bin/nodetool'), ['-h', '127.0.0.1', 'version'], { env });
    expect(version.stdout.trim()).to.equal(`ReleaseVersion: ${CASSANDRA_VERSION}`);

    const exited = once(started, 'exit');
    started.kill('SIGTERM');
    await exited;
    const gone = await readFile(pidFile).catch((error: NodeJS.ErrnoException) => error.code);
    expect(gone, 'Cassandra removes its pid file').to.equal('ENOENT');
  });
});
