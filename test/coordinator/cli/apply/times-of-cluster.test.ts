// Windows, freezes and scheduled jobs of a model file: made, compared, pruned with their cluster, and tried before anything is sent.
import { expect } from 'chai';
import { type CliOptions, cli } from '../../../support/cli.ts';
import { modelCluster, startTestCoordinator, type TestCoordinator } from '../../../support/coordinator.ts';

const TIMES = `
  maintenance-windows:
    - { name: nights, cron: "0 22 * * *", duration: 480, time-zone: Europe/Vienna }
    - { name: holidays, kind: freeze, from: 2026-12-24T00:00:00+01:00, until: 2099-01-07T00:00:00+01:00 }
  job-schedules:
    - { name: weekly, job-type: restart, cron: "0 0 29 2 *", options: { batch-size: 2, force: null } }
    - { name: first, job-type: check, cron: "0 0 29 2 *", datacenter: dc1, node: n1 }
`;

describe('the times of a cluster in apply and export', () => {
  let coordinator: TestCoordinator;
  let bare = '';
  beforeEach(async () => {
    coordinator = await startTestCoordinator();
    await modelCluster(coordinator, 'prod', ['n1', 'n2']);
    // As a version from before windows had it: nothing is said of them.
    bare = (await run('export prod')).out.replace(/ {2}(maintenance-windows|job-schedules): \[\]\n/g, '');
  });
  afterEach(() => coordinator.remove());
  const run = (line: string, options: CliOptions = {}) => cli(coordinator.restUrl, line.split(' '), options);
  const apply = (text: string, flags = '--yes') =>
    run(`apply -f - ${flags}`.trim(), { stdin: text.includes('cluster:') ? text : bare + text.slice(1) });
  const planned = async (text: string, flags = ''): Promise<string[]> => {
    const { out, err } = await apply(text, `--dry-run -o json ${flags}`.trim());
    if (out === '') throw new Error(err);
    const changes = JSON.parse(out) as { action: string; kind: string; path: string }[];
    return changes.map(({ action, kind, path }) => `${action} ${kind} ${path}`);
  };

  it('are made, are the same the second time whatever words a moment has, and come out as they went in', async () => {
    const { code, err } = await apply(TIMES);
    expect(code, err).to.equal(0);
    const { out } = await run('schedule show first -o json');
    const node = JSON.parse((await run('node show n1 -o json')).out);
    expect(JSON.parse(out)).to.include({ 'job-scope': 'node', 'resource-id': node.id });
    expect(await planned(TIMES, '--prune')).to.deep.equal([]);
    const exported = (await run('export prod')).out;
    expect(exported)
      .to.contain('from: 2026-12-23T23:00:00.000Z\n')
      .and.to.contain('      datacenter: dc1\n      node: n1\n')
      .and.not.to.contain('job-scope');
    expect(await planned(exported, '--prune')).to.deep.equal([]);
    await run('schedule set weekly --datacenter prod/dc1');
    expect((await apply(exported, '--dry-run')).out).to.equal(
      '~ schedule prod/weekly\n    for: prod/dc1 -> all of prod\n',
    );
  });

  it('are left alone where the file says nothing of them, and deleted where it has the list and is to prune', async () => {
    await apply(TIMES);
    const silent = await apply(bare, '--prune --yes');
    expect(silent.err)
      .to.contain('nothing to change')
      .and.to.contain('maintenance-windows of cluster prod (with "maintenance-windows: []"')
      .and.to.contain('job-schedules of cluster prod (with "job-schedules: []"');
    const none = '\n  maintenance-windows: []\n  job-schedules: []\n';
    expect((await apply(none, '--dry-run')).err).to.contain(
      'left alone: window prod/nights (--prune would delete it)',
    );
    expect(await planned(none, '--prune')).to.deep.equal([
      'delete schedule prod/weekly',
      'delete schedule prod/first',
      'delete window prod/nights',
      'delete window prod/holidays',
    ]);
    expect((await apply(none, '--prune --yes')).code).to.equal(0);
    expect(await planned(none, '--prune')).to.deep.equal([]);
  });

  it('are not of a node that the file would prune, nor of one that is nowhere', async () => {
    await apply(TIMES);
    const without = bare.replace(/ {8}- name: n1\n( {10}.*\n)*/, '') + TIMES.slice(1);
    expect((await apply(without, '--dry-run')).code).to.equal(0);
    const pruned = await apply(without, '--prune --dry-run');
    expect([pruned.code, pruned.err]).to.satisfy(
      ([is, said]: [number, string]) =>
        is === 2 && /:\d+:\d+: node: node prod\/dc1\/n1 is not in the file, and --prune deletes/.test(said),
    );
    const nowhere = await apply(TIMES.replace('node: n1', 'node: n9'), '--dry-run');
    expect(nowhere.err).to.match(/:\d+:\d+: node: there is no node prod\/dc1\/n9, neither here nor/);
  });

  it('are refused before anything is sent where the coordinator would, with where they stand', async () => {
    const wrong = TIMES.replace('duration: 480, ', '').replace('"0 0 29 2 *"', '"0 0 31 2 *"');
    const more = wrong.replace(
      '{ name: nights',
      '{ name: fine, cron: "0 1 * * *", duration: 5 }\n    - { name: nights',
    );
    const { code, err } = await apply(more);
    expect(code, err).to.equal(2);
    expect(err)
      .to.match(/:\d+:\d+: duration of window prod\/nights is required with cron/)
      .and.to.match(/:\d+:\d+: cron of schedule prod\/weekly/);
    expect((await coordinator.call('GET', 'maintenance_windows/')).body.count).to.equal(0);
  });

  it('are made for what the same file makes, and set to the whole cluster once that is gone', async () => {
    await apply(TIMES);
    const more = bare.replace(/( {2}datacenters:\n)/, '$1    - { name: dc2, nodes: [] }\n');
    const moved = TIMES.replace('datacenter: dc1, node: n1', 'datacenter: dc2');
    const both = await apply(more + moved.slice(1));
    expect([both.code, both.out]).to.deep.equal([
      0,
      '+ dc prod/dc2\n~ schedule prod/first\n    for: prod/dc1/n1 -> prod/dc2\n',
    ]);
    const silent = await apply(bare, '--prune --yes');
    expect(silent.err).to.contain(
      'left alone, and makes no job from then on: schedule prod/first, since dc prod/dc2 is deleted',
    );
    const exported = await run('export prod');
    expect(exported.err).to.equal('not in the file, since what it is for is gone: schedule prod/first\n');
    const whole = TIMES.replace(', datacenter: dc1, node: n1', '');
    const back = await apply(whole);
    expect([back.code, back.out]).to.deep.equal([
      0,
      '~ schedule prod/first\n    for: what is gone -> all of prod\n',
    ]);
    expect(await planned(whole, '--prune')).to.deep.equal([]);
  });

  it('are passed over, with a word, where their one time is past', async () => {
    const once = TIMES.replace(
      'cron: "0 0 29 2 *", options: { batch-size: 2, force: null }',
      'at: 2020-01-01T00:00:00Z',
    );
    const { code, err } = await apply(
      once.replace(
        /maintenance-windows:\n/,
        '$&    - { name: over, kind: freeze, from: 2020-01-01T00:00:00Z, until: 2020-01-02T00:00:00Z }\n',
      ),
    );
    expect(code, err).to.equal(0);
    for (const what of ['window prod/over', 'schedule prod/weekly'])
      expect(err).to.contain(`not made, since its time is past: ${what}\n`);
    expect((await planned(once.replace('00Z }', '00Z, enabled: false }'))).at(-1)).to.equal(
      'create schedule prod/weekly',
    );
  });

  it('have no time zone beside a single time, with a word, as files of earlier versions may', async () => {
    const once = TIMES.replace(
      /cron: "0 0 29 2 \*", options: .*? \} \}/,
      'at: 2099-01-01T00:00:00Z, time-zone: Asia/Tokyo }',
    ).replace('kind: freeze, ', '$&time-zone: Asia/Tokyo, ');
    const { code, err } = await apply(once);
    expect(code, err).to.equal(0);
    for (const what of ['window prod/holidays', 'schedule prod/weekly'])
      expect(err).to.contain(`left out, since a single time says its offset itself: time-zone of ${what}\n`);
    expect(err).not.to.contain('time-zone of window prod/nights');
    expect(await planned(once)).to.deep.equal([]);
  });

  it('come with new nodes that are tried beforehand too', async () => {
    const node = { name: 'n3', 'ssh-management-address': '127.0.9.9', 'native-transport-address': '0.0.0.0' };
    const one = bare.replace(/( {6}nodes:\n)/, `$1        - ${JSON.stringify(node)}\n`);
    const { code, err } = await apply(one + TIMES.slice(1));
    expect(code, err).to.equal(2);
    expect(err)
      .to.contain('nothing was sent')
      .and.to.match(/:\d+:\d+: native-transport-broadcast-address of node prod\/dc1\/n3 .*is required while/);
    expect((await coordinator.call('GET', 'maintenance_windows/')).body.count).to.equal(0);
  });
});
