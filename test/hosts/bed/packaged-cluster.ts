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
  /** given a host and the bundle of its node; the built agent of this checkout unless told */
  startsAgent?: (host: TestHost, bundle: string) => Promise<void>;
}

export class PackagedCluster {
  readonly coordinator: TestCoordinator;
  readonly clusterId: string;
  readonly datacenterId: string;
  readonly profileId: string;
  readonly #hosts: readonly TestHost[];
  readonly #json: Record<string, Record<string, unknown>>;

  private constructor(
    coordinator: TestCoordinator,
    ids: { clusterId: string; datacenterId: string; profileId: string },
    hosts: readonly TestHost[],
    json: Record<string, Record<string, unknown>>,
  ) {
    this.coordinator = coordinator;
    this.clusterId = ids.clusterId;
    this.datacenterId = ids.datacenterId;
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
      await (settings.startsAgent ?? startAgent)(host, body.bundle);
    }
    return new PackagedCluster(coordinator, { clusterId, datacenterId, profileId }, hosts, json);
  }

  /** Changes settings of the profile, a file's all at once. */
  async set(json: Readonly<Record<string, Readonly<Record<string, unknown>>>>): Promise<void> {
    for (const [file, settings] of Object.entries(json))
      this.#json[file] = { ...this.#json[file], ...settings };
    await this.#put({ json: this.#json });
  }

  /** Names another version in the profile. @param yaml settings that only that one has */
  async to(version: string, yaml: Readonly<Record<string, unknown>> = {}): Promise<void> {
    this.#json['cassandra-yaml'] = { ...this.#json['cassandra-yaml'], ...yaml };
    await this.#put({ 'datastax-version': version, json: this.#json });
  }

  async #put(fields: object): Promise<void> {
    const answer = await this.coordinator.call('PUT', `config_profiles/${this.profileId}`, fields);
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  }

  /** Runs a job to its end; returns what it told. @throws Error with all that when it ends otherwise than expected */
  async job(
    type: 'install' | 'configure' | 'restart',
    expected = 'COMPLETE',
    options: object = {},
  ): Promise<JobEvent[]> {
    const target = { 'job-type': type, 'job-scope': 'cluster', 'resource-id': this.clusterId, ...options };
    const { body } = await this.coordinator.call('POST', `actions/${type}`, target);
    return await this.#ended(body.id, expected);
  }

  /** As `job`, to a version that the profile names from then on. @param meanwhile runs beside the job */
  async upgrade(
    version: string,
    expected = 'COMPLETE',
    {
      options = {},
      yaml = {},
      meanwhile = async () => {},
    }: { options?: object; yaml?: Record<string, unknown>; meanwhile?: () => Promise<void> } = {},
  ): Promise<JobEvent[]> {
    await this.to(version, yaml);
    const target = { 'job-scope': 'datacenter', 'resource-id': this.datacenterId, ...options };
    const { body } = await this.coordinator.call('POST', '/api/v2/lcm/actions/upgrade', target);
    const [events] = await Promise.all([this.#ended(body.id, expected), meanwhile()]);
    return events;
  }

  /** Waits until the newest job has told an event of that subtype. */
  async tells(subtype: string): Promise<void> {
    const { body } = await this.coordinator.call('GET', 'jobs/');
    const path = `jobs/${body.results[0].id}/job_events/?event-subtype=${subtype}`;
    await eventually(
      async () => {
        const { count } = (await this.coordinator.call('GET', path)).body;
        if (count === 0) throw new Error(`no ${subtype} as yet`);
      },
      { withinMs: 60_000, everyMs: 100 },
    );
  }

  async #ended(id: string, expected: string): Promise<JobEvent[]> {
    await eventually(
      async () => {
        const job = (await this.coordinator.call('GET', `jobs/${id}`)).body;
        if (job['ended-on'] === null)
          throw new Error(
            `the job is ${job.status}: ${JSON.stringify(job['waiting-for'])}\n${await this.#story(id)}`,
          );
      },
      { withinMs: 270_000, everyMs: 100 },
    );
    const { status } = (await this.coordinator.call('GET', `jobs/${id}`)).body;
    if (status !== expected) throw new Error(`the job is ${status}\n${await this.#story(id)}`);
    return await jobEvents(new RestClient(`${this.coordinator.restUrl}/api/v1/lcm`), id);
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
