// The CLI as a process of its own: exit codes, what goes to stdout and what to stderr, signals, pipes and a terminal.
import { spawn } from 'node:child_process';
import { connect, createServer, type Socket } from 'node:net';
import { expect } from 'chai';
import type { Step, StepContext } from '../../../agent/steps/step.ts';
import { type CliAnswer, cli, cliArgv, startCli } from '../../support/cli.ts';
import { modelCluster, startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { eventually } from '../../support/eventually.ts';
import { startLinkAgent } from '../../support/link-agent.ts';

const ESC = '\u001b';

/** A step that tells one event, waits to be let on, and tells another. */
class Gate {
  #open: () => void = () => {};
  step(): Step {
    const opened = new Promise<void>((resolve) => (this.#open = resolve));
    return {
      name: 'pass-gate',
      async *run({ aborted }: StepContext) {
        yield { type: 'check', subtype: 'gate', resource: null, message: 'at the gate', changes: true };
        await Promise.race([opened, new Promise((resolve) => aborted.addEventListener('abort', resolve))]);
        aborted.throwIfAborted();
        yield { type: 'check', subtype: 'gate', resource: null, message: 'past the gate', changes: true };
      },
    };
  }
  open(): void {
    this.#open();
  }
}

/** A way to the coordinator that can be cut. */
async function startProxy(url: string) {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    cut,
    stop: async () => {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('the program ringmaster', function () {
  this.timeout(90_000);
  let coordinator: TestCoordinator;
  let agent: { stop(): Promise<void> };
  const gate = new Gate();
  before(async () => {
    coordinator = await startTestCoordinator();
    const { nodeIds } = await modelCluster(coordinator, 'prod', ['node-with-a-long-name']);
    const { body } = await coordinator.call('POST', `nodes/${nodeIds[0]}/enrolment`);
    agent = await startLinkAgent(body.bundle, () => [gate.step()]);
    await modelCluster(coordinator, 'away', ['n1']);
  });
  after(async () => {
    await agent.stop();
    await coordinator.remove();
  });
  const run = (line: string, env = {}): Promise<CliAnswer> =>
    startCli(coordinator.restUrl, line.split(' ').filter(Boolean), env).ended;
  const here = async (line: string): Promise<string> =>
    (await cli(coordinator.restUrl, line.split(' '))).out.trim();

  for (const [line, code, env] of [
    ['ping', 0, {}],
    ['--help', 0, {}],
    ['--version', 0, {}],
    ['', 2, {}],
    ['job run restart', 2, {}],
    ['cluster show nowhere', 4, {}],
    ['repo create prod-repository', 6, {}],
    ['profile create p --datastax-version 6.8.1 --json /dev/null', 2, {}],
    ['ping', 7, { RINGMASTER_URL: 'http://127.0.0.1:1' }],
    ['job run install --cluster away --description x --wait --timeout 1ms', 124, {}],
  ] as const)
    it(`ends \`ringmaster ${line}\` with ${code}${'RINGMASTER_URL' in env ? ' where nobody answers' : ''}, data on stdout or a reason on stderr`, async () => {
      const answer = await run(line, env);
      expect(answer.code, answer.err).to.equal(code);
      expect(code === 0 ? answer.err : answer.out).to.equal('');
      expect(code === 0 ? answer.out : answer.err).not.to.equal('');
    });

  it('shows of a node whether its agent is connected', async () => {
    await eventually(async () =>
      expect(await here('node show prod/dc1/node-with-a-long-name')).to.match(/^agent +connected, \S+$/m),
    );
  });

  it('does not mind a reader that has seen enough', async () => {
    const { child, ended } = startCli(coordinator.restUrl, ['cluster', 'list']);
    child.stdout.destroy();
    expect(await ended).to.deep.include({ code: 0, err: '' });
  });

  it('ends with 130 at Ctrl-C and leaves the job alone', async () => {
    const id = await here('job run restart --cluster away -q');
    const { child, printed, ended } = startCli(coordinator.restUrl, ['job', 'watch', id]);
    await eventually(() => expect(printed.out).to.contain('waiting'), { withinMs: 30_000 });
    child.kill('SIGINT');
    expect(await ended).to.deep.include({ code: 130 });
    expect(JSON.parse(await here(`job show ${id} -o json`)).status).to.equal('PENDING');
    await cli(coordinator.restUrl, ['job', 'terminate', id]);
  });

  it('takes a job up where its connection broke, and says so', async () => {
    const proxy = await startProxy(coordinator.restUrl);
    const id = await here('job run restart --cluster prod -q');
    const { printed, ended } = startCli(proxy.url, ['job', 'watch', id]);
    await eventually(() => expect(printed.out).to.contain('at the gate'), { withinMs: 30_000 });
    proxy.cut();
    await eventually(() => expect(printed.err).to.contain('connected again; nothing was missed'));
    gate.open();
    const { code, out, err } = await ended;
    await proxy.stop();
    expect(code, err).to.equal(0);
    expect(err).to.contain('connection lost');
    for (const once of ['job started...', 'at the gate', 'past the gate', 'job ended COMPLETE'])
      expect(out.split(once), once).to.have.length(2);
  });

  describe('on a terminal', () => {
    /** Through script(1), which gives it a pseudo-terminal of 60 columns and 8 rows. */
    function onTerminal(args: readonly string[], env: Record<string, string> = {}) {
      const words = [...cliArgv(), ...args].map((word) => `'${word}'`).join(' ');
      const child = spawn('script', ['-qec', `stty cols 60 rows 8; exec ${words}`, '/dev/null'], {
        env: {
          ...process.env,
          TERM: 'xterm',
          NO_COLOR: '',
          HOME: '/nonexistent',
          RINGMASTER_URL: coordinator.restUrl,
          ...env,
        },
      });
      const screen = { text: '' };
      child.stdout.on('data', (chunk) => (screen.text += chunk));
      const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
      return { child, screen, ended };
    }
    /** What was drawn one after the other, without colours. */
    const pictures = (text: string): string[][] =>
      text
        .split(`${ESC}[?2026h`)
        .slice(1)
        .map((picture) =>
          picture
            .replaceAll(new RegExp(`${ESC}\\[[?\\d]*[a-zA-Z]`, 'g'), '')
            .split('\r\n')
            .map((line) => line.replace('\r', '')),
        );

    it('redraws a row for each node in place, in colour, and never wider than the terminal', async () => {
      const { screen, ended } = onTerminal(['job', 'run', 'restart', '--cluster', 'prod', '--watch']);
      // A line between says what the job waits for until it runs; a step that is known takes room from the name.
      const atTheGate = /^▸ +node-wit\S+ame +dc1 +RUNNING .*at the gate/;
      await eventually(
        () => expect(pictures(screen.text).some((lines) => atTheGate.test(lines[1] ?? ''))).to.equal(true),
        { withinMs: 30_000 },
      );
      gate.open();
      expect(await ended, screen.text).to.equal(0);
      const drawn = pictures(screen.text);
      expect(drawn.length).to.be.greaterThan(1);
      expect(screen.text).to.contain(`${ESC}[2A${ESC}[J`).and.to.contain(`${ESC}[36mRUNNING`);
      expect(drawn.at(-1)?.slice(0, 2).join('\n'), JSON.stringify(drawn.slice(-2))).to.match(
        /^restart of prod {2}COMPLETE {2}\S+ {2}1 of 1 nodes done\n✓ +node-with-a-long-name +dc1 +COMPLETE$/,
      );
      for (const line of drawn.slice(0, -1).flat()) expect(line.length, line).to.be.at.most(60);
      expect(screen.text.trimEnd()).to.match(/restart of prod is COMPLETE after \S+$/);
    });

    for (const [what, args, env] of [
      ['NO_COLOR', [], { NO_COLOR: '1' }],
      ['--no-color', ['--no-color'], {}],
    ] as const)
      it(`redraws without colours with ${what}, and ends with 130 at Ctrl-C`, async () => {
        const id = await here('job run restart --cluster away -q');
        const { child, screen, ended } = onTerminal(['job', 'watch', id, ...args], env);
        await eventually(() => expect(pictures(screen.text).length).to.be.greaterThan(1), {
          withinMs: 30_000,
        });
        child.stdin.write('\u0003');
        expect(await ended, screen.text).to.equal(130);
        expect(screen.text).not.to.match(new RegExp(`${ESC}\\[\\d*m`));
        await cli(coordinator.restUrl, ['job', 'terminate', id]);
      });

    it('asks a person before it deletes', async () => {
      const { child, screen, ended } = onTerminal(['cluster', 'delete', 'away']);
      await eventually(() => expect(screen.text).to.contain('[y/N]'), { withinMs: 30_000 });
      child.stdin.write('n\n');
      expect(await ended).to.equal(1);
      expect(screen.text).to.contain('nothing was done');
      expect(await here('cluster show away -q')).not.to.equal('');
    });
  });
});
