// The seed's own examples, kept as data, replayed on both base paths against a real coordinator with agents that work.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { Step } from '../../../agent/steps/step.ts';
import {
  readSeedExample,
  type SeedExample,
  seedExampleNames,
} from '../../../coordinator/rest/openapi/examples.ts';
import { StepFailed } from '../../../shared/errors.ts';
import {
  modelCluster,
  startTestCoordinator,
  type TestCoordinator,
  WITH_PASSWORDS,
} from '../../support/coordinator.ts';
import { eventually } from '../../support/eventually.ts';
import { type Bindings, differences } from '../../support/examples.ts';
import { startLinkAgent } from '../../support/link-agent.ts';

const read = <T>(path: string): T => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as T;
const additions = read<Record<string, Record<string, string[]>>>('./additions.json');

// The ids that the seed prints.
const C1 = '7064583a-0656-4914-819e-937863793ab5';
const CLUSTER01 = '39efe91a-86bf-44a9-a5b8-fed6d37b8e21';
const NODE = '3bfa4fdf-a861-4ac2-aff1-4730f90af28c';
const JOB_OF_C1 = '27138a41-59b6-487b-892a-3a211201fb51';
const JOB_OF_CLUSTER01 = '53db1340-8037-47fe-817a-951b9324b04a';
const JOB_NODE = '8a7f8efc-fe35-4541-a570-4d235fcf1438';
const EVENT = '65c12a12-1e71-40db-aad6-2d1bedeb0f98';

/** In an order in which each finds what it tells of; install makes the job that later ones read. */
const IN_ORDER = [
  'job',
  'jobs',
  'job-node-object',
  'job-node',
  'job-nodes',
  'job-event-object',
  'job-event',
  'install',
  'job-object',
  'job-events',
  'configure',
  'restart',
  'terminate',
];

/** Looks at a file, as the seed's node did, and fails, as the seed's jobs did. */
const lookAndFail: Step = {
  name: 'look-and-fail',
  async *run() {
    yield {
      type: 'check',
      subtype: 'file-contents',
      resource: '/etc/apt/sources.list.d/opsc.list',
      message: 'Checking if the contents of /etc/apt/sources.list.d/opsc.list need to be updated',
      changes: false,
    };
    throw new StepFailed('MeldError', 'The seed tells of jobs that failed');
  },
};

describe("the seed's examples", function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  const agents: Awaited<ReturnType<typeof startLinkAgent>>[] = [];
  const known: Bindings = new Map();
  let waiting = '';

  const over = (id: string) =>
    eventually(async () =>
      expect((await coordinator.call('GET', `jobs/${id}`)).body.status).to.equal('FAILED'),
    );
  const made = async (path: string, body: unknown): Promise<string> =>
    (await coordinator.call('POST', path, body)).body.id;
  const install = (clusterId: string, options = {}) =>
    made('actions/install', { 'job-scope': 'cluster', 'resource-id': clusterId, ...options });
  const enrol = async (nodeId: string): Promise<void> => {
    const { body } = await coordinator.call('POST', `nodes/${nodeId}/enrolment`);
    agents.push(await startLinkAgent(body.bundle, () => [lookAndFail]));
  };

  before(async () => {
    coordinator = await startTestCoordinator();
    const c1 = await modelCluster(coordinator, 'c1', ['10.0.3.131'], WITH_PASSWORDS);
    const clusterId = await made('clusters/', {
      name: 'cluster01',
      'repository-id': c1.repositoryId,
      'config-profile-id': c1.profileId,
    });
    const datacenterId = await made('datacenters/', { name: 'datacenter01', 'cluster-id': clusterId });
    const nodeId = await made('nodes/', {
      'datacenter-id': datacenterId,
      'ssh-management-address': '10.0.3.132',
    });
    await enrol(c1.nodeIds[0] ?? '');
    await enrol(nodeId);
    const jobOfC1 = await install(c1.clusterId, { 'change-default-cassandra-password': 'sfdgs' });
    const jobOfCluster01 = await install(clusterId);
    await over(jobOfC1);
    await over(jobOfCluster01);
    const jobNodes = (await coordinator.call('GET', `jobs/${jobOfCluster01}/job_nodes/`)).body.results;
    const events = (await coordinator.call('GET', `jobs/${jobOfCluster01}/job_events/`)).body.results;
    const looked = events.find((event: Record<string, string>) => event['event-subtype'] === 'file-contents');
    known.set(C1, c1.clusterId).set(CLUSTER01, clusterId).set(NODE, nodeId);
    known.set(JOB_OF_C1, jobOfC1).set(JOB_OF_CLUSTER01, jobOfCluster01);
    known.set(JOB_NODE, jobNodes[0].id).set(EVENT, looked.id);
    waiting = (await modelCluster(coordinator, 'waiting', ['n1'], WITH_PASSWORDS)).clusterId;
  });
  after(async () => {
    for (const agent of agents) await agent.stop();
    await coordinator.remove();
  });

  it('are all replayed', () => {
    expect(seedExampleNames()).to.deep.equal([...IN_ORDER].sort());
  });

  for (const version of ['v1', 'v2'] as const) {
    describe(`on ${version}`, () => {
      const bindings: Bindings = new Map();
      before(() => {
        for (const [id, own] of known) bindings.set(id, own);
      });
      for (const name of IN_ORDER) {
        const example = readSeedExample(name);
        it(`answers as the seed prints it: ${example.what} (${name})`, async () => {
          // The seed terminates a job that it shows as ended elsewhere.
          if (name === 'terminate') bindings.set(JOB_OF_C1, await install(waiting));
          const ours = (text: string): string =>
            text.replace(/[0-9a-f-]{36}/g, (id) => bindings.get(id) ?? `${id} is not bound`);
          const { method, path, body } = example.request;
          const answer = await coordinator.call(
            method,
            `/api/${version}/lcm/${ours(path)}`,
            body === undefined ? undefined : ours(JSON.stringify(body)),
            { 'content-type': 'application/x-www-form-urlencoded' },
          );
          expect(answer.status, JSON.stringify(answer.body)).to.equal(example.answer.status);
          const expected = expectedOf(example);
          const found = differences(expected, answer.body, '', {
            bindings,
            base: `${coordinator.restUrl}/api/${version}/lcm`,
            additions: (type) => additions[type]?.[example.form] ?? [],
            free: new Set(Object.keys(example.free ?? {})),
            subset: example.subset === true,
          });
          expect(found).to.deep.equal([]);
          if (example.form === 'create' && answer.body.id !== undefined) await over(answer.body.id);
        });
      }
    });
  }

  /** "The output is similar to POST /api/v1/lcm/actions/install": another job, with the options that it was given. */
  function expectedOf({ request, answer }: SeedExample): unknown {
    if (answer.like === undefined) return answer.body;
    const like = readSeedExample(answer.like).answer.body as Record<string, unknown>;
    const { 'job-scope': _scope, 'resource-id': _id, ...options } = request.body as Record<string, unknown>;
    return {
      ...like,
      id: randomUUID(),
      'job-type': options['job-type'],
      'job-data': options,
    };
  }
});
