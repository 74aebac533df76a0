// A real ring for e2e tests: a coordinator and three agents as processes of their own, three real Cassandra nodes on loopback.
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  CASSANDRA_VERSION,
  makeCassandraTarball,
  tarballCacheDirectory,
} from '../../coordinator/cli/quickstart/cassandra-tarball.ts';
import {
  cassandrasBelow,
  type Running,
  startProgram,
  stopCassandras,
} from '../../coordinator/cli/quickstart/processes.ts';
import { modelRing, type Ring } from '../../coordinator/cli/quickstart/ring-model.ts';
import { type Json, RestClient } from '../../coordinator/cli/rest-client.ts';
import { createTestDatabase } from './database.ts';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import { type JobEvent, jobEvents } from './job-events.ts';
import { UNDER_CLIENT } from './quorum-client.ts';

export const ADDRESSES = ['127.0.101.1', '127.0.101.2', '127.0.101.3'];

export class TestRing {
  readonly #of: { version: string; addresses: readonly string[]; racks?: number; seeds?: number };
  readonly directory = mkdtempSync(join(tmpdir(), 'ring-'));
  readonly agents = new Map<string, Running>();
  coordinator: Running | null = null;
  ring: Ring = { clusterId: '', datacenterId: '', nodes: [] };
  rest = new RestClient('');
  nativePort = 0;
  #database: Awaited<ReturnType<typeof createTestDatabase>> | null = null;
  #ports = { rest: 0, grpc: 0, enrol: 0 };

  constructor(of: { version?: string; addresses?: readonly string[]; racks?: number; seeds?: number } = {}) {
    this.#of = { version: CASSANDRA_VERSION, addresses: ADDRESSES, ...of };
  }

  async start(): Promise<void> {
    const { version, ...places } = this.#of;
    const tarball = await makeCassandraTarball({
      version,
      cacheDirectory: tarballCacheDirectory(),
      log: () => {},
    });
    this.#database = await createTestDatabase();
    this.#ports = { rest: await freePort(), grpc: await freePort(), enrol: await freePort() };
    this.nativePort = await freePort();
    this.rest = new RestClient(`${this.url}/api/v1/lcm`);
    await this.startCoordinator();
    this.ring = await modelRing(this.rest, {
      name: 'e2e',
      tarballUrl: pathToFileURL(tarball.path).href,
      version: tarball.version,
      directory: join(this.directory, 'nodes'),
      ...places,
      jmxPorts: await Promise.all(places.addresses.map(() => freePort())),
      nativePort: this.nativePort,
      storagePort: await freePort(),
      yaml: UNDER_CLIENT,
    });
    for (const node of this.ring.nodes) {
      const data = this.#agentDirectory(node.id);
      mkdirSync(data, { recursive: true, mode: 0o700 });
      writeFileSync(
        join(data, 'enrolment'),
        String((await this.rest.post(`nodes/${node.id}/enrolment`))['bundle']),
        { mode: 0o600 },
      );
      this.startAgent(node.id);
    }
  }

  #agentDirectory = (nodeId: string): string => join(this.directory, 'agents', nodeId);

  get databaseUrl(): string {
    return this.#database?.url ?? '';
  }

  /** Of the coordinator's REST listener. */
  get url(): string {
    return `http://127.0.0.1:${this.#ports.rest}`;
  }

  async startCoordinator(): Promise<void> {
    const env = {
      RINGMASTER_DATABASE_URL: this.databaseUrl,
      RINGMASTER_DATA_DIR: join(this.directory, 'coordinator'),
      RINGMASTER_REST_PORT: String(this.#ports.rest),
      RINGMASTER_GRPC_PORT: String(this.#ports.grpc),
      RINGMASTER_ENROL_PORT: String(this.#ports.enrol),
      RINGMASTER_GRPC_HOST: '127.0.0.1',
    };
    this.coordinator = startProgram(
      'coordinator',
      'coordinator/main',
      [],
      env,
      join(this.directory, 'coordinator.log'),
    );
    const url = `${this.url}/readyz`;
    await eventually(async () => void (await fetch(url)), { withinMs: 30_000 });
  }

  startAgent(nodeId: string): void {
    const data = this.#agentDirectory(nodeId);
    const env = { RINGMASTER_AGENT_DATA_DIR: data, RINGMASTER_ENROLMENT: join(data, 'enrolment') };
    this.agents.set(
      nodeId,
      startProgram(
        `agent ${nodeId}`,
        'agent/main',
        ['run'],
        env,
        join(this.directory, `agent-${nodeId}.log`),
      ),
    );
  }

  async post(type: string, options: Json = {}): Promise<string> {
    return String(
      (
        await this.rest.post(`actions/${type}`, {
          'job-scope': 'cluster',
          'resource-id': this.ring.clusterId,
          ...options,
        })
      )['id'],
    );
  }

  async put(path: string, body: Json): Promise<Json> {
    return await this.rest.put(path, body);
  }

  async job(id: string): Promise<Json> {
    return await this.rest.get(`jobs/${id}`);
  }

  async waitFor(id: string, status: string, withinMs = 270_000): Promise<void> {
    await eventually(
      async () => {
        const job = await this.job(id);
        if (job['status'] !== status)
          throw new Error(
            `job is ${String(job['status'])}, ${JSON.stringify(job['waiting-for'])}\n${await this.story(id)}`,
          );
      },
      { withinMs, everyMs: 100 },
    );
  }

  /** All of a job that is over. */
  async events(id: string): Promise<JobEvent[]> {
    return await jobEvents(this.rest, id);
  }

  /** The list of a job's events so far, for a failing test's message. */
  async story(id: string): Promise<string> {
    const page = await this.rest.get(`jobs/${id}/job_events/?per-page=500`);
    return (page['results'] as Json[])
      .map((event) => `${String(event['event-subtype'])}: ${String(event['message'])}`)
      .join('\n');
  }

  async nodeStatuses(id: string): Promise<Record<string, string>> {
    const page = await this.rest.get(`jobs/${id}/job_nodes/`);
    return Object.fromEntries(
      (page['results'] as Json[]).map((node) => [String(node['node-name']), String(node['status'])]),
    );
  }

  /** Waits until an event of this subtype was stored for the job. @param of which node; of any unless told */
  async sawEvent(id: string, subtype: string, { of }: { of?: string } = {}): Promise<void> {
    await eventually(
      async () => {
        const page = await this.rest.get(`jobs/${id}/job_events/?per-page=500`);
        const isIt = (event: Json): boolean =>
          event['event-subtype'] === subtype && (of === undefined || event['node-id'] === of);
        if (!(page['results'] as Json[]).some(isIt)) throw new Error(`no ${subtype} yet`);
      },
      { withinMs: 120_000, everyMs: 50 },
    );
  }

  /** Pids of the running database nodes by node name. */
  pids(): Record<string, number> {
    return Object.fromEntries(
      this.ring.nodes.map((node) => [node.name, cassandrasBelow(node.directory)[0] ?? 0]),
    );
  }

  logs(): string {
    return ['coordinator.log', ...this.ring.nodes.map((node) => `agent-${node.id}.log`)]
      .map((name) => readFileSync(join(this.directory, name), 'utf8').slice(-1_500))
      .join('\n');
  }

  async stop(): Promise<void> {
    for (const agent of this.agents.values()) await agent.stop();
    await this.coordinator?.stop();
    await stopCassandras(this.directory);
    await this.#database?.drop();
    await rm(this.directory, { recursive: true, force: true });
  }
}
