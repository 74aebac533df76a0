// One real Cassandra node for a test: unpacked, configured for loopback, started in the foreground, and ended.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connectJmx } from '../../../../agent/host/jmx/cassandra-mbeans.ts';
import {
  CASSANDRA_VERSION,
  makeCassandraTarball,
  tarballCacheDirectory,
} from '../../../../coordinator/cli/quickstart/cassandra-tarball.ts';
import { eventually } from '../../../support/eventually.ts';
import { freePort } from '../../../support/free-port.ts';

const run = promisify(execFile);

/** An address of loopback that no other test uses. */
export const ADDRESS = '127.0.104.1';

export interface OneCassandraOptions {
  /** MiB */
  heap?: number;
  /** SimpleSnitch unless told: one datacenter */
  snitch?: string;
}

const yaml = (data: string, nativePort: number, storagePort: number, snitch: string): string => `
cluster_name: jmx
num_tokens: 1
partitioner: org.apache.cassandra.dht.Murmur3Partitioner
listen_address: ${ADDRESS}
rpc_address: ${ADDRESS}
native_transport_port: ${nativePort}
storage_port: ${storagePort}
endpoint_snitch: ${snitch}
seed_provider: [{class_name: org.apache.cassandra.locator.SimpleSeedProvider, parameters: [{seeds: "${ADDRESS}:${storagePort}"}]}]
data_file_directories: [${data}/data]
commitlog_directory: ${data}/commitlog
saved_caches_directory: ${data}/saved_caches
hints_directory: ${data}/hints
cdc_raw_directory: ${data}/cdc_raw
commitlog_sync: periodic
commitlog_sync_period: 10000ms
commitlog_segment_size: 16MiB
`;

export class OneCassandra {
  readonly directory = mkdtempSync(join(tmpdir(), 'jmx-cassandra-'));
  jmxPort = 0;
  nativePort = 0;
  #home = '';
  #process: ChildProcess | null = null;
  readonly #options: Required<OneCassandraOptions>;

  constructor({ heap = 256, snitch = 'SimpleSnitch' }: OneCassandraOptions = {}) {
    this.#options = { heap, snitch };
  }

  /** Resolves once it serves CQL. */
  async start(): Promise<void> {
    const tarball = await makeCassandraTarball({
      version: CASSANDRA_VERSION,
      cacheDirectory: tarballCacheDirectory(),
      log: () => {},
    });
    await run('tar', ['-xzf', tarball.path, '-C', this.directory]);
    this.#home = join(this.directory, `apache-cassandra-${tarball.version}`);
    this.jmxPort = await freePort();
    this.nativePort = await freePort();
    await cp(join(this.#home, 'conf'), join(this.directory, 'conf'), { recursive: true });
    await mkdir(join(this.directory, 'logs'));
    await writeFile(
      join(this.directory, 'conf', 'cassandra.yaml'),
      yaml(this.directory, this.nativePort, await freePort(), this.#options.snitch),
    );
    await this.#launch();
  }

  /** Killed, and started again with the data that was flushed. */
  async restart(): Promise<void> {
    await this.#kill();
    await this.#launch();
  }

  async #launch(): Promise<void> {
    const properties = [
      `cassandra.jmx.local.port=${this.jmxPort}`,
      'cassandra.skip_wait_for_gossip_to_settle=0',
      'cassandra.ring_delay_ms=1000',
      'cassandra.shutdown_announce_in_ms=0',
    ];
    this.#process = spawn(
      join(this.#home, 'bin', 'cassandra'),
      ['-f', '-R', ...properties.flatMap((property) => ['-D', property])],
      { env: this.#environment(), stdio: 'ignore' },
    );
    await eventually(() => this.#serves(), { withinMs: 90_000, everyMs: 200 });
  }

  async #serves(): Promise<void> {
    if (this.#process?.exitCode !== null) throw new Error('Cassandra has ended');
    const node = await connectJmx(this.jmxPort, 2_000);
    try {
      if (!(await node.isNativeTransportRunning())) throw new Error('no native transport yet');
    } finally {
      node.close();
    }
  }

  async nodetool(...words: readonly string[]): Promise<string> {
    const argv = ['-h', '127.0.0.1', '-p', String(this.jmxPort), ...words];
    const { stdout } = await run(join(this.#home, 'bin', 'nodetool'), argv, { env: this.#environment() });
    return stdout;
  }

  /** The end of its log, for a test that failed. */
  log(): string {
    return readFileSync(join(this.directory, 'logs', 'system.log'), 'utf8').slice(-4_000);
  }

  async stop(): Promise<void> {
    await this.#kill();
    await rm(this.directory, { recursive: true, force: true });
  }

  async #kill(): Promise<void> {
    const ending = this.#process;
    if (ending !== null && ending.exitCode === null && ending.signalCode === null) {
      const exited = once(ending, 'exit');
      ending.kill('SIGKILL');
      await exited;
    }
  }

  #environment = (): NodeJS.ProcessEnv => ({
    ...process.env,
    CASSANDRA_HOME: this.#home,
    CASSANDRA_CONF: join(this.directory, 'conf'),
    CASSANDRA_LOG_DIR: join(this.directory, 'logs'),
    cassandra_storagedir: this.directory,
    MAX_HEAP_SIZE: `${this.#options.heap}M`,
    JVM_OPTS: '-XX:+UseSerialGC -XX:TieredStopAtLevel=1',
  });
}
