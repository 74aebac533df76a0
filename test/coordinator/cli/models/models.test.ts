// The model from the command line: every kind made, read, changed and deleted by names.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { decodeBundle } from '../../../../shared/pki/enrolment-bundle.ts';
import { askDatabase } from '../../../support/ask-database.ts';
import { type CliOptions, cli } from '../../../support/cli.ts';
import { modelCluster, startTestCoordinator, type TestCoordinator } from '../../../support/coordinator.ts';

describe('ringmaster cluster, dc, node, profile, repo, credential, window, schedule', () => {
  let coordinator: TestCoordinator;
  let directory: string;
  before(async () => {
    coordinator = await startTestCoordinator();
    directory = await mkdtemp(join(tmpdir(), 'cli-'));
    await modelCluster(coordinator, 'other', ['n1', 'n2']);
  });
  after(async () => {
    await rm(directory, { recursive: true, force: true });
    await coordinator.remove();
  });
  const run = (line: string, options: CliOptions = {}) => cli(coordinator.restUrl, line.split(' '), options);
  const good = async (line: string, options: CliOptions = {}): Promise<string> => {
    const { code, out, err } = await run(line, options);
    expect(code, err).to.equal(0);
    return out;
  };
  const record = async (line: string): Promise<Record<string, unknown>> =>
    JSON.parse(await good(`${line} -o json`));

  it('makes a whole cluster by names', async () => {
    const settings = join(directory, 'settings.yaml');
    await writeFile(settings, 'cassandra-yaml:\n  num_tokens: 8\n');
    await good('repo create packages --repo-url https://repo.example.com/ --username me --password-from -', {
      stdin: 'hidden\n',
    });
    await good('credential create ops --login-name ops --become-mode sudo --login-password-from env:OPS', {
      env: { OPS: 'hidden' },
    });
    await good(`profile create base --product cassandra --datastax-version 5.0.8 --json ${settings}`);
    await good('cluster create prod --repository packages --machine-credential ops --config-profile base');
    await good('dc create prod/dc1 --spark-enabled');
    await good('node create prod/dc1/n1 --ssh-management-address 10.0.0.1 --seed --rack r1');
    await good('node create n2 --datacenter prod/dc1 --ssh-management-address 10.0.0.2 --seed false');
    expect(await record('profile show base')).to.deep.include({
      json: { 'cassandra-yaml': { num_tokens: 8 } },
    });
    expect(await record('dc show prod/dc1')).to.deep.include({ name: 'dc1', 'spark-enabled': true });
    expect(await record('node show prod/dc1/n1')).to.deep.include({ seed: true, rack: 'r1' });
    const nodes = (await good('node list --cluster prod --no-headers')).trim().split('\n');
    expect(nodes.map((line) => line.split(/ +/).slice(0, 3))).to.deep.equal([
      ['prod/dc1', 'n1', '10.0.0.1'],
      ['prod/dc1', 'n2', '10.0.0.2'],
    ]);
    expect(await good('node show prod/dc1/n2')).to.match(/^config-profile +base \(inherited\)$/m);
    expect(await good('node show prod/dc1/n2')).to.match(/^seed +no$/m);
    expect(await good('node show prod/dc1/n2')).to.match(/^agent +none$/m);
    expect(await good('node list --cluster prod -o wide')).to.match(/ AGENT .*\n.* none /);
    await good('cluster create unseeded');
    await good('dc create unseeded/dc1');
    await good('node create unseeded/dc1/n1 --ssh-management-address 10.0.1.1');
    expect(await good('node list --cluster unseeded')).to.contain(' yes (chosen) ');
  });

  it('says of a profile whether its settings could be checked', async () => {
    const told = async (line: string) => (await run(line)).err;
    const create = 'profile create later --product cassandra --datastax-version';
    expect(await told(`${create} 99.0.1`)).to.contain('there are no definitions of cassandra 99.0.1: ');
    expect(await told('profile set later --datastax-version 5.0.8')).to.equal('');
    expect(await told('profile clone later --datastax-version 98.0')).to.contain('cassandra 98.0: ');
  });

  it('prints the records of the API as they are', async () => {
    const listed = JSON.parse(await good('cluster list -o json'));
    expect(listed).to.deep.equal((await coordinator.call('GET', '/api/v2/lcm/clusters/')).body.results);
    const ids = (await good('cluster list -q')).trim().split('\n');
    expect(ids).to.deep.equal(listed.map(({ id }: { id: string }) => id));
    expect(await good(`cluster show ${ids[0]} -o yaml`)).to.contain(`id: ${ids[0]}\n`);
  });

  it('changes what is named and nothing else, and takes back what --unset names', async () => {
    await good('node set prod/dc1/n2 --comment spare --auto-bootstrap false');
    expect(await record('node show prod/dc1/n2')).to.deep.include({
      comment: 'spare',
      'auto-bootstrap': false,
      rack: 'rack1',
    });
    await good('node set prod/dc1/n2 --unset comment auto-bootstrap');
    expect(await record('node show prod/dc1/n2')).to.deep.include({ comment: null, 'auto-bootstrap': null });
    await good('cluster set prod --unset config-profile');
    expect(await record('cluster show prod')).to.deep.include({ 'config-profile-id': null });
  });

  it('clones a profile under a name that is given or found, with what is changed of it', async () => {
    const base = await record('profile show base');
    const [named] = JSON.parse(
      await good('profile clone base base-2 --datastax-version 5.0.7 --comment tried -o json'),
    );
    expect(named).to.deep.include({
      name: 'base-2',
      product: 'cassandra',
      'datastax-version': '5.0.7',
      comment: 'tried',
      json: base['json'],
    });
    const id = (await good('profile clone base -q')).trim();
    expect(await record(`profile show ${id}`)).to.deep.include({ name: 'base (copy)', json: base['json'] });
    expect(await record('profile show base')).to.deep.equal(base);
    const taken = await run('profile clone base base-2');
    expect([taken.code, taken.err]).to.satisfy(
      ([code, err]: [number, string]) =>
        code === 6 && err.includes('already a config-profile named "base-2"'),
    );
    expect((await run('profile clone bas')).err).to.contain('did you mean base?');
  });

  it('keeps maintenance windows and freezes of a cluster', async () => {
    const nights = ['window', 'create', 'prod/nights', '--cron', '0 1 * * *', '--duration', '240'];
    const { code, err } = await cli(coordinator.restUrl, [...nights, '--time-zone', 'Europe/Berlin']);
    expect(code, err).to.equal(0);
    await good('window create prod/now --kind freeze --from 2026-01-01T00:00:00Z');
    const rows = (await good('window list --cluster prod --no-headers')).trim().split('\n');
    expect(rows.map((row) => row.split(/ +/).slice(0, 3))).to.deep.equal([
      ['prod', 'nights', 'window'],
      ['prod', 'now', 'freeze'],
    ]);
    expect(rows[1]).to.match(/ freeze +yes +- +-/);
    expect(await record('window show prod/nights')).to.deep.include({
      cron: '0 1 * * *',
      duration: 240,
      'time-zone': 'Europe/Berlin',
    });
    const wrong = await run('window set now --until tomorrow');
    expect([wrong.code, wrong.err]).to.satisfy(
      ([code, err]: [number, string]) => code === 2 && err.includes('--until must be a time with its offset'),
    );
    await good('window delete now --yes');
    expect(await good('window list -q')).to.match(/^\S+\n$/);
  });

  it('keeps schedules of jobs, with what they work on by name', async () => {
    const sundays = ['schedule', 'create', 'prod/sundays', '--job-type', 'restart', '--cron', '0 2 * * SUN'];
    const { code, err } = await cli(
      coordinator.restUrl,
      [...sundays, '--datacenter', 'prod/dc1', '--options', '-'],
      {
        stdin: 'only-stale: true\n',
      },
    );
    expect(code, err).to.equal(0);
    const dc = await record('dc show prod/dc1');
    expect(await record('schedule show prod/sundays')).to.deep.include({
      'job-scope': 'datacenter',
      'resource-id': dc['id'],
      options: { 'only-stale': true },
    });
    await good('schedule create prod/once --job-type check --at 2126-01-01T00:00:00Z');
    const rows = (await good('schedule list --cluster prod --no-headers')).trim().split('\n');
    expect(rows.map((row) => row.split(/ +/).slice(0, 5))).to.deep.equal([
      ['prod', 'sundays', 'restart', 'yes', (await record('schedule show sundays'))['next-on']],
      ['prod', 'once', 'check', 'yes', '2126-01-01T00:00:00.000Z'],
    ]);
    // As the coordinator leaves it once its time has come.
    await askDatabase(
      coordinator.databaseUrl,
      "update job_schedule set next_on = null where name = 'once'",
      [],
    );
    expect(await good('schedule list')).to.match(/^prod +once +check +yes +over /m);
    expect(await good('schedule show once')).to.match(/^next-on +over$/m);
    await good('schedule set sundays --enabled false --unset datacenter');
    expect(await good('schedule show sundays')).to.match(/^next-on +-$/m);
    expect(await record('schedule show sundays')).to.deep.include({
      ...{ enabled: false, 'next-on': null, 'job-scope': 'cluster', 'resource-id': null },
    });
    await good('schedule set sundays --node prod/dc1/n2');
    expect(await good('schedule show sundays'))
      .to.match(/^created-by +system$/m)
      .and.match(/^modified-by /m);
    expect(await good('schedule list -o wide')).to.match(/ CREATED-BY +MODIFIED-BY /);
    const both = await cli(coordinator.restUrl, ['schedule', 'set', 'once', '--cron', '0 1 * * *']);
    expect([both.code, both.err]).to.satisfy(
      ([code, err]: [number, string]) =>
        code === 1 && err.endsWith('\n  it has at: --unset at takes that back\n'),
    );
    expect(await good('schedule show sundays')).to.match(/^job-scope +node$/m);
    const wrong: [line: string, says: string][] = [
      [
        'schedule set sundays --node prod/dc1/n2 --datacenter prod/dc1',
        'name one target: --datacenter CLUSTER/DC or',
      ],
      ['schedule create prod/x --cron 1', 'must be a cron expression'],
      ['schedule create prod/x --at 2126-01-01T00:00:00Z', 'a schedule needs --job-type'],
    ];
    for (const [line, says] of wrong) {
      const { code, err } = await run(line);
      expect([code, err.includes(says)], `${line}: ${err}`).to.deep.equal([2, true]);
    }
    const stdin = '- a list\n';
    const list = await run('schedule set once --options -', { stdin });
    expect([list.code, list.err]).to.satisfy(
      ([code, err]: [number, string]) => code === 2 && err.includes('must be a map of parameters of the job'),
    );
    await good('schedule delete once --yes');
    expect(await good('schedule list -q')).to.match(/^\S+\n$/);
  });

  it('asks before it deletes, saying what goes along', async () => {
    const no = await run('cluster delete other', { answers: 'n' });
    expect([no.code, no.err]).to.satisfy(
      ([code, err]: [number, string]) =>
        code === 1 &&
        err.includes('Delete cluster other with its 1 datacenter and 2 nodes?') &&
        err.includes('nothing was done'),
    );
    const nobody = await run('cluster delete other');
    expect([nobody.code, nobody.err]).to.satisfy(
      ([code, err]: [number, string]) => code === 2 && err.includes('--yes'),
    );
    await good('cluster show other');
    await good('cluster delete other', { answers: 'y' });
    expect((await run('cluster show other')).code).to.equal(4);
  });

  it('prints an enrolment bundle of the node alone on stdout', async () => {
    const out = await good('node enrol prod/dc1/n1');
    expect(decodeBundle(out).nodeId).to.equal((await record('node show prod/dc1/n1'))['id']);
    expect(out.split('\n')).to.have.length(2);
  });

  it('shows and changes settings', async () => {
    expect(await good('settings set restart-idle-timeout=42 adoption-window=60')).to.match(
      /restart-idle-timeout +42 s/,
    );
    expect(JSON.parse(await good('settings set restart-idle-timeout=default -o json'))).to.deep.include({
      'restart-idle-timeout': 300,
      'adoption-window': 60,
    });
  });

  it('says that the URL of the server may be wrong, where it has a path', async () => {
    for (const line of ['ping', 'cluster list']) {
      const { code, err } = await run(`--server ${coordinator.restUrl}/x ${line}`);
      expect(code).to.equal(4);
      expect(err)
        .to.contain('There is no such path: /x/')
        .and.to.contain("the server's URL may be wrong: it is the coordinator's address, without a path\n");
    }
  });

  for (const [line, code, said] of [
    ['repo create packages', 6, 'There is already a repository named "packages"'],
    ['repo delete packages --yes', 6, 'referred to by cluster prod'],
    ['dc create dc7', 2, 'say where dc dc7 is to be: cluster/dc7'],
    ['dc create nowhere/dc7', 4, 'no cluster named nowhere'],
    ['node create prod/dc1/n9', 2, 'a node needs --ssh-management-address'],
    [
      'node create prod/dc1/n9 --ssh-management-address 0.0.0.0',
      2,
      '--ssh-management-address must be an IP address',
    ],
    [
      'node create prod/dc1/n9 --ssh-management-address 10.0.0.1 --seed maybe',
      2,
      '--seed must be true or false',
    ],
    ['node set prod/dc1/n1', 2, 'nothing to set'],
    ['node set prod/dc1/n1 --unset rak', 2, 'did you mean rack?'],
    ['cluster set prod --name other', 2, "unknown option '--name'"],
    ['credential create c --become-mode root', 2, '--become-mode must be one of sudo, su, direct'],
    ['profile create p --product cassandra --datastax-version 5.0.8 --json /nowhere', 2, 'no such file'],
    ['settings set restart-idle-timeout=0', 2, 'restart-idle-timeout must be from 1 to 86400'],
    ['settings set restart-idel-timeout=1', 2, 'did you mean restart-idle-timeout?'],
  ] as const)
    it(`ends \`${line}\` with ${code} and says ${said}`, async () => {
      const answer = await run(line);
      expect([answer.code, answer.out]).to.deep.equal([code, '']);
      expect(answer.err).to.contain(said);
    });
});
