// Bare hosts that are known by an address and a machine credential alone, and the coordinators that bring agents to them.
import { join } from 'node:path';
import { expect } from 'chai';
import { SMALL_JVM } from '../../../coordinator/cli/quickstart/ring-model.ts';
import { startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { startCoordinatorProgram } from '../../support/coordinator-program.ts';
import { createTestDatabase } from '../../support/database.ts';
import { eventually } from '../../support/eventually.ts';
import { heardLog } from '../../support/heard-log.ts';
import { becomes, type Caller, callerOf, jobOf, terminate } from '../../support/jobs.ts';
import { cassandraPackage } from '../packages/database-packages.ts';
import { ownPackage } from '../packages/own-packages.ts';
import { Repository } from '../packages/repository.ts';
import { SigningKey } from '../packages/signing-key.ts';
import type { TestHost } from './host.ts';
import type { Flavour } from './image.ts';
import { addUser } from './ssh-host.ts';
import { type Bed, startHosts } from './start-hosts.ts';

export const PASSWORD = 'login canary 1';
/** Of tests, each of which has the word in it, and the beginning of any enrolment bundle. */
export const SECRETS = new RegExp(`canary|${Buffer.from('{"v":1,"nodeId"').toString('base64url')}`);
const VERSION = '5.0.8';

/** Every host has a user `admin`, whose sudo asks for the password. */
export const SUDOER = {
  'login-user': 'admin',
  'login-password': PASSWORD,
  'become-mode': 'sudo',
  'become-password': PASSWORD,
};

export interface Told {
  subtype: string;
  message: string;
}

export class Agentless<Name extends string> {
  readonly bed: Bed<Name>;
  /** with the agent's packages */
  readonly packages: string;
  readonly #database: Awaited<ReturnType<typeof createTestDatabase>>;
  readonly #key: SigningKey;
  readonly #log = heardLog();
  #running: TestCoordinator | null = null;
  #caller: Caller | null = null;
  #shared = { repositoryId: '', profileId: '' };
  #models = 0;

  private constructor(
    bed: Bed<Name>,
    packages: string,
    database: Awaited<ReturnType<typeof createTestDatabase>>,
    key: SigningKey,
  ) {
    this.bed = bed;
    this.packages = packages;
    this.#database = database;
    this.#key = key;
  }

  /** Boots hosts, and starts a coordinator with packages of the agent for all of them. */
  static async start<Name extends string>(
    flavours: Readonly<Record<Name, Flavour>>,
  ): Promise<Agentless<Name>> {
    const bed = await startHosts(flavours);
    const packages = join(bed.directory, 'agent-packages');
    for (const format of new Set(Object.values<Flavour>(flavours)))
      await ownPackage('agent', { format, version: '0.1.0', into: packages });
    for (const host of Object.values<TestHost>(bed.hosts))
      await addUser(host, { name: 'admin', password: PASSWORD, sudo: 'by-password' });
    const rig = new Agentless(bed, packages, await createTestDatabase(), await SigningKey.make());
    await rig.restart();
    await rig.#model();
    return rig;
  }

  async #model(): Promise<void> {
    const repository = await Repository.open(this.bed, 'apt', {
      flavour: 'deb',
      key: this.#key,
      packages: [await cassandraPackage(VERSION, 'deb')],
    });
    this.#shared = {
      repositoryId: await this.#made('repositories/', {
        name: 'packages',
        'repo-url': repository.url,
        'repo-key-url': `${repository.url}/key.asc`,
        'deb-dist': './',
      }),
      profileId: await this.#made('config_profiles/', {
        name: 'packages',
        product: 'cassandra',
        'datastax-version': VERSION,
        json: {
          'install-options': { 'install-type': 'package' },
          'jvm-server-options': SMALL_JVM,
          'cassandra-yaml': { num_tokens: 1 },
        },
      }),
    };
  }

  get databaseUrl(): string {
    return this.#database.url;
  }

  /** Whoever answers now. */
  get at(): Caller {
    if (this.#caller === null) throw new Error('there is no coordinator');
    return this.#caller;
  }

  /** Has another coordinator take the place of the one there is. */
  async restart({ packages = this.packages, agentAddress = this.bed.address } = {}): Promise<void> {
    await this.#running?.remove();
    this.#running = await startTestCoordinator(this.#environment(packages, agentAddress), {
      databaseUrl: this.databaseUrl,
      log: this.#log.log,
      timings: { bootstrapAgainMs: 300 },
    });
    this.#caller = this.#running;
  }

  /** Does something with a coordinator of its own process, which then is killed; nobody has taken its place. */
  async untilKilled<T>(work: () => Promise<T>): Promise<T> {
    await this.#running?.remove();
    this.#running = null;
    const doomed = await startCoordinatorProgram({
      ...this.#environment(this.packages, this.bed.address),
      RINGMASTER_DATABASE_URL: this.databaseUrl,
    });
    this.#caller = callerOf(doomed.restUrl);
    try {
      return await work();
    } finally {
      this.#caller = null;
      await doomed.remove(); // by SIGKILL
    }
  }

  #environment(packages: string, agentAddress: string): Record<string, string> {
    return {
      RINGMASTER_GRPC_HOST: this.bed.address,
      RINGMASTER_AGENT_ADDRESSES: agentAddress,
      RINGMASTER_AGENT_PACKAGES: packages,
      RINGMASTER_BOOTSTRAP: 'on',
    };
  }

  async #made(path: string, body: unknown): Promise<string> {
    const answer = await this.at.call('POST', path, body);
    expect(answer.status, JSON.stringify(answer.body)).to.equal(201);
    return answer.body.id;
  }

  /** A cluster of one host with nothing but an address and a credential, and the job that installs it. */
  async installing(
    host: TestHost,
    credential: Readonly<Record<string, unknown>>,
    node: Readonly<Record<string, unknown>> = {},
  ): Promise<{ nodeId: string; jobId: string }> {
    this.#models += 1;
    const way = { name: `way ${this.#models}`, ...credential };
    const clusterId = await this.#made('clusters/', {
      name: `cluster ${this.#models}`,
      'repository-id': this.#shared.repositoryId,
      'config-profile-id': this.#shared.profileId,
      'machine-credential-id': await this.#made('machine_credentials/', way),
    });
    const datacenterId = await this.#made('datacenters/', { name: 'dc1', 'cluster-id': clusterId });
    const nodeId = await this.#made('nodes/', {
      name: `node${this.#models}`,
      'datacenter-id': datacenterId,
      'ssh-management-address': host.address,
      ...node,
    });
    const scope = { 'job-scope': 'cluster', 'resource-id': clusterId };
    return { nodeId, jobId: await this.#made('actions/install', scope) };
  }

  /** What a job told, in which there is no secret. */
  async told(jobId: string, filter = ''): Promise<Told[]> {
    const { body } = await this.at.call('GET', `jobs/${jobId}/job_events/?per-page=500${filter}`);
    expect(JSON.stringify([body, await jobOf(this.at, jobId)])).to.not.match(SECRETS);
    return body.results.map((event: Record<string, unknown>) => ({
      subtype: event['event-subtype'],
      message: event['message'],
    }));
  }

  /**
   * Why a job waits whose host lets nobody in, as `kind: reason`, told once for each of so many tries; the job ends then.
   * @returns what was told of the first
   */
  async refusal(
    host: TestHost,
    credential: Readonly<Record<string, unknown>>,
    node: Readonly<Record<string, unknown>> = {},
    tries = 1,
  ): Promise<string> {
    const { jobId } = await this.installing(host, credential, node);
    const what = await eventually(
      async () => {
        const job = await jobOf(this.at, jobId);
        expect(job.status).to.equal('PENDING');
        expect(job['waiting-for']).to.include({ kind: 'agent-not-enrolled' });
        return String(job['waiting-for'].what);
      },
      { withinMs: 30_000 },
    );
    await terminate(this.at, jobId);
    const errors = this.#errors(await this.told(jobId));
    expect(errors).to.have.length(tries);
    const error = errors[0]?.replace(/\. This was try 1 of .*/, '') ?? '';
    expect(what).to.include(error.replace(/^.*?: /, ''));
    return error;
  }

  #errors(told: readonly Told[]): string[] {
    return told.flatMap(({ subtype, message }) =>
      /^bootstrap-(?!started)/.test(subtype) ? [`${subtype.slice('bootstrap-'.length)}: ${message}`] : [],
    );
  }

  /** The errors of a job that fails before its host has an agent, as `kind: message`. */
  async failure(
    host: TestHost,
    credential: Readonly<Record<string, unknown>>,
    node: Readonly<Record<string, unknown>> = {},
  ): Promise<string[]> {
    const { jobId } = await this.installing(host, credential, node);
    await becomes(this.at, jobId, 'FAILED', 120_000);
    return this.#errors(await this.told(jobId));
  }

  async node(nodeId: string): Promise<Record<string, unknown> & { agent: { connected: boolean } }> {
    return (await this.at.call('GET', `nodes/${nodeId}`)).body;
  }

  /** Of all coordinators in this process, lines with a secret in them. */
  secretsInLog(): string[] {
    return this.#log.lines.filter((line) => SECRETS.test(line));
  }

  async stop(): Promise<void> {
    await this.#running?.remove();
    await this.bed.stop();
    await this.#database.drop();
    await this.#key.remove();
  }
}
