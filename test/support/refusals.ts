// Refusals: the status, the whole error body, and that nothing in the database is other than before.
import { expect } from 'chai';
import pg from 'pg';
import type { TestCoordinator } from './coordinator.ts';

/** What requests may change; not what coordinators and agents write by themselves. */
const TABLES = [
  'repository',
  'machine_credential',
  'config_profile',
  'cluster',
  'datacenter',
  'node',
  'enrolment',
  'setting',
  'account',
  'session',
  'job',
  'job_node',
  'job_counter',
  'job_node_counter',
  'job_event',
  'run',
];

/** Rows and their digest, a line each table. */
export async function databaseState(databaseUrl: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const each = TABLES.map(
      (table) =>
        `select '${table} ' || count(*) || ' ' || md5(coalesce(string_agg(t::text, '|' order by t::text), '')) as line from ${table} t`,
    );
    return (await client.query<{ line: string }>(each.join(' union all '))).rows.map(({ line }) => line);
  } finally {
    await client.end();
  }
}

export interface Refusal {
  status: number;
  /** `type` of the body */
  type: string;
  /** the fields at fault, as pointers, in any order */
  fields?: readonly string[];
  /** what the message or a field's message says */
  says: RegExp;
}

/** Sends a request and holds the answer to the refusal. Text and bytes are sent as they are, all else as JSON. */
export async function expectRefusal(
  coordinator: TestCoordinator,
  request: { method: string; path: string; body?: unknown },
  { status, type, fields = [], says }: Refusal,
): Promise<void> {
  const before = await databaseState(coordinator.databaseUrl);
  const { method, path, body: given } = request;
  const asIs = given === undefined || typeof given === 'string' || given instanceof Uint8Array;
  const url = `${coordinator.restUrl}${path.startsWith('/') ? path : `/api/v1/lcm/${path}`}`;
  const answer = await fetch(url, {
    method,
    ...(given === undefined ? {} : { body: asIs ? given : JSON.stringify(given) }),
  });
  const told = await answer.text();
  const body = JSON.parse(told);
  expect(answer.status, told).to.equal(status);
  expect(answer.headers.get('content-type')).to.match(/^application\/json/);
  expect(body).to.have.all.keys('code', 'type', 'message', 'msg', 'errors');
  expect([body.code, body.type]).to.deep.equal([status, type]);
  expect(body.message).to.be.a('string').and.equal(body.msg);
  const errors = body.errors as { pointer: string; message: string }[];
  expect(errors.map(({ pointer }) => pointer).sort(), told).to.deep.equal([...fields].sort());
  for (const error of errors) expect(error).to.have.all.keys('pointer', 'message');
  expect([body.message, ...errors.map(({ message }) => message)].join('\n')).to.match(says);
  expect(told).to.not.match(/node_modules|\bat .*\.[jt]s\b|select |insert into/);
  expect(await databaseState(coordinator.databaseUrl), 'nothing half done').to.deep.equal(before);
}
