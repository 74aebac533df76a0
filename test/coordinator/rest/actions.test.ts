// The self-description of actions: a list like every other, complete, and true of what a POST takes and refuses.
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';

interface Parameter {
  name: string;
  type: 'string' | 'boolean' | 'integer' | 'uuid';
  required: boolean;
  nullable: boolean;
  default: unknown;
  'allowed-values': string[] | null;
  minimum: number | null;
  maximum: number | null;
  secret: boolean;
  description: string;
}
interface Described {
  name: string;
  type: string;
  description: string;
  href: string;
  parameters: Parameter[];
}

/** Booleans that clients of the original may send as text. */
const isOfOriginal = ({ name }: Parameter): boolean => ['auto-bootstrap', 'continue-on-error'].includes(name);

/** A value that fits what the parameter says of itself. */
const fitting = (parameter: Parameter): unknown => {
  if (parameter['allowed-values'] !== null) return parameter['allowed-values'][0];
  if (parameter.name === 'keyspace-levels') return 'events=ONE, users = QUORUM';
  const boolean = isOfOriginal(parameter) ? 'true' : true;
  return { string: 'text', boolean, integer: parameter.minimum ?? 1, uuid: randomUUID() }[parameter.type];
};

/** Values that what the parameter says of itself rules out. */
const unfitting = (parameter: Parameter): unknown[] => [
  { a: 1 },
  ...(parameter.type === 'string' ? [7] : ['text']),
  ...(parameter.type === 'boolean' && !isOfOriginal(parameter) ? ['true', 'false'] : []),
  ...(parameter['allowed-values'] === null ? [] : ['another']),
  ...(parameter.minimum === null ? [] : [parameter.minimum - 1]),
  ...(parameter.maximum === null ? [] : [parameter.maximum + 1]),
  ...(parameter.secret ? [''] : []),
  ...(parameter.name === 'keyspace-levels' ? ['events', 'events=SOME', 'a=ONE=TWO', 'a=ONE,'] : []),
  ...(parameter.name === 'relaxed-keyspaces' ? ['no keyspace', 'a,,b', 'k-1'] : []),
];

describe('the description of actions', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  let actions: Described[] = [];
  before(async () => {
    coordinator = await startTestCoordinator();
    actions = (await coordinator.call('GET', '/api/v2/lcm/actions/')).body.results;
  });
  after(() => coordinator.remove());

  it('is a list like every other, in pages', async () => {
    const { body } = await coordinator.call('GET', '/api/v2/lcm/actions?per-page=3&page=2');
    expect(body).to.deep.include({ count: 6, last: 2, current: 2, 'per-page': 3, next: null });
    expect(body.results.map(({ name }: Described) => name)).to.deep.equal(['upgrade', 'check', 'terminate']);
    expect(actions.map(({ name }) => name)).to.deep.equal([
      ...['install', 'configure', 'restart', 'upgrade', 'check', 'terminate'],
    ]);
  });

  it('says of each action and parameter what it is, and leads to itself', async () => {
    for (const action of actions) {
      expect(action).to.have.all.keys('name', 'type', 'description', 'href', 'parameters');
      expect(
        (await coordinator.call('GET', action.href.slice(coordinator.restUrl.length))).body,
      ).to.deep.equal(action);
      for (const parameter of action.parameters) {
        expect(parameter).to.have.all.keys(
          ...['name', 'type', 'required', 'nullable', 'default', 'allowed-values'],
          ...['minimum', 'maximum', 'secret', 'description'],
        );
        expect(parameter.description, parameter.name).to.match(/^[A-Z].*\.$/);
        expect(parameter.nullable, parameter.name).to.equal(!parameter.required);
        if (parameter.default !== null && parameter['allowed-values'] !== null)
          expect(parameter['allowed-values']).to.include(parameter.default);
      }
    }
  });

  it('names what the seed and real clients send', () => {
    const names = (action: string) =>
      actions.find(({ name }) => name === action)?.parameters.map(({ name }) => name);
    const gate = [
      ...['consistency-level', 'keyspace-levels', 'relaxed-keyspaces'],
      ...['gate-timeout', 'gate-limit', 'hints-timeout', 'force'],
    ];
    const common = [
      ...['dry-run', 'continue-on-error', 'hold-on-error', 'concurrency-strategy', 'batch-size'],
      ...['canary', 'canary-wait', 'idle-timeout', 'ignore-windows'],
      ...[...gate, 'clients-timeout', 'drain-timeout', 'settle-seconds', 'description'],
    ];
    const target = ['job-type', 'job-scope', 'resource-id'];
    const password = 'change-default-cassandra-password';
    expect(names('install')).to.deep.equal([...target, 'auto-bootstrap', ...common, password]);
    expect(names('configure')).to.deep.equal([
      ...[...target, 'only-stale', 'revert-on-failure', ...common, password],
    ]);
    expect(names('restart')).to.deep.equal([...target, 'only-stale', ...common]);
    expect(names('upgrade')).to.deep.equal([...target, 'take-snapshot', 'upgrade-sstables', ...common]);
    expect(names('check')).to.deep.equal([...target, 'idle-timeout', 'description']);
    expect(names('terminate')).to.deep.equal(['job-id']);
  });

  it('is true: what fits is taken, what does not is refused by its name', async () => {
    for (const { name, parameters } of actions) {
      const sound = Object.fromEntries(parameters.map((parameter) => [parameter.name, fitting(parameter)]));
      // Everything fits, so it is the resource or the job that is not there.
      expect((await coordinator.call('POST', `/api/v2/lcm/actions/${name}`, sound)).status, name).to.equal(
        404,
      );
      for (const parameter of parameters) {
        const bad = parameter.required ? [null, ...unfitting(parameter)] : unfitting(parameter);
        for (const value of bad) {
          const { status, body } = await coordinator.call('POST', `/api/v2/lcm/actions/${name}`, {
            ...sound,
            [parameter.name]: value,
          });
          const told = `${name} ${parameter.name} ${JSON.stringify(value)}`;
          expect([status, body.errors?.[0]?.pointer], told).to.deep.equal([400, `/${parameter.name}`]);
        }
        const query = `?${parameter.name}=true`;
        const asked = await coordinator.call('POST', `/api/v2/lcm/actions/${name}${query}`, sound);
        expect([asked.status, asked.body.errors?.[0]?.pointer], query).to.deep.equal([
          400,
          `/${parameter.name}`,
        ]);
        const without = { ...sound, [parameter.name]: parameter.nullable ? null : sound[parameter.name] };
        expect((await coordinator.call('POST', `/api/v2/lcm/actions/${name}`, without)).status).to.equal(404);
      }
    }
  });

  it('has upgrade on the second version alone, and for a datacenter or a node', async () => {
    const { body } = await coordinator.call('GET', '/api/v1/lcm/actions/');
    expect(body.results.map(({ name }: Described) => name)).to.deep.equal([
      ...['install', 'configure', 'restart', 'check', 'terminate'],
    ]);
    const target = { 'job-scope': 'node', 'resource-id': randomUUID() };
    for (const [method, sent] of [['GET'], ['POST', target]] as const) {
      const answer = await coordinator.call(method, '/api/v1/lcm/actions/upgrade', sent);
      expect([answer.status, answer.body.msg]).to.deep.equal([404, 'There is no action with id upgrade']);
    }
    const upgrade = (sent: unknown) => coordinator.call('POST', '/api/v2/lcm/actions/upgrade', sent);
    const cluster = await upgrade({ ...target, 'job-scope': 'cluster' });
    expect(cluster.status).to.equal(400);
    expect(cluster.body.errors[0].message).to.match(/one of datacenter, node/);
    expect((await upgrade({})).body.errors[0].message).to.contain('(datacenter, node)');
  });
});
