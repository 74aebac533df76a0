// What a coordinator hears: batches closed until they are wanted, the same inside, and nothing that makes hearing throw.
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import { agentMessageToWire } from '../../../shared/wire/codec.ts';
import { type HeardMessage, heardFromWire } from '../../../shared/wire/heard.ts';
import type { AgentMessage, WireRecord } from '../../../shared/wire/messages.ts';
import { AgentLinkClient, GATEWAY_SERVICE } from '../../../shared/wire/service.ts';

const bytesOf = (message: AgentMessage): Buffer =>
  AgentLinkClient.service.Attach.requestSerialize(agentMessageToWire(message) as never);
const hear = (bytes: Buffer): HeardMessage => heardFromWire(GATEWAY_SERVICE.Attach.requestDeserialize(bytes));
const batchOf = (heard: HeardMessage) => {
  if (heard.kind !== 'record-batch') throw new Error(`heard ${heard.kind}`);
  return heard.batch;
};

const records: WireRecord[] = [
  { runId: 'r', seq: 1, body: { kind: 'finished', finish: { outcome: 'succeeded', reason: null, atMs: 1 } } },
  { runId: 's', seq: 9, body: { kind: 'finished', finish: { outcome: 'failed', reason: 'Ü', atMs: 2 } } },
];

describe('messages that a coordinator hears', () => {
  it('are what was said, record batches once they are opened', () => {
    const hello: AgentMessage = { kind: 'hello', version: '1', hostname: 'h', runIds: ['r'], streamId: '' };
    expect(hear(bytesOf(hello))).to.deep.equal(hello);
    const bytes = bytesOf({ kind: 'record-batch', records });
    const batch = batchOf(hear(bytes));
    expect(batch.bytes).to.equal(bytes.length);
    expect(batch.open()).to.deep.equal(records);
    expect(batchOf(hear(bytesOf({ kind: 'record-batch', records: [] }))).open()).to.deep.equal([]);
  });

  it('are about runs and questions by their UUIDs, or are answered with what is wrong', () => {
    const [runId, questionId] = [randomUUID(), randomUUID()];
    const wrong = 'not-a-uuid';
    const withIds = (run: string, question: string): AgentMessage[] => [
      { kind: 'run-accepted', runId: run },
      { kind: 'run-refused', runId: run, reason: 'why' },
      { kind: 'let-go', runId: run },
      { kind: 'peer-question', runId: run, questionId, address: 'a', withinMs: 1 },
      { kind: 'peer-question', runId, questionId: question, address: 'a', withinMs: 1 },
      { kind: 'peer-view', questionId: question, sight: 'blind', detail: 'd' },
    ];
    for (const message of withIds(runId, questionId)) expect(hear(bytesOf(message))).to.deep.equal(message);
    for (const message of withIds(wrong, wrong)) {
      const what = `${message.kind} with an id that is no UUID: "not-a-uuid"`;
      expect(hear(bytesOf(message))).to.deep.equal({ kind: 'unsupported', what });
    }
    const long = hear(bytesOf({ kind: 'let-go', runId: 'x'.repeat(9_000) }));
    expect(long).to.have.property('what').with.length.below(100);
  });

  it('hold texts that can be stored', () => {
    const refused: AgentMessage = { kind: 'run-refused', runId: randomUUID(), reason: 'be\0fore' };
    expect(hear(bytesOf(refused))).to.deep.equal({ ...refused, reason: 'be\uFFFDfore' });
  });

  it('fail when they are opened and are no batch, not before', () => {
    const batch = bytesOf({ kind: 'record-batch', records });
    const torn = batchOf(hear(batch.subarray(0, batch.length - 3)));
    expect(() => torn.open()).to.throw();
    // No sound agent puts several kinds into one message.
    const turned = batchOf(hear(Buffer.concat([batch, bytesOf({ kind: 'let-go', runId: 'r' })])));
    expect(() => turned.open()).to.throw('let-go');
    const disguised = hear(Buffer.concat([bytesOf({ kind: 'run-accepted', runId: 'r' }), batch]));
    expect(disguised.kind).to.equal('unsupported');
  });

  it('never make a coordinator fail by what their first bytes are', () => {
    const asBatch = fc.uint8Array({ maxLength: 60 }).map((rest) => Buffer.from([0x22, ...rest]));
    fc.assert(
      fc.property(asBatch, (bytes) => {
        expect(hear(bytes).kind).to.equal('record-batch');
      }),
    );
  });
});
