// What an agent takes for leave to stop its node, over a real stream: nothing that it could not read, and no word about another message.
import * as grpc from '@grpc/grpc-js';
import { expect } from 'chai';
import { stayConnected } from '../../../agent/link/connection.ts';
import type { LeaveAnswer } from '../../../agent/stop-leave.ts';
import { realClock } from '../../../shared/clock.ts';
import { silentLogger } from '../../../shared/log.ts';
import { agentMessageFromWire } from '../../../shared/wire/codec.ts';
import { eventually } from '../../support/eventually.ts';
import { Scratch } from '../disk/scratch.ts';
import { inputJson, openRig, RUN, step } from '../run-rig.ts';
import { hear, type Stream, startStubCoordinator, WELCOME } from './stub-coordinator.ts';

describe('a question for leave on a stream', () => {
  const scratch = new Scratch();
  afterEach(() => scratch.end());

  /** An agent with a run that asks, and what it took for answers. */
  async function asking(): Promise<{ stream: Stream; questionId: string; answers: LeaveAnswer[] }> {
    const answers: LeaveAnswer[] = [];
    const leave = step('leave', async ({ askLeave, aborted }) => {
      for await (const answer of askLeave('127.0.0.1', aborted)) answers.push(answer);
    });
    const coordinator = await startStubCoordinator();
    scratch.atEnd(() => coordinator.stop());
    const rig = await openRig(await scratch.directory(), [leave]);
    const ending = new AbortController();
    const dialling = { addresses: [coordinator.address], credentials: grpc.credentials.createInsecure() };
    const parts = { ...rig, version: '1.2.3', hostname: 'host', log: silentLogger };
    const ended = stayConnected(dialling, parts, realClock, silentLogger, ending.signal);
    scratch.atEnd(async () => {
      ending.abort();
      await ended;
      await rig.close();
    });
    const stream = await coordinator.stream(0);
    stream.say(WELCOME);
    stream.say({ kind: 'start-run', runId: RUN, inputJson, secretsJson: '' });
    const [question] = await hear(stream, 'stop-question');
    return { stream, questionId: question?.questionId ?? '', answers };
  }

  it('is not answered by a message that the agent cannot read, or by a verdict that it does not know', async () => {
    const { stream, questionId, answers } = await asking();
    stream.sayRaw({});
    stream.sayRaw({ stopAnswer: { questionId, verdict: 9, message: 'of a later version' } });
    await hear(stream, 'unsupported', 2);
    stream.say({ kind: 'stop-answer', questionId, verdict: 'allowed', message: 'go', notes: [] });
    await eventually(() =>
      expect(answers.map((one) => one !== 'unsupported' && one.message)).to.include('go'),
    );
    expect(answers).to.have.length(1);
  });

  it('is answered by a coordinator from before it, in the words of one', async () => {
    const { stream, answers } = await asking();
    const unknown = agentMessageFromWire({} as Parameters<typeof agentMessageFromWire>[0]);
    if (unknown.kind !== 'unsupported') throw new Error('a message of no kind is unknown');
    stream.say(unknown);
    await eventually(() => expect(answers).to.deep.equal(['unsupported']));
  });
});
