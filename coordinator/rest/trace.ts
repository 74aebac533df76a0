// Who a request is to its caller: an id and a place in a trace, taken from its headers or made, on the answer and in the log.
import { randomBytes, randomUUID } from 'node:crypto';

const REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/;
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const SAMPLED = 1;

export interface Trace {
  requestId: string;
  traceId: string;
  /** ours: the caller's is its parent */
  spanId: string;
  /** W3C Trace Context, as the answer carries it */
  traceparent: string;
}

/** @returns null for what the W3C would have us ignore: another form, a version that cannot be, ids of nothing but zeros */
function parentIn(header: string): { traceId: string; flags: number } | null {
  const [, version, traceId = '', spanId = '', flags = '', more] = TRACEPARENT.exec(header.trim()) ?? [];
  if (version === undefined || version === 'ff' || (version === '00' && more !== undefined)) return null;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  return { traceId, flags: Number.parseInt(flags, 16) & SAMPLED }; // the one flag that every version has
}

/** What a caller gives in another form is as good as absent: it would end up in logs. */
export function traceOf(headers: { requestId: string; traceparent: string }): Trace {
  const parent = parentIn(headers.traceparent) ?? { traceId: randomBytes(16).toString('hex'), flags: 0 };
  const spanId = randomBytes(8).toString('hex');
  return {
    requestId: REQUEST_ID.test(headers.requestId) ? headers.requestId : randomUUID(),
    traceId: parent.traceId,
    spanId,
    traceparent: `00-${parent.traceId}-${spanId}-${parent.flags.toString(16).padStart(2, '0')}`,
  };
}
