// Request ids and W3C trace context: a caller's own come back and stand in the log, what is malformed is made anew.
import { expect } from 'chai';
import type { LogFields, Logger } from '../../../shared/log.ts';
import { startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';

describe('a request', function () {
  this.timeout(30_000);
  let coordinator: TestCoordinator;
  const lines: LogFields[] = [];
  const logger = (base: LogFields): Logger => {
    const write = (message: string, fields: LogFields = {}): void =>
      void lines.push({ ...base, ...fields, reason: message });
    return {
      debug: write,
      info: write,
      warn: write,
      error: write,
      child: (fields) => logger({ ...base, ...fields }),
    };
  };
  const ask = async (headers: Record<string, string>, path = 'clusters/') => {
    const answer = await coordinator.call('GET', path, undefined, headers);
    const requestId = answer.headers.get('x-request-id') ?? '';
    const [, version, traceId, spanId, flags] =
      /^(00)-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(answer.headers.get('traceparent') ?? '') ??
      [];
    expect(version, answer.headers.get('traceparent') ?? '').to.equal('00');
    return { ...answer, requestId, traceId, spanId, flags };
  };

  before(async () => {
    coordinator = await startTestCoordinator({}, { log: logger({}) });
  });
  after(() => coordinator.remove());

  it('keeps its id and its trace, under a span of our own', async () => {
    for (const flags of ['00', '01']) {
      const answer = await ask({
        'x-request-id': 'order-7.b_c',
        traceparent: `00-${TRACE}-${PARENT}-${flags}`,
      });
      expect([answer.requestId, answer.traceId, answer.flags]).to.deep.equal(['order-7.b_c', TRACE, flags]);
      expect(answer.spanId).not.to.equal(PARENT);
      const line = lines.find(({ spanId }) => spanId === answer.spanId);
      expect(line).to.deep.include({ requestId: 'order-7.b_c', traceId: TRACE, status: 200, method: 'GET' });
    }
  });

  it('keeps its trace when a later version says more', async () => {
    const answer = await ask({ traceparent: `cc-${TRACE}-${PARENT}-ff-what-the-future-holds` });
    expect([answer.traceId, answer.flags]).to.deep.equal([TRACE, '01']);
  });

  it('gets ids of its own when it has none, or malformed ones', async () => {
    const seen = new Set<string>();
    for (const headers of [
      {},
      { traceparent: `00-${TRACE}-${PARENT}-01-more`, 'x-request-id': 'a b' },
      { traceparent: `ff-${TRACE}-${PARENT}-01`, 'x-request-id': 'a'.repeat(65) },
      { traceparent: `00-${'0'.repeat(32)}-${PARENT}-01`, 'x-request-id': '{"a":1}' },
      { traceparent: `00-${TRACE}-${'0'.repeat(16)}-01`, 'x-request-id': 'é' },
      { traceparent: `00-${TRACE.toUpperCase()}-${PARENT}-01` },
      { traceparent: `00-${TRACE}-${PARENT}` },
      { traceparent: `00-${TRACE}-${PARENT}-01, 00-${TRACE}-${PARENT}-01` },
    ] as Record<string, string>[]) {
      const { requestId, traceId, flags } = await ask(headers);
      expect(requestId).to.match(/^[0-9a-f-]{36}$/);
      expect([traceId, flags], JSON.stringify(headers)).not.to.deep.equal([TRACE, '01']);
      expect(flags).to.equal('00');
      seen.add(requestId).add(traceId ?? '');
    }
    expect(seen.size).to.equal(16);
  });

  it('that is refused or fails has them in its headers and in the log, and not in its body', async () => {
    const answer = await ask(
      { 'x-request-id': 'lost', traceparent: `00-${TRACE}-${PARENT}-00` },
      'clusters/no-id',
    );
    expect([answer.status, answer.requestId, answer.traceId]).to.deep.equal([404, 'lost', TRACE]);
    expect(answer.body).to.have.all.keys('code', 'type', 'message', 'msg', 'errors');
    await coordinator.call(
      'PUT',
      'settings/',
      { 'install-idle-timeout': 901 },
      { 'x-request-id': 'change-1' },
    );
    const changed = lines.find(({ reason, requestId }) => reason === 'settings changed' && requestId);
    expect(changed).to.include({ requestId: 'change-1', component: 'rest' });
  });
});
