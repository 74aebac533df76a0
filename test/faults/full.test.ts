// No room left for what an agent has to say: the bound of its outbox reached, or its disk full, and then it is killed too.
import { execFileSync } from 'node:child_process';
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type AgentProgram, startAgentProgram } from '../support/agent-program.ts';
import { modelCluster, startTestCoordinator, type TestCoordinator } from '../support/coordinator.ts';
import { eventually } from '../support/eventually.ts';
import { becomes, jobOf, postRestart } from '../support/jobs.ts';
import { followLive, type LiveStream } from '../support/live-stream.ts';
import { startWire, type Wire } from '../support/wire.ts';

const isRoot = process.getuid?.() === 0;

describe('an agent without room for its events', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  let wire: Wire;
  let isOpen = true;
  const ends: (() => Promise<unknown>)[] = [];
  before(async () => {
    coordinator = await startTestCoordinator();
    wire = await startWire(() => (isOpen ? { host: '127.0.0.1', port: coordinator.grpcPort } : null));
  });
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
  after(async () => {
    await wire.close();
    await coordinator.remove();
  });

  const setOpen = (open: boolean): void => {
    isOpen = open;
    if (!open) wire.cut();
  };
  async function startTalking(name: string, given: Parameters<typeof startAgentProgram>[1], at?: string) {
    setOpen(true);
    const { clusterId, nodeIds } = await modelCluster(coordinator, name, ['n1']);
    const { body } = await coordinator.call('POST', `nodes/${nodeIds[0]}/enrolment`);
    const addresses = [`127.0.0.1:${wire.port}`];
    const agent = await startAgentProgram(
      body.bundle,
      { addresses, textBytes: 500, paceMs: 1, ...given },
      at,
    );
    ends.push(() => agent.remove());
    const id = await postRestart(coordinator, clusterId);
    const live = await followLive(coordinator.restUrl, id);
    ends.push(async () => live.close());
    await eventually(() => expect(live.messages).to.have.length.above(20));
    return { id, agent, live };
  }
  const segmentsOf = ({ directory }: AgentProgram): string => {
    const outbox = join(directory, 'outbox');
    const names = readdirSync(outbox).filter((name) => name.endsWith('.log'));
    return names.map((name) => readFileSync(join(outbox, name), 'latin1')).join('');
  };
  /** Dense, complete, and of the talk nothing twice and nothing out of order. */
  async function isWhole(id: string, live: LiveStream): Promise<void> {
    await live.ended;
    expect(live.numbers).to.deep.equal(live.messages.map((_, at) => at + 1));
    expect(await jobOf(coordinator, id)).to.deep.include({
      'events-complete': true,
      'event-count': live.messages.length,
    });
  }

  it('because its outbox is full tells how many are lost, also when it is killed then, and the run comes to its end', async () => {
    const outbox = { mostBytes: 96 * 1024, segmentBytes: 16 * 1024, reserveBytes: 4096 };
    const { id, agent, live } = await startTalking('bound', { outbox });
    setOpen(false);
    await eventually(() => expect(segmentsOf(agent)).to.match(/\["drops",/));
    await agent.kill();
    setOpen(true);
    void agent.startAgain();
    await eventually(() =>
      expect(live.messages.some((message) => message.endsWith('are lost'))).to.equal(true),
    );
    agent.openGate();
    await becomes(coordinator, id, 'COMPLETE');
    await isWhole(id, live);
    const lost = live.messages.findIndex((message) => message.includes('could not be kept'));
    expect(live.messages[lost]).to.match(/^[1-9]\d* events could not be kept on this host and are lost$/);
    const before = live.messages.slice(1, lost).map((message) => Number(message.split(' ')[0]));
    expect(before).to.deep.equal(before.map((_, at) => at + 1));
  });

  // Only root may mount a small disk.
  if (isRoot) {
    it('because its disk is full ends the run with that as its reason, whether it is killed then or not', async () => {
      const directory = await mkdtemp(join(tmpdir(), 'small-disk-'));
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', directory]);
      ends.push(async () => {
        execFileSync('umount', ['-l', directory]);
        await rm(directory, { recursive: true, force: true });
      });
      const filler = join(directory, 'filler');
      const outbox = { mostBytes: 64 * 1024 * 1024, segmentBytes: 256 * 1024, reserveBytes: 64 * 1024 };
      const { id, agent, live } = await startTalking('disk', { outbox }, directory);
      setOpen(false);
      writeFileSync(filler, '');
      for (const bytes of [65_536, 4_096, 1]) {
        try {
          for (;;) appendFileSync(filler, Buffer.alloc(bytes, 1));
        } catch {
          // full, to within `bytes`
        }
      }
      await eventually(() => expect(segmentsOf(agent)).to.match(/\["finish",/));
      await agent.kill();
      expect(await agent.startAgain(), 'a full disk is no place to start').to.equal(1);
      expect(agent.said()).to.equal('no space left to record events, and the reserve is used up\n');
      await rm(filler);
      setOpen(true);
      void agent.startAgain();
      await becomes(coordinator, id, 'FAILED');
      await isWhole(id, live);
      expect(live.messages.slice(-2)).to.deep.equal([
        'no space left to record events, and the reserve is used up',
        'job ended FAILED',
      ]);
    });
  }
});
