// Idempotency-Key on POST (draft-ietf-httpapi-idempotency-key-header): a request that is sent again is answered again, and done once.
import { Conflict, InvalidInput, KeyReused } from '../../shared/errors.ts';
import type { SealBox } from '../security/seal.ts';
import type { Executor } from '../store/database.ts';
import { doOnce } from '../store/kept-answers.ts';
import { readText } from './body.ts';
import type { Context, RestParts } from './parts.ts';

const LONGEST_KEY = 255;
const KEPT_HEADERS = ['content-type', 'location', 'etag'] as const;

interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

const refuse = (message: string): never => {
  throw new InvalidInput('The Idempotency-Key is not valid', [{ pointer: '/idempotency-key', message }]);
};

/** A structured-field string, or bare, as most clients send it. @throws InvalidInput */
function keyOf(header: string): string {
  const quoted = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/.exec(header)?.[1]?.replace(/\\(.)/g, '$1');
  const key = quoted ?? header;
  if (key === '' || key.length > LONGEST_KEY)
    refuse(`must be of 1 to ${LONGEST_KEY} characters, such as a UUID`);
  if (quoted === undefined && !/^[\x21\x23-\x7e]+$/.test(key))
    refuse('must be printable ASCII without blanks, or that in double quotes');
  return key;
}

const placeOf = (account: string, key: string) => ({
  table: 'kept_answer',
  id: JSON.stringify([account, key]),
  column: 'sealed_answer',
});

function answerOf(ctx: Context): Answer {
  const { body, status } = ctx;
  const headers: Record<string, string> = {};
  for (const name of KEPT_HEADERS) {
    const value = ctx.response.get(name);
    if (value !== '') headers[name] = value;
  }
  return { status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) };
}

function giveAgain(ctx: Context, box: SealBox, sealed: Buffer, place: ReturnType<typeof placeOf>): void {
  const answer = JSON.parse(box.open(sealed, place)) as Answer;
  ctx.status = answer.status;
  ctx.body = answer.body;
  ctx.set({ ...answer.headers, 'idempotent-replayed': 'true' });
}

/** Gives routes what they write with: the pool, or the one transaction that also stores the answer. */
export function idempotency({ db, wakes, box }: Pick<RestParts, 'db' | 'wakes' | 'box'>) {
  return async (ctx: Context, next: () => Promise<unknown>): Promise<void> => {
    const header = ctx.method === 'POST' ? ctx.req.headers['idempotency-key'] : undefined;
    if (header === undefined) {
      ctx.state.writes = { db, wake: (topic, id) => wakes.wake(topic, id) };
      await next();
      return;
    }
    const key = keyOf(String(header).trim());
    // Before the transaction: a slow caller must not keep it open.
    const text = await readText(ctx.req);
    const account = ctx.state.session?.account ?? '';
    const place = placeOf(account, key);
    const requestHmac = box.fingerprint(JSON.stringify([ctx.method, ctx.url, text]));
    const woken: (() => void)[] = [];
    const once = await doOnce(db, { account, key, requestHmac }, async (trx: Executor) => {
      // Who looks before the end of the transaction sees nothing of it yet.
      ctx.state.writes = { db: trx, wake: (topic, id) => woken.push(() => wakes.wake(topic, id)) };
      await next();
      return box.seal(JSON.stringify(answerOf(ctx)), place);
    });
    if (once === 'done') for (const wake of woken) wake();
    else if (once === 'under way') {
      ctx.set('retry-after', '1');
      throw new Conflict('The first request with this Idempotency-Key is still under way: ask again', [
        { pointer: '/idempotency-key', message: 'is in use at this moment' },
      ]);
    } else if (once === 'another')
      throw new KeyReused('This Idempotency-Key came with another request before', [
        { pointer: '/idempotency-key', message: 'must be a new one for each new request' },
      ]);
    else giveAgain(ctx, box, once.sealedAnswer, place);
  };
}
