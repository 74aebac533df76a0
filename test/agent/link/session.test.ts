// The agent's side of the link against a real gRPC server: hello, records within the credit, orders, and what a cut stream costs.
import * as grpc from '@grpc/grpc-js';
import { expect } from 'chai';
import { stayConnected } from '../../../agent/link/connection.ts';
import { LinkState } from '../../../agent/status/link-state.ts';
import type { Step } from '../../../agent/steps/step.ts';
import { realClock } from '../../../shared/clock.ts';
import { type Logger, silentLogger } from '../../../shared/log.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { heardLog } from '../../support/heard-log.ts';
import { failingDisk } from '../disk/failing-disk.ts';
import { Scratch } from '../disk/scratch.ts';
import { inputJson, inWords, openRig, type RigOptions, RUN, step, untilAborted } from '../run-rig.ts';
import { hear, heardOf, type Stream, startStubCoordinator, WELCOME } from './stub-coordinator.ts';

const START = { kind: 'start-run', runId: RUN, inputJson, secretsJson: '' } as const;

const recordsOf = (stream: Stream) => heardOf(stream, 'record-batch').flatMap(({ records }) => records);

describe('link session', () => {
  const scratch = new Scratch();
  afterEach(() => scratch.end());

  async function connect(
    steps: readonly Step[],
    {
      deadAddresses = [],
      log = silentLogger,
      ...options
    }: RigOptions & { deadAddresses?: string[]; log?: Logger } = {},
  ) {
    const coordinator = await startStubCoordinator();
    scratch.atEnd(() => coordinator.stop());
    const rig = await openRig(await scratch.directory(), steps, options);
    const ending = new AbortController();
    const state = new LinkState(0);
    const ended = stayConnected(
      {
        addresses: [...deadAddresses, coordinator.address],
        credentials: grpc.credentials.createInsecure(),
        state,
      },
      { ...rig, version: '1.2.3', hostname: 'host', log: silentLogger },
      realClock,
      log,
      ending.signal,
    );
    scratch.atEnd(async () => {
      ending.abort();
      await ended;
      await rig.close();
    });
    return { coordinator, rig, ended, ending, state };
  }

  it('says hello first, and nothing else before it is welcome', async () => {
    const { coordinator, rig } = await connect([]);
    const stream = await coordinator.stream(0);
    await rig.outbox.append(RUN, { kind: 'finished', finish: { outcome: 'stopped', reason: null, atMs: 1 } });
    expect(stream.heard).to.have.length(1);
    expect(stream.heard[0]).to.include({ kind: 'hello', version: '1.2.3', hostname: 'host' });
    stream.say(WELCOME);
    await hear(stream, 'record-batch');
  });

  it('warns of each reason why it is not connected once an outage', async () => {
    const rig = await openRig(await scratch.directory(), []);
    const { log, lines } = heardLog(false);
    const ending = new AbortController();
    let tries = 0;
    const impatient = { ...realClock, wait: async () => void (++tries === 4 && ending.abort()) };
    const addresses = [`127.0.0.1:${await freePort()}`];
    const credentials = grpc.credentials.createInsecure();
    const parts = { ...rig, version: '1.2.3', hostname: 'host', log };
    await stayConnected({ addresses, credentials }, parts, impatient, log, ending.signal);
    await rig.close();
    expect(tries).to.equal(4);
    expect(lines.filter((line) => line.includes('"not connected"'))).to.have.length(1);
  });

  it('carries a run out and lets go of it once its records are acknowledged', async () => {
    const { coordinator, rig } = await connect([step('first')]);
    const stream = await coordinator.stream(0);
    stream.say(WELCOME);
    stream.say(START);
    await hear(stream, 'run-accepted');
    await eventually(() => {
      expect(recordsOf(stream).at(-1)?.body.kind).to.equal('finished');
    });
    expect(recordsOf(stream).map(({ seq }) => seq)).to.deep.equal([1, 2]);
    expect(inWords(recordsOf(stream).map(({ body }) => body))).to.deep.equal(['first', 'succeeded']);
    stream.say({ kind: 'ack', acks: [{ runId: RUN, seq: 2 }], batches: 2 });
    await eventually(() => expect(rig.runner.heldRunIds()).to.deep.equal([]));
    expect(rig.outbox.pendingCount()).to.equal(0);
  });

  it('says at once how far a run is that it takes on, and soon to which step it has come', async () => {
    let goOn: () => void = () => {};
    const gate = new Promise<void>((resolve) => (goOn = resolve));
    const { coordinator } = await connect([step('first', () => gate), step('second', untilAborted)]);
    const stream = await coordinator.stream(0);
    stream.say({ ...WELCOME, heartbeatWithRunMs: 3_600_000 });
    stream.say(START);
    const [heartbeat] = await hear(stream, 'heartbeat');
    expect(heartbeat?.runs).to.have.length(1);
    expect(heartbeat?.runs[0]).to.include({ runId: RUN, stepNumber: 1, stepCount: 2, step: 'first' });
    expect(stream.heard.map(({ kind }) => kind)).to.include('run-accepted');
    goOn();
    const [, another] = await hear(stream, 'heartbeat', 2);
    expect(another?.runs[0]).to.include({ stepNumber: 2, step: 'second' });
  });

  it('accepts a run that it holds already without doing it twice, and refuses one that it cannot read', async () => {
    const { coordinator } = await connect([step('first', untilAborted)]);
    const stream = await coordinator.stream(0);
    stream.say(WELCOME);
    stream.say(START);
    stream.say(START);
    await hear(stream, 'run-accepted', 2);
    stream.say({ ...START, runId: '0192f000-0000-7000-8000-000000000002', inputJson: '{}' });
    await hear(stream, 'run-refused');
    await eventually(() => expect(recordsOf(stream)).to.have.length(1));
  });

  it('never has more batches unacknowledged than it was given credit for', async () => {
    const { coordinator, rig } = await connect([]);
    const stream = await coordinator.stream(0);
    const said = (message: string) => ({ kind: 'event', event: { type: 'check', message } });
    await Promise.all(Array.from({ length: 1_000 }, (_, n) => rig.outbox.append(RUN, said(`event ${n}`))));
    stream.say({ ...WELCOME, creditBatches: 2 });
    const [first] = await hear(stream, 'record-batch', 2);
    expect(first?.records).to.have.length(200);
    stream.say({ kind: 'watch-peer', questionId: 'q', address: '127.0.0.1', withinMs: 1 });
    await hear(stream, 'peer-view'); // a third batch would have come before it
    expect(heardOf(stream, 'record-batch')).to.have.length(2);
    stream.say({ kind: 'ack', acks: [{ runId: RUN, seq: 200 }], batches: 1 });
    await hear(stream, 'record-batch', 3);
    stream.say({ kind: 'watch-peer', questionId: 'r', address: '127.0.0.1', withinMs: 1 });
    await hear(stream, 'peer-view', 2);
    expect(recordsOf(stream).map(({ seq }) => seq)).to.deep.equal(
      Array.from({ length: 600 }, (_, n) => n + 1),
    );
  });

  it('comes back after a cut stream, names its run, and tells again only what was not acknowledged', async () => {
    const { coordinator, rig } = await connect([step('first'), step('second', untilAborted)]);
    const before = await coordinator.stream(0);
    before.say(WELCOME);
    before.say(START);
    await eventually(() => expect(recordsOf(before)).to.have.length(2));
    before.say({ kind: 'ack', acks: [{ runId: RUN, seq: 1 }], batches: 1 });
    await eventually(() => expect(rig.outbox.pendingCount()).to.equal(1));
    before.cut();
    const after = await coordinator.stream(1);
    expect(heardOf(after, 'hello')[0]?.runIds).to.deep.equal([RUN]);
    after.say({ ...WELCOME, secrets: [{ runId: RUN, secretsJson: '{}' }] });
    await hear(after, 'record-batch');
    expect(recordsOf(after).map(({ seq }) => seq)).to.deep.equal([2]);
  });

  it('comes back when its records cannot be read, and sends them then', async () => {
    const { coordinator, rig } = await connect([]);
    const before = await coordinator.stream(0);
    const take = rig.outbox.take.bind(rig.outbox);
    rig.outbox.take = () => {
      rig.outbox.take = take;
      throw Object.assign(new Error('EMFILE: too many open files, open'), { code: 'EMFILE' });
    };
    await rig.outbox.append(RUN, { kind: 'event', event: { type: 'check', message: 'kept' } });
    before.say(WELCOME);
    const after = await coordinator.stream(1);
    after.say(WELCOME);
    await hear(after, 'record-batch');
    expect(recordsOf(after).map(({ seq }) => seq)).to.deep.equal([1]);
  });

  it('finds a living coordinator behind dead addresses', async () => {
    const { coordinator } = await connect([], {
      deadAddresses: ['127.0.0.1:1', '127.0.0.1:2', '127.0.0.1:3'],
    });
    (await coordinator.stream(0)).say(WELCOME);
  });

  it('lets go of a fenced run and refuses it ever after', async () => {
    const { coordinator } = await connect([step('first', untilAborted)]);
    const stream = await coordinator.stream(0);
    stream.say(WELCOME);
    stream.say(START);
    await hear(stream, 'run-accepted');
    stream.say({ kind: 'fence-run', runId: RUN });
    await hear(stream, 'let-go');
    stream.say(START);
    await hear(stream, 'run-refused');
  });

  it('refuses a run that it cannot put on its disk, and names the disk', async () => {
    const disk = failingDisk('EROFS');
    const { coordinator } = await connect([step('first')], { journal: { openFile: disk.openFile } });
    const stream = await coordinator.stream(0);
    stream.say(WELCOME);
    disk.fail();
    stream.say(START);
    const [refused] = await hear(stream, 'run-refused');
    expect(refused?.reason).to.match(/^the agent could not write its own records: \/.*\/journal$/);
  });

  it('ends the stream over an order that it cannot carry out, and is ready for it on the next', async () => {
    const disk = failingDisk('EIO');
    const { coordinator } = await connect([step('first', untilAborted)], {
      journal: { openFile: disk.openFile },
    });
    const before = await coordinator.stream(0);
    before.say(WELCOME);
    before.say(START);
    await hear(before, 'run-accepted');
    for (const [index, order] of [
      { kind: 'stop-run', runId: RUN } as const,
      { kind: 'fence-run', runId: RUN } as const,
    ].entries()) {
      const stream = await coordinator.stream(index);
      if (index > 0) stream.say(WELCOME);
      disk.fail();
      stream.say(order);
      await coordinator.stream(index + 1);
      disk.heal();
      expect(heardOf(stream, 'let-go')).to.deep.equal([]);
    }
    const after = await coordinator.stream(2);
    after.say(WELCOME);
    after.say({ kind: 'fence-run', runId: RUN });
    await hear(after, 'let-go');
  });

  it('never dials again once it is superseded, even with the stream cut right behind an order', async () => {
    const { coordinator, ended } = await connect([step('first', untilAborted)]);
    const stream = await coordinator.stream(0);
    stream.say(WELCOME);
    stream.say(START); // its fsync is under way when the next comes
    stream.say({ kind: 'superseded', reason: 'newer' });
    stream.cut();
    expect(await ended).to.equal('superseded');
    expect(coordinator.streams).to.have.length(1);
  });

  it('says once that it is not known any more, and in its status for as long as that lasts', async () => {
    const { log, lines } = heardLog(false);
    const { coordinator, state } = await connect([], { log });
    for (const index of [0, 1, 2]) (await coordinator.stream(index)).refuse();
    await coordinator.stream(3);
    expect(lines).to.have.length(1);
    expect(state.link).to.have.property('reason').that.contains('refused');
  });

  it('beats with the progress of its run as often as it was told', async () => {
    const { coordinator } = await connect([step('first'), step('second', untilAborted)]);
    const stream = await coordinator.stream(0);
    stream.say({ ...WELCOME, heartbeatWithRunMs: 20 });
    stream.say(START);
    await eventually(() => {
      const { ticks: _, ...progress } = heardOf(stream, 'heartbeat').at(-1)?.runs[0] ?? { ticks: 0 };
      expect(progress).to.deep.equal({ runId: RUN, stepNumber: 2, stepCount: 2, step: 'second' });
    });
  });

  it('answers an unknown message with unsupported and goes on, but never answers that answer', async () => {
    const { coordinator } = await connect([]);
    const stream = await coordinator.stream(0);
    stream.say(WELCOME);
    stream.say({ kind: 'unsupported', what: 'yours' });
    stream.sayRaw({});
    stream.say({ kind: 'watch-peer', questionId: 'q', address: '127.0.0.1', withinMs: 1 });
    expect(await hear(stream, 'peer-view')).to.deep.equal([
      {
        kind: 'peer-view',
        questionId: 'q',
        sight: 'not-told',
        detail: 'this agent was not told yet where its database node is',
      },
    ]);
    expect(heardOf(stream, 'unsupported')).to.have.length(1);
  });

  it('ends when told to, with a run under way that stays in the journal', async () => {
    const deaf = step('deaf', () => new Promise(() => {}));
    const { coordinator, rig, ended, ending } = await connect([deaf]);
    const stream = await coordinator.stream(0);
    stream.say(WELCOME);
    stream.say(START);
    await hear(stream, 'record-batch');
    ending.abort();
    expect(await ended).to.equal('stopped');
    expect(rig.runner.heldRunIds()).to.deep.equal([RUN]);
    await rig.close();
  });
});
