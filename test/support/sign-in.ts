// A coordinator with authentication on, and what a client does to get in.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startTestCoordinator, type TestCoordinator, type TestCoordinatorOptions } from './coordinator.ts';

export const PASSWORD = 'correct horse battery';

/** admin's password is PASSWORD. */
export async function startGuardedCoordinator(
  env: Record<string, string> = {},
  options: TestCoordinatorOptions = {},
): Promise<TestCoordinator> {
  const directory = mkdtempSync(join(tmpdir(), 'sign-in-'));
  const file = join(directory, 'password');
  writeFileSync(file, `${PASSWORD}\n`, { mode: 0o600 });
  const coordinator = await startTestCoordinator(
    { RINGMASTER_AUTH: 'on', RINGMASTER_ADMIN_PASSWORD_FILE: file, ...env },
    options,
  );
  rmSync(directory, { recursive: true }); // it is read once
  return coordinator;
}

/** @returns the session id, as the documented login answers it */
export async function logIn(to: Pick<TestCoordinator, 'call'>, password = PASSWORD): Promise<string> {
  const { status, body } = await to.call('POST', '/login', { username: 'admin', password });
  if (status !== 200) throw new Error(`log-in was answered with ${status}: ${JSON.stringify(body)}`);
  return body.sessionid;
}

export const header = (token: string): Record<string, string> => ({ 'opscenter-session': token });

/** Does to the database what only time does otherwise. */
export async function inDatabase(databaseUrl: string, statement: string) {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}
