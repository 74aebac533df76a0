// Jobs from the command line: what is printed where, and how each outcome ends.
import { expect } from 'chai';
import type { Step } from '../../../../agent/steps/step.ts';
import { StepFailed } from '../../../../shared/errors.ts';
import { type CliOptions, cli } from '../../../support/cli.ts';
import {
  modelCluster,
  startTestCoordinator,
  type TestCoordinator,
  WITH_PASSWORDS,
} from '../../../support/coordinator.ts';
import { eventually } from '../../../support/eventually.ts';
import { startLinkAgent } from '../../../support/link-agent.ts';
import { inDatabase } from '../../../support/sign-in.ts';

const ESC = '\u001b';

const quick: Step = {
  name: 'quick-step',
  async *run() {
    yield { type: 'check', subtype: 'looked', resource: null, message: 'looked at it', changes: false };
    yield { type: 'check', subtype: 'did', resource: null, message: 'did it', changes: true };
  },
};
const failing: Step = {
  name: 'failing-step',
  // biome-ignore lint/correctness/useYield: it fails before it has anything to tell
  async *run() {
    throw new StepFailed('disk-full', `no space ${ESC}[2J\u202eleft`, { cause: new Error('ENOSPC') });
  },
};

describe('ringmaster job', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  const agents: { stop(): Promise<void> }[] = [];
  before(async () => {
    coordinator = await startTestCoordinator();
    for (const [name, step] of [
      ['good', quick],
      ['bad', failing],
    ] as const) {
      const { nodeIds } = await modelCluster(coordinator, name, ['n1', 'n2']);
      for (const id of nodeIds) {
        const { body } = await coordinator.call('POST', `nodes/${id}/enrolment`);
        agents.push(await startLinkAgent(body.bundle, () => [step]));
      }
    }
    await modelCluster(coordinator, 'away', ['n1'], WITH_PASSWORDS);
  });
  after(async () => {
    for (const agent of agents) await agent.stop();
    await coordinator.remove();
  });
  const run = (line: string, options: CliOptions = {}) => cli(coordinator.restUrl, line.split(' '), options);
  const started = async (cluster: string): Promise<string> =>
    (await run(`job run restart --cluster ${cluster} -q`)).out.trim();
  const terminated = async (id: string): Promise<void> => {
    expect((await run(`job terminate ${id} --wait`)).code).to.equal(0);
  };

  it('starts a job and prints its id alone when asked to be quiet', async () => {
    const { code, out, err } = await run('job run restart --cluster good -q');
    expect([code, err]).to.deep.equal([0, '']);
    expect(out).to.match(/^[0-9a-f-]{36}\n$/);
    expect((await run(`job wait ${out.trim()}`)).code).to.equal(0);
  });

  it('shows what a job would do, and starts none', async () => {
    const plan = 'job run restart --cluster away --plan';
    const { code, out, err } = await run(plan);
    expect([code, out]).to.deep.equal([
      0,
      'BATCH  ABOUT   NODES\n1      1m 00s  dc1/n1\n1 batch, about 60 s, worst availability not known\n',
    ]);
    expect(err).to.contain('No restart of these nodes has been measured yet');
    expect(JSON.parse((await run(`${plan} -o json`)).out)).to.deep.include({ 'batch-count': 1 });
    expect((await run(`${plan} -q`)).out).to.match(/^[0-9a-f-]{36}\n$/);
    expect((await run(`${plan} --watch`)).code).to.equal(2);
    expect((await run('job list --cluster away -q')).out).to.equal('');
  });

  it('waits for the end, statuses on stderr and the job itself on stdout', async () => {
    const { code, out, err } = await run('job run restart --cluster good --wait -o json');
    expect(code).to.equal(0);
    expect(JSON.parse(out)).to.deep.include({ status: 'COMPLETE', 'cluster-name': 'good' });
    expect(err).to.contain('job   RUNNING').and.to.contain('restart of good is COMPLETE after');
  }).timeout(30_000);

  it('watches in plain lines on stdout where there is no terminal, without the checks that changed nothing', async () => {
    const { code, out } = await run('job run restart --cluster good --watch');
    expect(code).to.equal(0);
    const lines = out.trim().split('\n');
    expect(lines.filter((line) => line.endsWith('n1  ~ did it'))).to.have.length(1);
    expect(lines.at(-1)).to.match(/^\d\d:\d\d:\d\dZ job {3}COMPLETE$/);
    expect(out).not.to.contain('looked at it');
    expect((await run('job watch last --all')).out).to.contain('looked at it');
  });

  it("watches as one message of the stream a line with -o json: the API's own records", async () => {
    const { out } = await run('job watch last -o json');
    const messages = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(messages.at(-1)).to.deep.include({ kind: 'job' });
    expect(messages.map(({ data }) => data.type)).to.include.members(['job', 'job-event']);
  });

  it('ends with 3 and the reasons when a job fails, and shows nothing of the server that could steer a terminal', async () => {
    const { code, out, err } = await run('job run restart --cluster bad --watch');
    expect(code).to.equal(3);
    expect(err).to.contain('restart of bad ended FAILED').and.to.contain('n2: no space \\x1b[2J\\u202eleft');
    expect(out).to.contain('Not started because n2 failed');
    expect(out).to.match(/no space.*left\n +traceback of one line: --traceback shows it\n/);
    expect(out).not.to.contain('Error: ENOSPC');
    expect((await run('job watch last --traceback')).out).to.match(/no space.*left\n +Error: ENOSPC/);
    for (const text of [
      out,
      err,
      (await run('job events last -o yaml')).out,
      (await run('job events last -o json')).out,
    ])
      expect(text).not.to.match(new RegExp(`[${ESC}\u202e]`));
    const events = JSON.parse((await run('job events last -o json')).out) as { message: string }[];
    expect(events.map(({ message }) => message)).to.include(`no space ${ESC}[2J\u202eleft`);
  });

  it('shows a job with its nodes, and its errors with their tracebacks', async () => {
    const id = JSON.parse((await run('job list --cluster bad --limit 1 -o json')).out)[0].id;
    const shown = (await run(`job show ${id}`)).out;
    expect(shown)
      .to.match(/^status +FAILED$/m)
      .and.to.match(/^n2 +dc1 +FAILED$/m);
    const errors = (await run(`job events ${id} --errors`)).out;
    expect(errors)
      .to.match(/n2 +error +disk-full +no space/)
      .and.not.to.contain('Error: ENOSPC');
    const whole = (await run(`job events ${id} --errors --traceback`)).out;
    expect(whole.indexOf('\nno space')).to.be.greaterThan(0).and.below(whole.indexOf('\n  Error: ENOSPC'));
    expect(JSON.parse((await run(`job events ${id} --errors -o json`)).out)[0].traceback).to.contain(
      'ENOSPC',
    );
    expect((await run(`job events ${id} --node n1`)).out).to.match(/Not started/);
    const wrong = await run(`job events ${id} --node n3`);
    expect([wrong.code, wrong.err]).to.deep.equal([
      4,
      `error: the job has no node n3; did you mean n2?\n  \`ringmaster job show ${id}\` shows its nodes\n`,
    ]);
    expect((await run(`job show ${id}`)).err).to.contain(`why: ringmaster job events ${id} --errors\n`);
  });

  it('lists only what is asked for, by names and words and times', async () => {
    const listed = async (options: string) => JSON.parse((await run(`job list ${options} -o json`)).out);
    const failed = await listed('--status failed --since 1h --cluster bad');
    expect(failed).to.have.length.greaterThan(0);
    for (const job of failed) expect(job).to.deep.include({ status: 'FAILED', 'cluster-name': 'bad' });
    expect(await listed('--status FAILED --cluster good')).to.deep.equal([]);
    expect(await listed('--job-type install')).to.deep.equal([]);
    expect((await run('job list --until 2020-01-01')).err).to.contain('no such jobs');
    const events = async (options: string) =>
      (
        JSON.parse((await run(`job events ${failed[0].id} ${options} -o json`)).out) as { message: string }[]
      ).map(({ message }) => message);
    expect(await events('--event-subtype disk-full')).to.have.length(1);
    expect(await events('--text NO')).to.have.length(2);
    expect(await events('--node n1 --event-type milestone')).to.have.length(1);
    expect(await events('--changes')).to.deep.equal([]);
    expect((await run('node list --name n2 --no-headers')).out.trim().split('\n')).to.have.length(2);
  });

  it('gives up waiting with 124 while the job goes on', async () => {
    const id = await started('away');
    const { code, err } = await run(`job wait ${id} --timeout 1s`);
    expect([code, err]).to.satisfy(
      ([was, said]: [number, string]) =>
        was === 124 &&
        said.includes(`job ${id} is still PENDING after 1s`) &&
        said.includes(`job watch ${id}`),
    );
    await terminated(id);
  });

  it('refuses a limit on waiting without waiting, before anything is asked for', async () => {
    const count = async () => (await coordinator.call('GET', 'jobs/')).body.count;
    const before = await count();
    for (const line of ['job run restart --cluster good', 'job terminate last', 'job retry last']) {
      const { code, err } = await run(`${line} --timeout 5m`);
      expect([code, err]).to.satisfy(([was, said]: [number, string]) => was === 2 && said.includes('--wait'));
    }
    expect(await count()).to.equal(before);
  });

  it('takes an orphaned job for over when it is', async () => {
    const id = await started('away');
    const ended = `update job set status = 'ORPHANED', started_on = now(), ended_on = now() where id = '${id}'`;
    await inDatabase(coordinator.databaseUrl, ended);
    const shown = await run(`job show ${id}`);
    expect(shown.out).to.match(/^took /m);
    expect(shown.err).to.contain(`its events: ringmaster job events ${id}`);
  });

  it('says what a job waits for', async () => {
    const id = await started('away');
    await eventually(async () => expect((await run(`job show ${id}`)).out).to.match(/^waiting for +.*n1/m));
    await terminated(id);
    expect((await run(`job wait ${id}`)).code).to.equal(3);
  });

  it('calls ending a job that is over a conflict', async () => {
    const { out } = await run('job list --cluster good -q --limit 1');
    expect((await run(`job terminate ${out.trim()}`)).code).to.equal(6);
  });

  it('stops watching at Ctrl-C with 130 and leaves the job alone', async () => {
    const id = await started('away');
    const interrupted = new AbortController();
    const watching = run(`job watch ${id}`, { interrupted: interrupted.signal });
    await eventually(async () => expect((await run(`job show ${id}`)).out).to.contain('waiting for'));
    interrupted.abort();
    expect(await watching).to.deep.include({ code: 130 });
    expect(JSON.parse((await run(`job show ${id} -o json`)).out).status).to.equal('PENDING');
    await terminated(id);
  });

  it('starts a job again with its own options on its own target', async () => {
    const before = (
      await run('job run restart --node good/dc1/n2 --continue-on-error --batch-size 2 --description why -q')
    ).out.trim();
    await run(`job wait ${before}`);
    const again = JSON.parse((await run(`job retry ${before} --all-nodes --wait -o json`)).out);
    expect(again).to.deep.include({ 'node-name': 'n2', description: 'why', status: 'COMPLETE' });
    expect(again.id).not.to.equal(before);
    expect(again['job-data']).to.deep.equal({
      'job-type': 'restart',
      'continue-on-error': true,
      'batch-size': 2,
    });
  });

  it('does not start a job again whose secret cannot be read back', async () => {
    const id = (
      await run('job run install --cluster away --change-default-cassandra-password-from env:NEW -q', {
        env: { NEW: 'hidden' },
      })
    ).out.trim();
    await terminated(id);
    const { code, err } = await run(`job retry ${id}`);
    expect(code).to.equal(2);
    expect(err).to.contain('change-default-cassandra-password, which cannot be read back');
  });

  it('takes no secret from the command line, and does not repeat it', async () => {
    const { code, out, err } = await run(
      'job run install --cluster away --change-default-cassandra-password hidden',
    );
    expect(code).to.equal(2);
    expect(out + err)
      .to.contain('--change-default-cassandra-password-from')
      .and.not.to.contain('hidden');
  });

  for (const [line, code, said] of [
    ['job run restart --cluster godo', 4, 'no cluster named godo; did you mean good?'],
    ['job run restart --node n1', 2, 'n1 is the name of 3 nodes; say which:'],
    ['job run restart', 2, 'name one target'],
    ['job run restart --cluster good --node n1', 2, 'name one target'],
    ['job run restart --cluster good --batch-size 0', 2, '--batch-size must be from 1 to 10000'],
    [
      'job run restart --cluster good --concurrency-strategy all',
      2,
      'must be one of default, node-per-cluster-at-a-time',
    ],
    ['job run restrat --cluster good', 2, 'restart'],
    ['job run upgrade', 2, 'name one target: --datacenter CLUSTER/DC or --node CLUSTER/DC/NODE'],
    ['job run upgrade --cluster good', 2, "unknown option '--cluster'"],
    ['job wait 5f0c1c4e-0000-4000-8000-000000000000', 4, 'no job with id'],
    ...(['show', 'events', 'watch', 'wait'] as const).map(
      (verb) => [`job ${verb} nope`, 4, 'no job nope: jobs go by their id, or by "last"'] as const,
    ),
    ['job terminate nope', 4, 'no job nope: jobs go by their id\n  `ringmaster job list`'],
    ['job retry nope', 4, 'no job nope: jobs go by their id\n'],
    ['definitions show nope', 4, 'nope\n  `ringmaster definitions list`'],
    ['job terminate last', 2, 'name it by its id'],
    ['job wait last --timeout 25d', 2, '--timeout 25d: must be at most 24d'],
    ['job list --status DONE', 2, '--status must be one of PENDING'],
    ['job list --since yesterday', 2, '--since must be a time like'],
    ['job list --cluster godo', 4, 'did you mean good?'],
    ['job list -o xml', 2, 'table, wide, json, yaml'],
    ['job', 2, 'start, follow, end'],
  ] as const)
    it(`ends \`${line}\` with ${code} and says ${said}`, async () => {
      const answer = await run(line);
      expect([answer.code, answer.out]).to.deep.equal([code, '']);
      expect(answer.err).to.contain(said);
    });
});
