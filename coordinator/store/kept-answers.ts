// Work done once for an Idempotency-Key: its answer is stored in the transaction that did it, so that a crash loses both or neither.
import { sql } from 'kysely';
import type { Database, Executor } from './database.ts';

/** Longer than any client goes on trying. */
const KEPT_S = 24 * 3_600;

export interface KeyedRequest {
  account: string;
  key: string;
  /** tells a repeat from another request under the same key */
  requestHmac: Buffer;
}

/** `under way`: the first one is still being answered. `another`: the key came with a different request before. */
export type Once = 'done' | 'under way' | 'another' | { sealedAnswer: Buffer };

/**
 * @param work stores what is asked for with the executor that it is given, and returns the sealed answer; when it throws,
 *   nothing is stored and the key is as good as new
 * @returns the sealed answer of the first time when there was one: then nothing was done
 */
export async function doOnce(
  db: Database,
  { account, key, requestHmac }: KeyedRequest,
  work: (trx: Executor) => Promise<Buffer>,
): Promise<Once> {
  return await db.transaction().execute(async (trx): Promise<Once> => {
    // Held to the end of the transaction, on whichever coordinator; who comes meanwhile must not wait with a connection in hand.
    const held = await sql<{ held: boolean }>`select pg_try_advisory_xact_lock(
      hashtextextended(${JSON.stringify([account, key])}, 0)) as held`.execute(trx);
    if (held.rows[0]?.held !== true) return 'under way';
    const kept = await sql<{ request_hmac: Buffer; sealed_answer: Buffer }>`
      select request_hmac, sealed_answer from kept_answer where account_name = ${account} and idempotency_key = ${key}
        and created_on > now() - make_interval(secs => ${KEPT_S})`.execute(trx);
    const row = kept.rows[0];
    if (row !== undefined)
      return row.request_hmac.equals(requestHmac) ? { sealedAnswer: row.sealed_answer } : 'another';
    const sealedAnswer = await work(trx);
    await sql`insert into kept_answer (account_name, idempotency_key, request_hmac, sealed_answer)
      values (${account}, ${key}, ${requestHmac}, ${sealedAnswer})
      on conflict (account_name, idempotency_key) do update set request_hmac = excluded.request_hmac,
        sealed_answer = excluded.sealed_answer, created_on = now()`.execute(trx);
    return 'done';
  });
}

/** Those that have been kept for long enough. */
export async function forgetAnswers(db: Executor): Promise<void> {
  await sql`delete from kept_answer where created_on <= now() - make_interval(secs => ${KEPT_S})`.execute(db);
}
