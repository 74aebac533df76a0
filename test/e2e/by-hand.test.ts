// The README's example of one node by hand, run as it stands there; only places, ports and the JVM's size are the test's.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import {
  CASSANDRA_VERSION,
  makeCassandraTarball,
  tarballCacheDirectory,
} from '../../coordinator/cli/quickstart/cassandra-tarball.ts';
import { stopCassandras } from '../../coordinator/cli/quickstart/processes.ts';
import { startTestCoordinator, type TestCoordinator } from '../support/coordinator.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

describe('the example of one node by hand', function () {
  this.timeout(240_000);
  let coordinator: TestCoordinator;
  let home: string;
  let agentPid = 0;
  before(async () => {
    const cacheDirectory = tarballCacheDirectory();
    await makeCassandraTarball({ version: CASSANDRA_VERSION, cacheDirectory, log: () => {} });
    coordinator = await startTestCoordinator();
    home = await mkdtemp(join(tmpdir(), 'by-hand-'));
    await mkdir(join(home, '.cache/ringmaster'), { recursive: true });
    await symlink(cacheDirectory, join(home, '.cache/ringmaster/tarballs'));
  });
  after(async () => {
    const isThere = (): boolean => {
      try {
        return process.kill(agentPid, 0);
      } catch {
        return false;
      }
    };
    if (agentPid > 0 && isThere()) process.kill(agentPid, 'SIGTERM');
    await eventually(() => expect(agentPid > 0 && isThere()).to.equal(false), { withinMs: 15_000 });
    await stopCassandras(home);
    await coordinator.remove();
    await rm(home, { recursive: true, force: true });
  });

  it('does what it says', async () => {
    // Built code lies one folder deeper than its README.
    const readme = await readFile(join(root, 'README.md'), 'utf8').catch(() =>
      readFile(join(root, '../README.md'), 'utf8'),
    );
    let example = /### One node by hand.*?```sh\n(.*?)```/s.exec(readme)?.[1] ?? '';
    const instead = (there: string, here: string): void => {
      expect(example).to.contain(there);
      example = example.replace(there, () => here);
    };
    const ports = `"native_transport_port": ${await freePort()}, "storage_port": ${await freePort()}`;
    const quick = ['-Dcassandra.ring_delay_ms=2000', '-Dcassandra.skip_wait_for_gossip_to_settle=0'];
    instead('http://127.0.0.1:8888', coordinator.restUrl);
    instead(
      '"cassandra-yaml": {"num_tokens": 4}',
      `"cassandra-yaml": {"num_tokens": 4, ${ports}}, "cassandra-env-sh": {"jmx-port": ${await freePort()}},
       "jvm-server-options": {"max_heap_size": "256m", "initial_heap_size": "64m", "additional-jvm-opts": ${JSON.stringify(quick)}}`,
    );
    instead('"ssh-management-address": "127.0.0.1"', '"ssh-management-address": "127.0.103.1"');
    // npm would build first, under the feet of the tests that run from what is built
    const agent = [
      process.execPath,
      ...process.execArgv,
      join(root, `agent/main${extname(import.meta.url)}`),
    ];
    instead('npm run agent --', `cd '${root}' && exec ${agent.map((word) => `'${word}'`).join(' ')} run`);
    instead(' by-hand.bundle &', ' "$HOME/by-hand.bundle" > "$HOME/agent.log" 2>&1 & echo "agent $!"');

    const { HOME, ...environment } = process.env;
    expect(HOME ?? homedir()).to.be.a('string');
    const { stdout } = await promisify(execFile)('bash', ['-euc', example], {
      cwd: home,
      env: { ...environment, HOME: home, RINGMASTER_AGENT_DATA_DIR: join(home, 'agent') },
      timeout: 200_000,
      maxBuffer: 16 * 1024 * 1024,
    }).catch(async (error: { stdout: string; stderr: string; message: string }) => {
      agentPid = Number(/^agent (\d+)$/m.exec(error.stdout ?? '')?.[1] ?? 0);
      const log = await readFile(join(home, 'agent.log'), 'utf8').catch(() => '');
      throw new Error(`${error.stdout.slice(-3_000)}\n${error.stderr}\n${log}`);
    });
    agentPid = Number(/^agent (\d+)$/m.exec(stdout)?.[1] ?? 0);
    expect(stdout).to.contain('"event-subtype":"native-port-answers"').and.to.contain('"status":"COMPLETE"');
  });
});
