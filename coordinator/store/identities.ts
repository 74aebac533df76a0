// The authority, the check of the master key, enrolment secrets and the secrets of jobs: everything sealed or hashed.
import { sql } from 'kysely';
import { NotFound, PermissionDenied } from '../../shared/errors.ts';
import type { SentSecrets } from '../../shared/run-input.ts';
import { Authority, createAuthority } from '../security/authority.ts';
import { hashEnrolmentSecret } from '../security/enrolment-token.ts';
import { makeKeyCheck, type SealBox, verifyKeyCheck } from '../security/seal.ts';
import type { Database, Executor } from './database.ts';
import { openSecrets, secretsPlace } from './profile-secrets.ts';

const KEY_CHECK = 'master-key-check';
const AUTHORITY_PLACE = { table: 'authority', id: 'one', column: 'sealed_key' };
const DEFAULT_LIFE_S = 900;

/** @throws SealError when this database was sealed with another master key: the coordinator must not start */
export async function checkMasterKey(db: Database, box: SealBox): Promise<void> {
  const check = JSON.stringify(makeKeyCheck(box).toString('base64'));
  await sql`insert into setting (name, value) values (${KEY_CHECK}, ${check}::jsonb) on conflict do nothing`.execute(
    db,
  );
  const row = await db
    .selectFrom('setting')
    .select('value')
    .where('name', '=', KEY_CHECK)
    .executeTakeFirstOrThrow();
  verifyKeyCheck(box, Buffer.from(String(row.value), 'base64'));
}

/** The one authority, made at the first start; two coordinators starting at once get the same. */
export async function loadAuthority(db: Database, box: SealBox): Promise<Authority> {
  const stored = await db.selectFrom('authority').selectAll().executeTakeFirst();
  if (stored === undefined) {
    const made = await createAuthority('Ringmaster');
    await db
      .insertInto('authority')
      .values({
        certificate_pem: made.certificatePem,
        sealed_key: box.seal(made.privateKeyPem, AUTHORITY_PLACE),
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    return await loadAuthority(db, box);
  }
  return await Authority.load({
    certificatePem: stored.certificate_pem,
    privateKeyPem: box.open(stored.sealed_key, AUTHORITY_PLACE),
  });
}

/** @throws NotFound */
export async function storeEnrolment(
  db: Executor,
  nodeId: string,
  hash: string,
  lifeS = DEFAULT_LIFE_S,
): Promise<Date> {
  const row = await sql<{ expires_on: Date }>`insert into enrolment (secret_hash, node_id, expires_on)
    select ${hash}, id, now() + make_interval(secs => ${lifeS}) from node where id = ${nodeId} returning expires_on`.execute(
    db,
  );
  const expires = row.rows[0]?.expires_on;
  if (expires === undefined) throw new NotFound('node', nodeId);
  return expires;
}

/** Certificates of one node are made one after the other: whoever waited here reads afterwards what the other has left. */
const inTurn = (trx: Executor, nodeId: string) =>
  sql`select 1 from node where id = ${nodeId} for no key update`.execute(trx);

/**
 * Burns the secret and runs `issue` in one transaction: of two racers with one secret exactly one gets a certificate. No other
 * certificate is good for the node from then on.
 * @throws PermissionDenied without telling which of unknown, used, expired or another node's it was
 */
export async function burnEnrolment<T extends { serial: string }>(
  db: Database,
  secret: string,
  nodeId: string,
  issue: () => Promise<T>,
): Promise<T> {
  return await db.transaction().execute(async (trx) => {
    await inTurn(trx, nodeId);
    const burnt =
      await sql`update enrolment set used_on = now() where secret_hash = ${hashEnrolmentSecret(secret)}
      and node_id = ${nodeId} and used_on is null and expires_on > now()`.execute(trx);
    if (burnt.numAffectedRows !== 1n) {
      throw new PermissionDenied(
        'This enrolment secret is not valid: ask for a new one (each is good for one agent, once, for 15 minutes)',
      );
    }
    const issued = await issue();
    await sql`insert into node_certificate (node_id, serial) values (${nodeId}, ${issued.serial})
      on conflict (node_id) do update set serial = excluded.serial, next_serial = null`.execute(trx);
    return issued;
  });
}

/**
 * Another certificate for a node by the one that it has: both are good until the new one was seen.
 * @param serial of the certificate that asks
 * @throws PermissionDenied when that one is not good any more, or its node is gone
 */
export async function renewCertificate<T extends { serial: string }>(
  db: Database,
  nodeId: string,
  serial: string,
  issue: () => Promise<T>,
): Promise<T> {
  return await db.transaction().execute(async (trx) => {
    await inTurn(trx, nodeId);
    const { rows } = await sql<{ good: boolean }>`
      select coalesce(${serial} in (k.serial, k.next_serial), k.node_id is null) as good
      from node n left join node_certificate k on k.node_id = n.id where n.id = ${nodeId}`.execute(trx);
    const refusal = new PermissionDenied('This certificate is not good any more: enrol the agent anew');
    if (rows[0]?.good !== true) throw refusal;
    const issued = await issue();
    const kept = await sql`
      insert into node_certificate as k (node_id, serial, next_serial) values (${nodeId}, ${serial}, ${issued.serial})
      on conflict (node_id) do update set serial = excluded.serial, next_serial = excluded.next_serial
        where ${serial} in (k.serial, k.next_serial)`.execute(trx);
    if (kept.numAffectedRows !== 1n) throw refusal; // its next one was seen in between
    return issued;
  });
}

export const jobSecretsPlace = (jobId: string) => ({ table: 'job', id: jobId, column: 'sealed_secrets' });
export const rowPlace = (table: string, id: string, column: string) => ({ table, id, column });

/** Of a row `r` of run and its `j` of job. */
export const MAY_HAVE_SECRETS = sql.raw(
  `(j.job_type in ('install', 'upgrade') or r.sealed_secrets is not null)`,
);

interface SealedRow {
  run_id: string;
  job_id: string;
  changes_password: boolean;
  sealed_secrets: Buffer | null;
  sealed_settings: Buffer | null;
  cluster_id: string | null;
  sealed_new_password: Buffer | null;
  sealed_old_password: Buffer | null;
  repository_id: string | null;
  sealed_password: Buffer | null;
}

/**
 * By run: what its steps use and no disk of an agent may keep. Only installs and upgrades fetch anything, and only installs change the password; what goes
 * into files is that of the profile as the run was made from it. Of other runs there is nothing.
 */
export async function readRunSecrets(
  db: Executor,
  box: SealBox,
  runIds: readonly string[],
): Promise<Map<string, SentSecrets>> {
  const answer =
    await sql<SealedRow>`select r.id as run_id, j.id as job_id, j.sealed_secrets, r.sealed_secrets as sealed_settings, r.input->>'defaultPassword' = 'to-change' as changes_password,
      cl.id as cluster_id, cl.sealed_new_password, cl.sealed_old_password, rp.id as repository_id, rp.sealed_password
    from run r join job j on j.id = r.job_id left join cluster cl on cl.id = j.cluster_id
    left join repository rp on rp.id = cl.repository_id and j.job_type in ('install', 'upgrade') and not j.dry_run
    where r.id = any(${[...runIds]}::uuid[]) and ${MAY_HAVE_SECRETS}`.execute(db);
  return new Map(answer.rows.map((row) => [row.run_id, opened(row, box)]));
}

function opened(row: SealedRow, box: SealBox): SentSecrets {
  const secrets: SentSecrets = {};
  if (row.sealed_settings !== null)
    secrets.profile = openSecrets(box, row.sealed_settings, secretsPlace('run', row.run_id));
  if (row.sealed_password !== null && row.repository_id !== null) {
    secrets.repositoryPassword = box.open(
      row.sealed_password,
      rowPlace('repository', row.repository_id, 'sealed_password'),
    );
  }
  if (!row.changes_password) return secrets;
  if (row.cluster_id !== null) {
    const ofCluster = (sealed: Buffer, column: string) =>
      box.open(sealed, rowPlace('cluster', row.cluster_id ?? '', column));
    if (row.sealed_new_password !== null)
      secrets.newCassandraPassword = ofCluster(row.sealed_new_password, 'sealed_new_password');
    if (row.sealed_old_password !== null)
      secrets.oldCassandraPassword = ofCluster(row.sealed_old_password, 'sealed_old_password');
  }
  if (row.sealed_secrets !== null) {
    const options = JSON.parse(box.open(row.sealed_secrets, jobSecretsPlace(row.job_id))) as Record<
      string,
      string
    >;
    const asked = options['change-default-cassandra-password'];
    if (asked !== undefined) secrets.newCassandraPassword = asked;
  }
  return secrets;
}
