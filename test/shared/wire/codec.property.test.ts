// The codec through the real wire form: whatever is said arrives as it was said, and nothing unknown makes it throw.
import { expect } from 'chai';
import fc from 'fast-check';
import {
  agentMessageFromWire,
  agentMessageToWire,
  coordinatorMessageFromWire,
  coordinatorMessageToWire,
} from '../../../shared/wire/codec.ts';
import type { AgentMessage, CoordinatorMessage, WireRecord } from '../../../shared/wire/messages.ts';
import { AgentLinkClient } from '../../../shared/wire/service.ts';

const { requestSerialize, requestDeserialize, responseSerialize, responseDeserialize } =
  AgentLinkClient.service.Attach;

const text = fc.string({ unit: 'grapheme' });
/** '' travels as null and is never meant */
const orNull = fc.option(fc.string({ unit: 'grapheme', minLength: 1 }));
const texts = fc.array(text, { maxLength: 4 });
const uint32 = fc.nat({ max: 0xffff_ffff });
const number = fc.double({ noNaN: true });
const kind = <K extends string>(word: K) => fc.constant(word);

const record: fc.Arbitrary<WireRecord> = fc.record({
  runId: text,
  seq: uint32,
  body: fc.oneof(
    fc.record({
      kind: kind('event'),
      event: fc.record({
        id: text,
        atMs: number,
        type: fc.constantFrom('check', 'milestone', 'error'),
        subtype: text,
        resource: orNull,
        message: text,
        changes: fc.boolean(),
        beforeJson: orNull,
        afterJson: orNull,
        traceback: orNull,
      }),
    }),
    fc.record({
      kind: kind('finished'),
      finish: fc.record({
        outcome: fc.constantFrom('succeeded', 'failed', 'stopped'),
        reason: orNull,
        atMs: number,
      }),
    }),
  ),
});

// Total over the kinds: a new message does not compile until it is here.
const ofAgent: { [K in AgentMessage['kind']]: fc.Arbitrary<Extract<AgentMessage, { kind: K }>> } = {
  hello: fc.record({ kind: kind('hello'), version: text, hostname: text, runIds: texts, streamId: text }),
  'run-accepted': fc.record({ kind: kind('run-accepted'), runId: text }),
  'run-refused': fc.record({ kind: kind('run-refused'), runId: text, reason: text }),
  'record-batch': fc.record({ kind: kind('record-batch'), records: fc.array(record, { maxLength: 4 }) }),
  heartbeat: fc.record({
    kind: kind('heartbeat'),
    runs: fc.array(
      fc.record({ runId: text, stepNumber: uint32, stepCount: uint32, step: text, ticks: number }),
    ),
  }),
  'let-go': fc.record({ kind: kind('let-go'), runId: text }),
  'peer-question': fc.record({
    kind: kind('peer-question'),
    runId: text,
    questionId: text,
    address: text,
    withinMs: uint32,
  }),
  'peer-view': fc.record({
    kind: kind('peer-view'),
    questionId: text,
    sight: fc.constantFrom('normal', 'not-normal', 'blind', 'not-told'),
    detail: text,
  }),
  'stop-question': fc.record({ kind: kind('stop-question'), runId: text, questionId: text, address: text }),
  'ring-view': fc.record({
    kind: kind('ring-view'),
    questionId: text,
    round: uint32,
    viewJson: text,
    problem: text,
    down: fc.boolean(),
  }),
  unsupported: fc.record({ kind: kind('unsupported'), what: text }),
};

const ofCoordinator: {
  [K in CoordinatorMessage['kind']]: fc.Arbitrary<Extract<CoordinatorMessage, { kind: K }>>;
} = {
  welcome: fc.record({
    kind: kind('welcome'),
    heartbeatWithRunMs: uint32,
    heartbeatIdleMs: uint32,
    creditBatches: uint32,
    secrets: fc.array(fc.record({ runId: text, secretsJson: text })),
  }),
  'start-run': fc.record({ kind: kind('start-run'), runId: text, inputJson: text, secretsJson: text }),
  'stop-run': fc.record({ kind: kind('stop-run'), runId: text }),
  'fence-run': fc.record({ kind: kind('fence-run'), runId: text }),
  ack: fc.record({
    kind: kind('ack'),
    acks: fc.array(fc.record({ runId: text, seq: uint32 })),
    batches: uint32,
  }),
  superseded: fc.record({ kind: kind('superseded'), reason: text }),
  'watch-peer': fc.record({ kind: kind('watch-peer'), questionId: text, address: text, withinMs: uint32 }),
  'peer-answer': fc.record({
    kind: kind('peer-answer'),
    questionId: text,
    normal: texts,
    waiting: texts,
    notNormal: texts,
    saw: fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9.-]*$/), text),
    blind: texts,
    notTold: texts,
    away: texts,
  }),
  'look-at-ring': fc.record({ kind: kind('look-at-ring'), questionId: text, address: text, round: uint32 }),
  'stop-answer': fc.record({
    kind: kind('stop-answer'),
    questionId: text,
    verdict: fc.constantFrom('wait', 'allowed', 'refused'),
    message: text,
    notes: fc.array(fc.record({ subtype: text, message: text, loud: fc.boolean() })),
  }),
  unsupported: fc.record({ kind: kind('unsupported'), what: text }),
};

const agentBytes = (raw: object): AgentMessage =>
  agentMessageFromWire(requestDeserialize(requestSerialize(raw)));

describe('wire codec', () => {
  it("brings every agent's message over unchanged", () => {
    fc.assert(
      fc.property(fc.oneof(...Object.values(ofAgent)), (message: AgentMessage) => {
        expect(agentBytes(agentMessageToWire(message))).to.deep.equal(message);
      }),
    );
  });

  it("brings every coordinator's message over unchanged", () => {
    fc.assert(
      fc.property(fc.oneof(...Object.values(ofCoordinator)), (message: CoordinatorMessage) => {
        const bytes = responseSerialize(coordinatorMessageToWire(message));
        expect(coordinatorMessageFromWire(responseDeserialize(bytes))).to.deep.equal(message);
      }),
    );
  });

  it('lets versions from before an untold agent could say so take it for a blind one', () => {
    const view = { kind: 'peer-view', questionId: 'q', sight: 'not-told', detail: '' } as const;
    expect(agentMessageToWire(view).peerView).to.include({ sight: 'PEER_SIGHT_BLIND' });
    const before = agentBytes({ peerView: { questionId: 'q', sight: 'PEER_SIGHT_BLIND' } });
    expect(before).to.deep.equal({ ...view, sight: 'blind' });
    const answer = responseDeserialize(responseSerialize({ peerAnswer: { questionId: 'q', normal: ['a'] } }));
    expect(coordinatorMessageFromWire(answer)).to.deep.include({ normal: ['a'], notTold: [] });
  });

  it('takes what a later version says as unsupported', () => {
    for (const raw of [{}, { peerView: { sight: 9 } }]) expect(agentBytes(raw).kind).to.equal('unsupported');
    const noKind = responseDeserialize(Buffer.from([0x72, 0x00])); // field 14, which nobody knows yet
    expect(coordinatorMessageFromWire(noKind).kind).to.equal('unsupported');
  });

  it('keeps the records around one of a later version, and the end of a run as an end', () => {
    const known = { runId: 'r', seq: 2, finished: { outcome: 'RUN_OUTCOME_SUCCEEDED', atUnixMs: 1 } };
    const records = [
      { runId: 'r', seq: 1, event: { type: 9 } },
      known,
      { runId: 's', seq: 1, finished: { outcome: 9 } },
      {},
    ];
    const batch = agentBytes({ recordBatch: { records } });
    if (batch.kind !== 'record-batch') throw new Error(batch.kind);
    expect(batch.records.map(({ body }) => body.kind)).to.deep.equal([
      'unsupported',
      'finished',
      'finished',
      'unsupported',
    ]);
    expect(batch.records[2]?.body).to.have.nested.property('finish.outcome', 'failed');
  });
});
