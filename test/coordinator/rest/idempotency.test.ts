// A POST that is sent again under its Idempotency-Key: answered like the first time, done once, and kept without secrets.
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { sql } from 'kysely';
import { openDatabase } from '../../../coordinator/store/database.ts';
import { forgetAnswers } from '../../../coordinator/store/kept-answers.ts';
import { silentLogger } from '../../../shared/log.ts';
import {
  type Answer,
  modelCluster,
  startTestCoordinator,
  type TestCoordinator,
  WITH_PASSWORDS,
} from '../../support/coordinator.ts';
import { becomes, waitsFor } from '../../support/jobs.ts';
import { inDatabase } from '../../support/sign-in.ts';

const SECRET = 'canary-of-a-password';

describe('an Idempotency-Key', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  let other: TestCoordinator;
  let restart: Record<string, string>;
  let ids: Awaited<ReturnType<typeof modelCluster>>;
  const post = (path: string, body: unknown, key: string, to: TestCoordinator = coordinator) =>
    to.call('POST', path, body, { 'idempotency-key': key });
  const count = async (path: string): Promise<number> => (await coordinator.call('GET', path)).body.count;
  const replayed = (answer: Answer): boolean => answer.headers.get('idempotent-replayed') === 'true';

  before(async () => {
    // Nothing is looked at but what is woken.
    coordinator = await startTestCoordinator({}, { timings: { sweepEveryMs: 600_000 } });
    other = await startTestCoordinator(
      {},
      { databaseUrl: coordinator.databaseUrl, timings: { sweepEveryMs: 600_000 } },
    );
    ids = await modelCluster(coordinator, 'c1', ['n1'], WITH_PASSWORDS);
    restart = { 'job-scope': 'cluster', 'resource-id': ids.clusterId };
  });
  after(async () => {
    await other.remove();
    await coordinator.remove();
  });

  it('makes one job of a restart that is asked for again, on this coordinator or another', async () => {
    const key = randomUUID();
    const first = await post('actions/restart', restart, key);
    expect([first.status, replayed(first)]).to.deep.equal([201, false]);
    for (const [to, spelt] of [
      [coordinator, key],
      [coordinator, `"${key}"`],
      [other, key],
    ] as const) {
      const again = await post('actions/restart', restart, spelt, to);
      expect([again.status, again.body, replayed(again)]).to.deep.equal([201, first.body, true]);
      for (const name of ['location', 'content-type'])
        expect(again.headers.get(name)).to.equal(first.headers.get(name));
    }
    expect(await count(`clusters/${ids.clusterId}/jobs/`)).to.equal(1);
    const ended = await post('actions/terminate', { 'job-id': first.body.id }, 'end it');
    expect(ended.status).to.equal(400);
    await post('actions/terminate', { 'job-id': first.body.id }, '"end it"');
    await becomes(coordinator, first.body.id, 'TERMINATED');
    const again = await post('actions/terminate', { 'job-id': first.body.id }, '"end it"');
    expect([again.status, again.body]).to.deep.equal([200, 'Termination in progress']);
  });

  it('makes one job of many requests at once, and tells the others to ask again', async () => {
    const before = await count('jobs/');
    const key = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, at) =>
        post('actions/restart', restart, key, at % 2 === 0 ? coordinator : other),
      ),
    );
    const made = answers.filter(({ status }) => status === 201);
    const busy = answers.filter(({ status }) => status === 409);
    expect(made.length + busy.length).to.equal(12);
    expect(new Set(made.map(({ body }) => body.id)).size).to.equal(1);
    for (const answer of busy) {
      expect(answer.headers.get('retry-after')).to.equal('1');
      expect(answer.body.errors[0].pointer).to.equal('/idempotency-key');
    }
    expect(await count('jobs/')).to.equal(before + 1);
  });

  it('answers 409 while the first request with it is under way', async () => {
    const { db } = openDatabase({ url: coordinator.databaseUrl }, silentLogger, 1);
    const key = randomUUID();
    const busy = await db.transaction().execute(async (trx) => {
      await sql`select pg_advisory_xact_lock(hashtextextended(${JSON.stringify(['', key])}, 0))`.execute(trx);
      return await post('actions/restart', restart, key);
    });
    await db.destroy();
    expect([busy.status, busy.body.type]).to.deep.equal([409, 'Conflict']);
    expect((await post('actions/restart', restart, key)).status).to.equal(201);
  });

  it('is refused with another body, another path or another version', async () => {
    const key = randomUUID();
    const before = await count('jobs/');
    await post('actions/restart', restart, key);
    for (const [path, body] of [
      ['actions/restart', { ...restart, description: 'another' }],
      ['actions/configure', restart],
      ['/api/v2/lcm/actions/restart', restart],
    ] as const) {
      const { status, body: told } = await post(path, body, key);
      expect([status, told.code, told.type, told.errors[0].pointer]).to.deep.equal([
        422,
        422,
        'IdempotencyKeyReused',
        '/idempotency-key',
      ]);
    }
    expect(await count('jobs/')).to.equal(before + 1);
  });

  it('stands for nothing yet when the request was refused', async () => {
    const key = randomUUID();
    expect((await post('repositories/', { name: '' }, key)).status).to.equal(400);
    const made = await post('repositories/', { name: 'sound' }, key);
    expect([made.status, replayed(made)]).to.deep.equal([201, false]);
    const again = await post('repositories/', { name: 'sound' }, key);
    expect([again.status, again.body, again.headers.get('etag')]).to.deep.equal([
      201,
      made.body,
      made.headers.get('etag'),
    ]);
  });

  it('makes neither job nor answer when one of them cannot be stored', async () => {
    const before = await count('jobs/');
    await inDatabase(
      coordinator.databaseUrl,
      `create function no() returns trigger language plpgsql as $$ begin raise 'no'; end $$;
       create trigger no before insert on kept_answer execute function no()`,
    );
    const key = randomUUID();
    expect((await post('actions/restart', restart, key)).status).to.equal(500);
    await inDatabase(coordinator.databaseUrl, 'drop trigger no on kept_answer');
    expect(await count('jobs/')).to.equal(before);
    expect((await post('actions/restart', restart, key)).status).to.equal(201);
    expect(await count('jobs/')).to.equal(before + 1);
  });

  it('has the job looked at once it can be seen, not before', async () => {
    // A commit that takes its time: whoever looks on being told too early finds nothing, and nobody tells him again.
    await inDatabase(
      coordinator.databaseUrl,
      `create function late() returns trigger language plpgsql as $$ begin perform pg_sleep(0.3); return null; end $$;
       create constraint trigger late after insert on kept_answer deferrable initially deferred
         for each row execute function late()`,
    );
    const { clusterId } = await modelCluster(coordinator, 'late', ['n1']);
    const { body } = await post('actions/restart', { ...restart, 'resource-id': clusterId }, randomUUID());
    await inDatabase(coordinator.databaseUrl, 'drop trigger late on kept_answer');
    await waitsFor(coordinator, body.id, 'agent-not-enrolled');
  });

  it('keeps no secret that can be read, and gives it again', async () => {
    const key = randomUUID();
    const install = { ...restart, 'change-default-cassandra-password': SECRET };
    const first = await post('actions/install', install, key);
    expect(first.body['job-data']['change-default-cassandra-password']).to.equal(SECRET);
    expect((await post('actions/install', install, key)).body).to.deep.equal(first.body);
    const enrolment = `nodes/${ids.nodeIds[0]}/enrolment`;
    const bundle = await post(enrolment, undefined, 'enrol-once');
    expect((await post(enrolment, undefined, 'enrol-once')).body).to.deep.equal(bundle.body);
    const rows = await inDatabase(
      coordinator.databaseUrl,
      `select encode(sealed_answer, 'escape') || encode(request_hmac, 'escape') as text from kept_answer`,
    );
    const text = rows.map((row) => String(row.text)).join();
    expect(rows.length).to.be.greaterThan(2);
    for (const secret of [SECRET, bundle.body.bundle, 'bundle', 'job-data'])
      expect(text).not.to.include(secret);
  });

  it('makes one clone, though its name is taken in the same moment', async () => {
    const path = `config_profiles/${ids.profileId}/clone`;
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, at) => post(path, undefined, `clone-${at}`)),
    );
    expect(answers.map(({ status }) => status)).to.deep.equal(Array(8).fill(201));
    expect(new Set(answers.map(({ body }) => body.name)).size).to.equal(8);
    const again = await post(path, undefined, 'clone-0');
    expect(again.body).to.deep.equal(answers[0]?.body);
  });

  it('is forgotten after 24 hours', async () => {
    const age = (key: string, hours: string) =>
      inDatabase(
        coordinator.databaseUrl,
        `update kept_answer set created_on = now() - interval '${hours}' where idempotency_key = '${key}'`,
      );
    const first = await post('actions/restart', restart, 'old-key');
    await age('old-key', '23:59:00');
    expect((await post('actions/restart', restart, 'old-key')).body.id).to.equal(first.body.id);
    await age('old-key', '24:00:01');
    const second = await post('actions/restart', restart, 'old-key');
    expect([second.status, replayed(second)]).to.deep.equal([201, false]);
    expect(second.body.id).not.to.equal(first.body.id);
    await post('actions/restart', restart, 'older-key');
    await age('older-key', '24:00:01');
    const { db } = openDatabase({ url: coordinator.databaseUrl }, silentLogger, 1);
    await forgetAnswers(db);
    const kept = await db.selectFrom('kept_answer').select('idempotency_key').execute();
    await db.destroy();
    expect(kept.map((row) => row.idempotency_key))
      .to.include('old-key')
      .and.not.include('older-key');
  });

  it('has to be printable text of at most 255 characters', async () => {
    for (const key of ['', 'a b', '"', '"a"b', 'é', 'k'.repeat(256), '""', '"a\\b"']) {
      const { status, body } = await post('actions/restart', restart, key);
      expect([status, body.errors[0].pointer], key).to.deep.equal([400, '/idempotency-key']);
    }
    expect((await post('repositories/', { name: 'long' }, 'k'.repeat(255))).status).to.equal(201);
    expect((await coordinator.call('GET', 'jobs/', undefined, { 'idempotency-key': 'a b' })).status).to.equal(
      200,
    );
  });
});
