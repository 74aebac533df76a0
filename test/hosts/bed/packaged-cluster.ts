// A cluster in the model whose nodes are hosts of a bed, installed from packages by jobs of a real coordinator through real agents.
import { SMALL_JVM } from '../../../coordinator/cli/quickstart/ring-model.ts';
import { RestClient } from '../../../coordinator/cli/rest-client.ts';
import { startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { eventually } from '../../support/eventually.ts';
import { type JobEvent, jobEvents } from '../../support/job-events.ts';
import { agentLog, startAgent } from './agents.ts';
import type { TestHost } from './host.ts';
import type { Bed } from './start-hosts.ts';

export interface ClusterSettings {
  product: 'cassandra' | 'dse';
  version: string;
  /** of the model's record, `name` aside */
  repository: Readonly<Record<string, unknown>>;
  /** of the datacenter's record, besides its name */
  datacenter?: Readonly<Record<string, unknown>>;
  /** besides what says that it comes from packages, and what keeps it small */
  profile?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export class PackagedCluster {
  readonly coordinator: TestCoordinator;
  readonly clusterId: string;
  readonly profileId: string;
  readonly #hosts: readonly TestHost[];
  readonly #json: Record<string, Record<string, unknown>>;

  private constructor(
    coordinator: TestCoordinator,
    ids: { clusterId: string; profileId: string },
    hosts: readonly TestHost[],
    json: Record<string, Record<string, unknown>>,
  ) {
    this.coordinator = coordinator;
    this.clusterId = ids.clusterId;
    this.profileId = ids.profileId;
    this.#hosts = hosts;
    this.#json = json;
  }

  /** Models them all as seeds, with a token each: nobody has to wait for a bootstrap. Returns once the agents are enrolled. */
  static async make(
    bed: Bed<string>,
    hosts: readonly TestHost[],
    settings: ClusterSettings,
  ): Promise<PackagedCluster> {
    const coordinator = await startTestCoordinator({
      RINGMASTER_GRPC_HOST: bed.address,
      RINGMASTER_AGENT_ADDRESSES: bed.address,
    });
    const made = async (path: string, body: unknown): Promise<string> => {
      const answer = await coordinator.call('POST', path, body);
      if (answer.status !== 201) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
      return answer.body.id;
    };
    const repositoryId = await made('repositories/', { name: 'packages', ...settings.repository });
    const json = {
      'install-options': { 'install-type': 'package' },
      ...(settings.product === 'cassandra' ? { 'jvm-server-options': SMALL_JVM } : {}), // DSE 5.1 has none
      ...settings.profile,
      'cassandra-yaml': {
        num_tokens: 1,
        ...settings.profile?.['cassandra-yaml'],
      },
    };
    const { product, version } = settings;
    const profile = { name: 'packages', product, 'datastax-version': version, json };
    const profileId = await made('config_profiles/', profile);
    const clusterId = await made('clusters/', {
      name: 'from packages',
      'repository-id': repositoryId,
      'config-profile-id': profileId,
    });
    const datacenterId = await made('datacenters/', {
      name: 'dc1',
      'cluster-id': clusterId,
      ...settings.datacenter,
    });
    for (const [at, host] of hosts.entries()) {
      const nodeId = await made('nodes/', {
        name: host.name,
        'datacenter-id': datacenterId,
        'ssh-management-address': host.address,
        rack: `rack${at + 1}`,
        seed: true,
        'initial-token': String(BigInt(at - 1) * 2n ** 62n),
      });
      const { body } = await coordinator.call('POST', `nodes/${nodeId}/enrolment`);
      await startAgent(host, body.bundle);
    }
    return new PackagedCluster(coordinator, { clusterId, profileId }, hosts, json);
  }

  /** Changes settings of the profile, a file's all at once. */
  async set(json: Readonly<Record<string, Readonly<Record<string, unknown>>>>): Promise<void> {
    for (const [file, settings] of Object.entries(json))
      this.#json[file] = { ...this.#json[file], ...settings };
    const answer = await this.coordinator.call('PUT', `config_profiles/${this.profileId}`, {
      json: this.#json,
    });
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  }

  /** Runs a job to its end; returns what it told. @throws Error with all that when it ends otherwise than expected */
  async job(type: 'install' | 'configure' | 'restart', expected = 'COMPLETE'): Promise<JobEvent[]> {
    const { body } = await this.coordinator.call('POST', `actions/${type}`, {
      'job-type': type,
      'job-scope': 'cluster',
      'resource-id': this.clusterId,
    });
    await eventually(
      async () => {
        const job = (await this.coordinator.call('GET', `jobs/${body.id}`)).body;
        if (job['ended-on'] === null)
          throw new Error(
            `the job is ${job.status}: ${JSON.stringify(job['waiting-for'])}\n${await this.#story(body.id)}`,
          );
      },
      { withinMs: 150_000, everyMs: 100 },
    );
    const { status } = (await this.coordinator.call('GET', `jobs/${body.id}`)).body;
    if (status !== expected) throw new Error(`the ${type} is ${status}\n${await this.#story(body.id)}`);
    return await jobEvents(new RestClient(`${this.coordinator.restUrl}/api/v1/lcm`), body.id);
  }

  async #story(id: string): Promise<string> {
    const { body } = await this.coordinator.call('GET', `jobs/${id}/job_events/?per-page=500`);
    const told = body.results.map(
      (event: Record<string, string>) => `${event['event-subtype']}: ${event['message']}`,
    );
    const logs = await Promise.all(this.#hosts.map(agentLog));
    return [...told, ...logs].join('\n');
  }

  async stop(): Promise<void> {
    await this.coordinator.remove();
  }
}
