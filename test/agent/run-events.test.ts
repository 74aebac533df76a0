// What the runner tells: never more than a coordinator would take, since it could not be sent and would hold up the rest.
import { expect } from 'chai';
import { eventRecord, failureEvent, finishReason } from '../../agent/run-events.ts';
import { StepFailed } from '../../shared/errors.ts';
import type { StepEvent } from '../../shared/events.ts';
import { agentMessageToWire } from '../../shared/wire/codec.ts';
import type { RecordBody } from '../../shared/wire/messages.ts';
import { AgentLinkClient, MOST_AGENT_MESSAGE_BYTES } from '../../shared/wire/service.ts';

const wireBytes = (body: RecordBody): number =>
  AgentLinkClient.service.Attach.requestSerialize(
    agentMessageToWire({
      kind: 'record-batch',
      records: [{ runId: '0192f000-0000-7000-8000-000000000001', seq: 1, body }],
    }) as never,
  ).length;
const eventOf = (event: StepEvent) => {
  const record = eventRecord(event, 0);
  if (record.kind !== 'event') throw new Error('an event is an event');
  return record.event;
};
const HUGE = '€'.repeat(1_000_000);

describe('records that the runner tells', () => {
  const plain: StepEvent = { type: 'check', subtype: 's', resource: '/etc', message: 'm', changes: true };

  it('hold what steps say as they say it', () => {
    const text = 'x'.repeat(50_000);
    const event = eventOf({ ...plain, before: { text }, after: { text }, traceback: text });
    expect(event).to.include({ resource: '/etc', message: 'm', traceback: text });
    expect(JSON.parse(event.beforeJson ?? '')).to.deep.equal({ text });
    expect(eventOf(plain)).to.include({ beforeJson: null, afterJson: null, traceback: null });
  });

  it('show no secrets that programs and servers put into their words', () => {
    const said = 'cannot fetch https://bob:hush@repo/x?api_key=hush';
    const event = eventOf({ ...plain, message: said, after: { lines: [said] }, traceback: said });
    expect(JSON.stringify(event)).to.contain('https://********@repo/x').and.not.contain('hush');
    expect(finishReason(new Error(said))).to.not.contain('hush');
  });

  it('are cut to what can be sent, and say so', () => {
    const record = eventRecord(
      { ...plain, resource: HUGE, message: HUGE, before: { HUGE }, after: { HUGE }, traceback: HUGE },
      0,
    );
    expect(wireBytes(record)).to.be.below(MOST_AGENT_MESSAGE_BYTES);
    const event = eventOf({ ...plain, message: HUGE, after: { HUGE }, traceback: HUGE });
    expect(event.message).to.match(/^€+ \[cut after 4000 of 1000000 characters\]$/);
    expect(event.traceback).to.match(/^€+ \[cut after 64000 of 1000000 characters\]$/);
    expect(JSON.parse(event.afterJson ?? '')).to.deep.equal({ omitted: '1000011 characters' });
  });

  it('are so too when a run fails with more than that', () => {
    const error = new StepFailed('too-much', HUGE, { detail: { HUGE } });
    expect(wireBytes(eventRecord(failureEvent(error, 'step'), 0))).to.be.below(MOST_AGENT_MESSAGE_BYTES);
    expect(finishReason(error)).to.match(/^€{4000} \[cut/);
    expect(finishReason('not an error')).to.equal('not an error');
  });
});
