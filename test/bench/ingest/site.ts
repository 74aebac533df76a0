// The coordinator of the ingest benchmark: a process of its own with its real start flags, and what the kernel says of it.
import { mkdtempSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProgram } from '../../../coordinator/cli/quickstart/processes.ts';
import { type Answer, modelCluster } from '../../support/coordinator.ts';
import { createTestDatabase } from '../../support/database.ts';
import { eventually } from '../../support/eventually.ts';

const MODELLED_TOGETHER = 16;

/** The flags that `npm start` gives to node. */
function startFlags(): string[] {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: { start: string } };
  return scripts.start.split(' ').filter((word) => word.startsWith('--'));
}

export class Site {
  readonly databaseUrl: string;
  readonly #directory = mkdtempSync(join(tmpdir(), 'ingest-'));
  readonly #database: Awaited<ReturnType<typeof createTestDatabase>>;
  readonly #program: ReturnType<typeof startProgram>;
  #restUrl = '';

  private constructor(
    database: Awaited<ReturnType<typeof createTestDatabase>>,
    nodeOptions: readonly string[],
  ) {
    this.#database = database;
    this.databaseUrl = database.url;
    const env = {
      RINGMASTER_DATABASE_URL: database.url,
      RINGMASTER_DATA_DIR: this.#directory,
      RINGMASTER_REST_PORT: '0',
      RINGMASTER_GRPC_PORT: '0',
      RINGMASTER_ENROL_PORT: '0',
      RINGMASTER_GRPC_HOST: '127.0.0.1',
    };
    this.#program = startProgram('coordinator', 'coordinator/main', [], env, this.#log, nodeOptions);
  }

  /** @param nodeOptions besides those of `npm start`: --cpu-prof, say */
  static async start(nodeOptions: readonly string[] = []): Promise<Site> {
    const site = new Site(await createTestDatabase(), [...startFlags(), ...nodeOptions]);
    site.#restUrl = await eventually(
      () => {
        const url = /"address":"(http[^"]+)"/.exec(readFileSync(site.#log, 'utf8'))?.[1];
        if (url === undefined)
          throw new Error(`the coordinator is not ready:\n${readFileSync(site.#log, 'utf8')}`);
        return url;
      },
      { withinMs: 30_000 },
    );
    return site;
  }

  get #log(): string {
    return join(this.#directory, 'coordinator.log');
  }

  /** As many clusters of one node, so that all agents have work at once. @returns their ids and enrolment bundles */
  async model(count: number): Promise<{ clusterIds: string[]; bundles: string[] }> {
    const clusterIds: string[] = [];
    const bundles: string[] = [];
    const one = async (n: number): Promise<void> => {
      const { clusterId, nodeIds } = await modelCluster(this, `cluster-${n}`, ['node']);
      clusterIds.push(clusterId);
      bundles.push((await this.call('POST', `nodes/${nodeIds[0]}/enrolment`)).body.bundle);
    };
    await this.#together(Array.from({ length: count }, (_, n) => () => one(n)));
    return { clusterIds, bundles };
  }

  /** A job for each cluster: every agent is given a run. */
  async startJobs(clusterIds: readonly string[]): Promise<void> {
    await this.#together(
      clusterIds.map(
        (id) => () => this.call('POST', 'actions/restart', { 'job-scope': 'cluster', 'resource-id': id }),
      ),
    );
  }

  async #together(work: readonly (() => Promise<unknown>)[]): Promise<void> {
    for (let at = 0; at < work.length; at += MODELLED_TOGETHER) {
      await Promise.all(work.slice(at, at + MODELLED_TOGETHER).map((one) => one()));
    }
  }

  async call(method: string, path: string, body?: unknown): Promise<Answer> {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const answer = await fetch(`${this.#restUrl}/api/v1/lcm/${path}`, init);
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return { status: answer.status, headers: answer.headers, body: await answer.json() };
  }

  /** Peak resident memory since its start, MiB. */
  get peakRssMib(): number {
    const status = readFileSync(`/proc/${this.pid}/status`, 'latin1');
    return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1_024);
  }

  get pid(): number {
    return this.#program.child.pid ?? 0;
  }

  /** What it complained of: a benchmark in which anything went wrong says nothing. */
  complaints(): string[] {
    return readFileSync(this.#log, 'utf8')
      .split('\n')
      .filter((line) => /"level":"(warn|error)"/.test(line));
  }

  async stop(): Promise<void> {
    await this.#program.stop();
    await this.#database.drop();
    await rm(this.#directory, { recursive: true, force: true });
  }
}
