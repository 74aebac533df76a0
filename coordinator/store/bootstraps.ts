// Agents that are brought to hosts over SSH: asked for by passes, done by whoever holds the lease, with the way into the host from the model.
import { sql } from 'kysely';
import type { SealBox } from '../security/seal.ts';
import { beatLost } from './beats.ts';
import type { Database, Executor } from './database.ts';
import { insertEvents, lockCounters, type NewEvent } from './events.ts';
import { nearest } from './nearest.ts';

/** Nobody else begins with it for as long as it is renewed. */
export const LEASE_S = 30;

export async function askForAgent(
  trx: Executor,
  at: { jobId: string; jobNodeId: string; nodeId: string },
): Promise<void> {
  await sql`insert into bootstrap (job_node_id, job_id, node_id) values (${at.jobNodeId}, ${at.jobId}, ${at.nodeId})
    on conflict do nothing`.execute(trx);
}

/** `succeeded`: its run begins; `dropped`: the job node is over. Whoever is at work on it finds out by its lease. */
export async function endBootstrap(
  trx: Executor,
  jobNodeId: string,
  outcome: 'succeeded' | 'dropped',
): Promise<void> {
  await sql`update bootstrap set ended_on = clock_timestamp(), outcome = ${outcome}
    where job_node_id = ${jobNodeId} and ended_on is null`.execute(trx);
}

/** One try, held by one coordinator. */
export interface Lease {
  leaseId: string;
  jobNodeId: string;
  jobId: string;
  nodeId: string;
  failedTries: number;
}

/** Takes tries that are due and that nobody is at, at most so many. */
export async function takeBootstraps(db: Executor, most: number): Promise<Lease[]> {
  const { rows } = await sql<Lease>`
    with due as (
      select job_node_id from bootstrap
      where ended_on is null and next_try_on <= clock_timestamp() and (leased_until is null or leased_until < clock_timestamp())
      order by next_try_on limit ${most} for update skip locked)
    update bootstrap b set lease_id = gen_random_uuid(), leased_until = clock_timestamp() + make_interval(secs => ${LEASE_S})
    from due where b.job_node_id = due.job_node_id
    returning b.lease_id as "leaseId", b.job_node_id as "jobNodeId", b.job_id as "jobId", b.node_id as "nodeId", b.failed_tries as "failedTries"`.execute(
    db,
  );
  return rows;
}

/** @returns false when the try is not ours any more: another has taken it over, or its job node needs it no longer */
export async function renewLease(db: Executor, { leaseId, jobNodeId }: Lease): Promise<boolean> {
  const renewed =
    await sql`update bootstrap set leased_until = clock_timestamp() + make_interval(secs => ${LEASE_S})
    where job_node_id = ${jobNodeId} and lease_id = ${leaseId} and ended_on is null`.execute(db);
  return renewed.numAffectedRows === 1n;
}

/** A try that was not finished: anybody may go on with it at once. */
export async function giveLeaseBack(db: Executor, { leaseId, jobNodeId }: Lease): Promise<void> {
  await sql`update bootstrap set leased_until = null where job_node_id = ${jobNodeId} and lease_id = ${leaseId}`.execute(
    db,
  );
}

/** How a try ended. */
export type TryEnd =
  | { outcome: 'succeeded' }
  | { outcome: 'failed'; reason: string; againInMs: number | null };

/**
 * Stores an event of a try, and its end if that is what it tells, only while the try is ours.
 * @returns false when it is not: nothing was stored
 */
export async function tellOfTry(
  db: Database,
  { leaseId, jobNodeId, jobId }: Lease,
  event: NewEvent | null,
  end: TryEnd | null,
): Promise<boolean> {
  return await db.transaction().execute(async (trx) => {
    // Counters first, as passes do.
    const counts = await lockCounters(trx, [jobId]);
    const ours = await sql`select 1 from bootstrap
      where job_node_id = ${jobNodeId} and lease_id = ${leaseId} and ended_on is null for update`.execute(
      trx,
    );
    if (ours.rows.length === 0) return false;
    if (event !== null) await insertEvents(trx, [event], { counts, suspects: [] });
    if (end?.outcome === 'succeeded') await endBootstrap(trx, jobNodeId, 'succeeded');
    if (end?.outcome === 'failed') {
      const isOver = end.againInMs === null;
      await sql`update bootstrap set failed_tries = failed_tries + 1, reason = ${end.reason}, leased_until = null, lease_id = null,
          next_try_on = clock_timestamp() + make_interval(secs => ${(end.againInMs ?? 0) / 1_000}),
          ended_on = case when ${isOver} then clock_timestamp() end, outcome = case when ${isOver} then 'failed' end
        where job_node_id = ${jobNodeId}`.execute(trx);
    }
    return true;
  });
}

/** A node's host and its nearest machine credential, opened. */
export interface HostAccess {
  nodeName: string;
  address: string;
  port: number;
  credentialName: string;
  loginName: string | null;
  loginPassword: string | null;
  privateKey: string | null;
  passphrase: string | null;
  becomeMode: 'sudo' | 'su' | 'direct';
  becomeUser: string | null;
  becomePassword: string | null;
}

/** @returns null when the node, or its credential, is gone */
export async function readHostAccess(db: Executor, box: SealBox, nodeId: string): Promise<HostAccess | null> {
  const { rows } = await sql<{
    node_name: string;
    address: string;
    port: number;
    id: string;
    name: string;
    login_name: string | null;
    sealed_login_password: Buffer | null;
    sealed_ssh_private_key: Buffer | null;
    sealed_ssh_unlock: Buffer | null;
    become_mode: HostAccess['becomeMode'];
    become_user: string | null;
    sealed_become_password: Buffer | null;
  }>`select n.name as node_name, n.ssh_management_address as address, ${sql.raw(nearest('ssh_management_port'))} as port,
      c.id, c.name, c.login_name, c.sealed_login_password, c.sealed_ssh_private_key, c.sealed_ssh_unlock,
      c.become_mode, c.become_user, c.sealed_become_password
    from node n join datacenter d on d.id = n.datacenter_id join cluster cl on cl.id = d.cluster_id
      join machine_credential c on c.id = ${sql.raw(nearest('machine_credential_id'))}
    where n.id = ${nodeId}`.execute(db);
  const row = rows[0];
  if (row === undefined) return null;
  const opened = (sealed: Buffer | null, column: string): string | null =>
    sealed === null ? null : box.open(sealed, { table: 'machine_credential', id: row.id, column });
  return {
    nodeName: row.node_name,
    address: row.address,
    port: row.port,
    credentialName: row.name,
    loginName: row.login_name,
    loginPassword: opened(row.sealed_login_password, 'sealed_login_password'),
    privateKey: opened(row.sealed_ssh_private_key, 'sealed_ssh_private_key'),
    passphrase: opened(row.sealed_ssh_unlock, 'sealed_ssh_unlock'),
    becomeMode: row.become_mode,
    becomeUser: row.become_user,
    becomePassword: opened(row.sealed_become_password, 'sealed_become_password'),
  };
}

/** Pins a host's key where the node has none: of two at once one wins. @returns the one that holds, and whether it is new */
export async function pinHostKey(
  db: Executor,
  nodeId: string,
  fingerprint: string,
): Promise<{ pinned: string; isNew: boolean }> {
  const pinned = await sql`update node set accepted_host_key = ${fingerprint}
    where id = ${nodeId} and ssh_host_key is null and accepted_host_key is null`.execute(db);
  if (pinned.numAffectedRows === 1n) return { pinned: fingerprint, isNew: true };
  const { rows } = await sql<{ key: string | null }>`select coalesce(ssh_host_key, accepted_host_key) as key
    from node where id = ${nodeId}`.execute(db);
  return { pinned: rows[0]?.key ?? 'nothing: it is gone', isNew: false };
}

export async function isAgentConnected(db: Executor, nodeId: string): Promise<boolean> {
  const { rows } = await sql`select 1 from agent a join coordinator c on c.id = a.coordinator_id
    where a.node_id = ${nodeId} and a.session_id is not null and c.beat_on > ${beatLost}`.execute(db);
  return rows.length > 0;
}
