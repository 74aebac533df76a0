// The agent's side of leave to stop a node: answers in their order, asked anew on each stream; and how it looks at the ring for others.
import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { type LeaveAnswer, StopLeave } from '../../agent/stop-leave.ts';
import { silentLogger } from '../../shared/log.ts';
import type { AgentMessage } from '../../shared/wire/messages.ts';
import { FakeHost } from '../support/fake-host.ts';

/** What a coordinator from before the question says of it. */
const UNKNOWN = 'agent message undefined';
const LOOK = { kind: 'look-at-ring', questionId: 'q', address: '127.0.0.2', round: 3 } as const;

function asking() {
  const sent: AgentMessage[] = [];
  const leave = new StopLeave(new FakeHost(), () => null, silentLogger);
  leave.attached((message) => sent.push(message));
  const ending = new AbortController();
  const answers = leave.ask('run', '::0:1', ending.signal);
  const next = async (): Promise<LeaveAnswer | undefined> => (await answers.next()).value ?? undefined;
  const questionId = (): string => {
    const last = sent.at(-1);
    return last?.kind === 'stop-question' ? last.questionId : '';
  };
  const answer = (verdict: 'wait' | 'allowed', message: string): void =>
    leave.answered({ kind: 'stop-answer', questionId: questionId(), verdict, message, notes: [] });
  return { sent, leave, ending, next, answer };
}

describe('asking for leave to stop a node', () => {
  it('brings every answer, and ends after one that is no wait', async () => {
    const { next, answer, sent } = asking();
    const first = next();
    expect(sent[0]).to.deep.include({ kind: 'stop-question', runId: 'run', address: '::1' });
    answer('wait', 'one');
    answer('allowed', 'two');
    expect(await first).to.deep.include({ message: 'one' });
    expect(await next()).to.deep.include({ verdict: 'allowed', message: 'two' });
    expect(await next()).to.equal(undefined);
  });

  it('is done again on a new stream, where nothing that an older one said counts', async () => {
    const { leave, next, answer, sent } = asking();
    const first = next();
    answer('wait', 'one');
    await first;
    answer('allowed', 'stale');
    leave.attached((message) => sent.push(message));
    expect(sent[1]).to.deep.equal(sent[0]);
    const second = next();
    answer('wait', 'fresh');
    expect(await second).to.deep.include({ message: 'fresh' });
  });

  it('ends without an answer when its run is to stop', async () => {
    const { ending, next } = asking();
    const first = next();
    ending.abort();
    expect(await first).to.equal(undefined);
  });

  it('takes no word about another message for an answer', async () => {
    const { leave, next, answer } = asking();
    const first = next();
    leave.unsupported('peer sight 9');
    answer('wait', 'one');
    expect(await first).to.deep.include({ message: 'one' });
  });

  it('takes "unsupported" for an answer only from a coordinator that has not answered', async () => {
    const old = asking();
    const first = old.next();
    old.leave.unsupported(UNKNOWN);
    expect(await first).to.equal('unsupported');
    const { leave, next, answer } = asking();
    const known = next();
    answer('wait', 'one');
    await known;
    leave.unsupported(UNKNOWN);
    answer('allowed', 'two');
    expect(await next()).to.deep.include({ message: 'two' });
  });
});

describe('looking at the ring', () => {
  const own = () => ({ directory: '/srv/node1', jmxPort: 7199 });

  it('is done one after the other, and not for a round that was given up before its turn came', async () => {
    const host = new FakeHost();
    host.startNode();
    let [atIt, most] = [0, 0];
    const jmx = host.jmx.bind(host);
    host.jmx = async () => {
      atIt += 1;
      most = Math.max(most, atIt);
      const node = await jmx();
      await turn();
      const close = (): void => {
        atIt -= 1;
      };
      return { ...node, close };
    };
    const leave = new StopLeave(host, own, silentLogger);
    const asked = [
      { ...LOOK, questionId: 'a' },
      { ...LOOK, questionId: 'b', round: 1 },
      { ...LOOK, questionId: 'b', round: 2 },
      { ...LOOK, questionId: 'b', round: 2 },
    ];
    const views = await Promise.all(asked.map((look) => leave.look(look)));
    expect(views.map((view) => view.kind === 'ring-view' && view.problem)).to.deep.equal([
      '',
      'it was asked anew before its turn came',
      '',
      '',
    ]);
    expect(most).to.equal(1);
  });

  it('says what the node here sees, or why it could not look', async () => {
    const host = new FakeHost();
    const told = new StopLeave(host, () => ({ directory: '/srv/node1', jmxPort: 7199 }), silentLogger);
    const view = async (leave: StopLeave) => {
      const message = await leave.look(LOOK);
      if (message.kind !== 'ring-view') throw new Error('a look is answered with a view');
      expect(message).to.include({ questionId: 'q', round: 3 });
      return message;
    };
    expect(await view(told)).to.include({ problem: 'no database node runs there', down: true });
    host.startNode();
    expect(JSON.parse((await view(told)).viewJson)).to.deep.equal(host.ringView);
    host.faults.set('ringView', new Error('no ranges', { cause: new Error('too many objects') }));
    expect(await view(told)).to.include({
      problem: 'its database node does not tell over JMX what it sees: no ranges: too many objects',
      down: false,
    });
    host.faults.set('ringView', new Error('refused'));
    expect((await view(told)).problem).to.match(/what it sees: refused$/);
    host.faults.delete('ringView');
    const replicas = Array.from(
      { length: 60_000 },
      (_, at) => `10.0.${at >> 8}.${at & 255} and its long name`,
    );
    const replicaSets = [{ replicas, ranges: 1, sample: '(0, 1]' }];
    host.ringView = { ...host.ringView, keyspaces: [{ name: 'k', copies: null, replicaSets }] };
    expect((await view(told)).problem).to.match(
      /^what its database node sees is too large to be sent \(\d+ bytes\)$/,
    );
    const untold = new StopLeave(host, () => null, silentLogger);
    expect((await view(untold)).problem).to.contain('was not told');
  });
});
