// How a node's configuration files stand, over REST and on the command line: what the last run that looked has told, and where its diffs are.
import { expect } from 'chai';
import { StepFailed } from '../../../shared/errors.ts';
import type { StepEvent } from '../../../shared/events.ts';
import { cli } from '../../support/cli.ts';
import { modelCluster, startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { becomes } from '../../support/jobs.ts';
import { startLinkAgent } from '../../support/link-agent.ts';

const YAML = '/srv/n1/conf/cassandra.yaml';
const ENV = '/srv/n1/conf/cassandra-env.sh';
const PUSHED_ON = '2026-11-01T10:00:00.000Z';
const CHECKED_ON = '2026-11-02T10:00:00.000Z';
const event = (subtype: string, rest: Partial<StepEvent> = {}): StepEvent => ({
  type: 'check',
  subtype,
  resource: null,
  message: 'As told',
  changes: false,
  ...rest,
});
const state = (path: string, state: string, stale: boolean) => ({
  ...{ path, state, stale },
  'pushed-on': PUSHED_ON,
});

describe('the drift of a node', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  let nodeIds: string[];
  let agent: Awaited<ReturnType<typeof startLinkAgent>>;
  let tells: StepEvent[] = [];
  let fails = false;
  const drift = async (id = nodeIds[0]) => await coordinator.call('GET', `nodes/${id}/drift`);
  const run = async (type: string, told: StepEvent[], ends = 'COMPLETE'): Promise<string> => {
    tells = told;
    fails = ends === 'FAILED';
    const target = { 'job-scope': 'node', 'resource-id': nodeIds[0] };
    const { id } = (await coordinator.call('POST', `/api/v2/lcm/actions/${type}`, target)).body;
    await becomes(coordinator, id, ends);
    return id;
  };
  before(async () => {
    coordinator = await startTestCoordinator();
    ({ nodeIds } = await modelCluster(coordinator, 'prod', ['n1', 'n2']));
    const { body } = await coordinator.call('POST', `nodes/${nodeIds[0]}/enrolment`);
    agent = await startLinkAgent(body.bundle, () => [
      {
        name: 'tell',
        async *run() {
          yield* tells;
          if (fails) throw new StepFailed('node-died', 'it died');
        },
      },
    ]);
  });
  after(async () => {
    await agent.stop();
    await coordinator.remove();
  });

  it('is a 404 that says so before anybody has looked, and of an agent that tells nothing of the kind', async () => {
    const looked = /^Nobody has looked at the configuration files of node .* a check or a configure/;
    const { status, body } = await drift();
    expect([status, body.message]).to.satisfy(
      ([code, said]: [number, string]) => code === 404 && looked.test(said),
    );
    await run('configure', [event('config-files-written', { type: 'milestone', after: { files: [] } })]);
    expect((await drift()).body.message).to.match(looked);
    expect((await cli(coordinator.restUrl, ['node', 'drift', 'prod/dc1/n1'])).code).to.equal(4);
  });

  it('is what the last run told that looked, with the events that hold a diff; a job that does not look leaves it', async () => {
    const id = await run('check', [
      event('file-contents', { resource: YAML }),
      event('file-contents', { resource: YAML, after: { diff: '-a\n+b' } }),
      event('config-files-compared', {
        type: 'milestone',
        after: {
          'checked-on': CHECKED_ON,
          states: [state(YAML, 'edited', true), state(ENV, 'as-pushed', false)],
        },
      }),
    ]);
    await run('restart', []);
    const { status, body } = await drift();
    expect(status).to.equal(200);
    expect(body).to.include({ type: 'drift', 'node-id': nodeIds[0], 'job-id': id, 'checked-on': CHECKED_ON });
    const [yaml, env] = body.files;
    expect(yaml).to.include({ path: YAML, state: 'edited', stale: true, 'pushed-on': PUSHED_ON });
    expect(yaml['event-ids']).to.have.length(1);
    expect((await coordinator.call('GET', `job_events/${yaml['event-ids'][0]}`)).body.after.diff).to.equal(
      '-a\n+b',
    );
    expect(env).to.deep.include({ state: 'as-pushed', 'checked-on': CHECKED_ON, 'event-ids': [] });
    expect((await drift(nodeIds[1])).status).to.equal(404);
  });

  it('is a table on the command line, or the paths of what was edited', async () => {
    const line = ['node', 'drift', 'prod/dc1/n1'];
    const { out, err } = await cli(coordinator.restUrl, line);
    expect(out).to.match(/^edited +yes +2026-11-01T10:00:00.000Z +\/srv\/n1\/conf\/cassandra.yaml$/m);
    expect(out).to.match(/^as-pushed +no /m);
    expect(err).to.contain('prod/dc1/n1 as it was on 2026-11-02');
    expect((await cli(coordinator.restUrl, [...line, '-q'])).out).to.equal(`${YAML}\n`);
    expect(JSON.parse((await cli(coordinator.restUrl, [...line, '-o', 'json'])).out)['type']).to.equal(
      'drift',
    );
  });

  it('is of a cluster or a datacenter what is not as it is to be, by node, and which nobody has looked at', async () => {
    for (const [kind, path, scope] of [
      ['cluster', 'prod', 'cluster'],
      ['dc', 'prod/dc1', 'datacenter'],
    ] as const) {
      const line = [kind, 'drift', path];
      const { out, err } = await cli(coordinator.restUrl, line);
      expect(
        out
          .trimEnd()
          .split('\n')
          .map((row) => row.split(/ +/)),
        out,
      ).to.deep.equal([
        ['NODE', 'STATE', ...'MODEL WOULD CHANGE IT'.split(' '), 'PUSHED-ON', 'FILE'],
        ['prod/dc1/n1', 'edited', 'yes', PUSHED_ON, YAML],
      ]);
      expect(err.trimEnd().split('\n')).to.deep.equal([
        `${path}: files of 1 of 2 nodes were edited or are missing, as they were on ${CHECKED_ON} or later; of 1 nothing is known yet`,
        `a check tells: ringmaster job run check --${scope} ${path} --watch`,
      ]);
      expect((await cli(coordinator.restUrl, [...line, '-q'])).out).to.equal('prod/dc1/n1\n');
      const data = JSON.parse((await cli(coordinator.restUrl, [...line, '-o', 'json'])).out);
      expect(data.map((one: Record<string, unknown>) => one['node-id'])).to.deep.equal([nodeIds[0]]);
    }
    await modelCluster(coordinator, 'new', ['n1']);
    const { out, err } = await cli(coordinator.restUrl, ['cluster', 'drift', 'new']);
    expect([out, err.split('\n')[0]]).to.deep.equal([
      '',
      'new: files of 0 of 1 node were edited or are missing; of 1 nothing is known yet',
    ]);
  });

  it('is replaced by what a configure wrote', async () => {
    const after = { 'checked-on': CHECKED_ON, states: [state(YAML, 'as-pushed', false)] };
    await run('configure', [event('config-files-written', { type: 'milestone', after })]);
    const { files } = (await drift()).body;
    expect(files.map(({ path, state }: Record<string, string>) => [path, state])).to.deep.equal([
      [YAML, 'as-pushed'],
    ]);
  });

  it('is not what an upgrade wrote whose version did not start, as it is of a configure', async () => {
    const wrote = (path: string) => {
      const after = { 'checked-on': CHECKED_ON, states: [state(path, 'as-pushed', false)] };
      return [event('config-files-written', { type: 'milestone', after })];
    };
    const path = async () => (await drift()).body.files[0].path;
    await run('upgrade', wrote('/srv/n1/later/cassandra.yaml'), 'FAILED');
    expect(await path()).to.equal(YAML);
    await run('configure', wrote(ENV), 'FAILED');
    expect(await path()).to.equal(ENV);
  });

  it('is what was put back where a configure went back', async () => {
    const told = (subtype: string, stale: boolean) =>
      event(subtype, {
        type: 'milestone',
        after: { 'checked-on': CHECKED_ON, states: [state(YAML, 'as-pushed', stale)] },
      });
    await run('configure', [told('config-files-written', false), told('config-files-reverted', true)]);
    expect((await drift()).body.files[0]).to.include({ state: 'as-pushed', stale: true });
  });
});
