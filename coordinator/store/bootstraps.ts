// Agents that are brought to hosts over SSH: asked for by passes, done by whoever holds the lease, with the way into the host from the model.
import { sql } from 'kysely';
import type { SealBox } from '../security/seal.ts';
import { beatLost } from './beats.ts';
import type { Database, Executor } from './database.ts';
import { insertEvents, lockCounters, type NewEvent } from './events.ts';
import { nearest } from './nearest.ts';

export async function askForAgent(
  trx: Executor,
  at: { jobId: string; jobNodeId: string; nodeId: string },
): Promise<void> {
  await sql`insert into bootstrap (job_node_id, job_id, node_id) values (${at.jobNodeId}, ${at.jobId}, ${at.nodeId})
    on conflict do nothing`.execute(trx);
}

/**
 * `succeeded`: their runs begin; `dropped`: the job nodes are over. A lease stands until whoever is at work on it has let go of the host.
 * @returns the job nodes that had one: who is at work on it has to be woken
 */
export async function endBootstraps(
  trx: Executor,
  jobNodeIds: readonly string[],
  outcome: 'succeeded' | 'dropped',
): Promise<string[]> {
  const ended = await sql<{
    id: string;
  }>`update bootstrap set ended_on = clock_timestamp(), outcome = ${outcome}
    where job_node_id = any(${jobNodeIds}::uuid[]) and ended_on is null returning job_node_id as id`.execute(
    trx,
  );
  return ended.rows.map(({ id }) => id);
}

/** One try, held by one coordinator. */
export interface Lease {
  leaseId: string;
  jobNodeId: string;
  jobId: string;
  nodeId: string;
  /** since the job last waited for a way in */
  failedTries: number;
  /** tries begun since the last that came to an end, this one included */
  begunTries: number;
  /** why the try before found no way in; null when it did, or there was none */
  waitedFor: string | null;
}

const within = (ms: number) => sql`clock_timestamp() + make_interval(secs => ${ms / 1_000})`;

/** Somebody has changed the node, what it inherits from, or its credential since the latest try. */
const HAS_CHANGED = `exists (select from node n join datacenter d on d.id = n.datacenter_id join cluster cl on cl.id = d.cluster_id
  left join machine_credential c on c.id = ${nearest('machine_credential_id')}
  where n.id = b.node_id and greatest(n.modified_on, d.modified_on, cl.modified_on, c.modified_on) > b.tried_on)`;

/** Takes tries that are due and that nobody is at, nor at another of the same node, at most so many; none for a dry-run, which touches no host. */
export async function takeBootstraps(db: Executor, most: number, leaseMs: number): Promise<Lease[]> {
  const { rows } = await sql<Lease>`
    with due as (
      select b.job_node_id from bootstrap b
      where b.ended_on is null and (b.leased_until is null or b.leased_until < clock_timestamp())
        and (b.next_try_on <= clock_timestamp() or b.waits and ${sql.raw(HAS_CHANGED)})
        and not exists (select from bootstrap o where o.node_id = b.node_id and o.job_node_id <> b.job_node_id
          and o.leased_until >= clock_timestamp())
        and not exists (select from job j where j.id = b.job_id and j.dry_run)
      order by b.next_try_on limit ${most} for update skip locked)
    update bootstrap b set lease_id = gen_random_uuid(), leased_until = ${within(leaseMs)}, tried_on = clock_timestamp(),
      begun_tries = b.begun_tries + 1
    from due where b.job_node_id = due.job_node_id
    returning b.lease_id as "leaseId", b.job_node_id as "jobNodeId", b.job_id as "jobId", b.node_id as "nodeId", b.failed_tries as "failedTries",
      b.begun_tries as "begunTries", case when b.waits then b.reason end as "waitedFor"`.execute(db);
  return rows;
}

/** @returns false when the try is not ours any more: another has taken it over, or its job node needs it no longer */
export async function renewLease(
  db: Executor,
  { leaseId, jobNodeId }: Lease,
  leaseMs: number,
): Promise<boolean> {
  const renewed = await sql`update bootstrap set leased_until = ${within(leaseMs)}
    where job_node_id = ${jobNodeId} and lease_id = ${leaseId} and ended_on is null`.execute(db);
  return renewed.numAffectedRows === 1n;
}

/** A try that was not finished: anybody may go on with it, or with another of its node, at once. */
export async function giveLeaseBack(db: Executor, { leaseId, jobNodeId }: Lease): Promise<void> {
  await sql`update bootstrap set leased_until = null, begun_tries = greatest(begun_tries - 1, 0)
    where job_node_id = ${jobNodeId} and lease_id = ${leaseId}`.execute(db);
}

/** How a try ended. */
export type TryEnd =
  | { outcome: 'succeeded' }
  | { outcome: 'again'; reason: string; inMs: number }
  /** no way in: once there is one, tries are counted anew. @param inMs null: once the model has changed */
  | { outcome: 'waits'; reason: string; inMs: number | null }
  | { outcome: 'failed'; reason: string };

async function endTry(trx: Executor, jobNodeId: string, end: TryEnd): Promise<void> {
  if (end.outcome === 'succeeded') await endBootstraps(trx, [jobNodeId], 'succeeded');
  else {
    const [isOver, waits] = [end.outcome === 'failed', end.outcome === 'waits'];
    const inMs = end.outcome === 'failed' ? 0 : end.inMs;
    await sql`update bootstrap set failed_tries = case when ${waits} then 0 else failed_tries + 1 end, reason = ${end.reason}, waits = ${waits},
        next_try_on = ${inMs === null ? sql`'infinity'` : within(inMs)},
        entered_on = case when ${isOver} then coalesce(entered_on, clock_timestamp()) else entered_on end,
        ended_on = case when ${isOver} then clock_timestamp() end, outcome = case when ${isOver} then 'failed' end
      where job_node_id = ${jobNodeId}`.execute(trx);
  }
  await sql`update bootstrap set leased_until = null, lease_id = null, begun_tries = 0 where job_node_id = ${jobNodeId}`.execute(
    trx,
  );
}

/**
 * Does something for a try in one transaction, only while the try is ours.
 * @returns null when it is not: nothing was done
 */
export async function underLease<T>(
  db: Database,
  { leaseId, jobNodeId, jobId }: Lease,
  work: (trx: Executor, tell: (events: readonly NewEvent[]) => Promise<void>) => Promise<T>,
): Promise<{ done: T } | null> {
  return await db.transaction().execute(async (trx) => {
    // Counters first, as passes do.
    const counts = await lockCounters(trx, [jobId]);
    const ours = await sql`select 1 from bootstrap
      where job_node_id = ${jobNodeId} and lease_id = ${leaseId} and ended_on is null for update`.execute(
      trx,
    );
    if (ours.rows.length === 0) return null;
    const tell = (events: readonly NewEvent[]) => insertEvents(trx, events, { counts, suspects: [] });
    return { done: await work(trx, async (events) => void (await tell(events))) };
  });
}

/**
 * Stores an event of a try, and its end if that is what it tells, only while the try is ours.
 * @returns false when it is not: nothing was stored
 */
export async function tellOfTry(
  db: Database,
  lease: Lease,
  event: NewEvent | null,
  end: TryEnd | null,
): Promise<boolean> {
  const told = await underLease(db, lease, async (trx, tell) => {
    if (event !== null) await tell([event]);
    if (end !== null) await endTry(trx, lease.jobNodeId, end);
  });
  return told !== null;
}

/** The host has let us in, and nothing is missing: the job node is at work. @returns false when the try is not ours any more */
export async function noteEntered(db: Database, lease: Lease): Promise<boolean> {
  const noted =
    await sql`update bootstrap set entered_on = coalesce(entered_on, clock_timestamp()), waits = false
    where job_node_id = ${lease.jobNodeId} and lease_id = ${lease.leaseId} and ended_on is null`.execute(db);
  return noted.numAffectedRows === 1n;
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

/** The fingerprint that a node's host has to show at this `address:port`. @returns null where it is not known yet */
export async function knownHostKey(db: Executor, nodeId: string, at: string): Promise<string | null> {
  const { rows } = await sql<{ key: string | null }>`
    select coalesce(ssh_host_key, case when accepted_host_at = ${at} then accepted_host_key end) as key
    from node where id = ${nodeId}`.execute(db);
  return rows[0]?.key ?? null;
}

/**
 * Accepts what a host showed, unless one is known already: what was accepted at another address or port is forgotten.
 * @returns the fingerprint that holds, and whether it was pinned now
 */
export async function pinHostKey(
  db: Executor,
  nodeId: string,
  { fingerprint, at }: { fingerprint: string; at: string },
): Promise<{ pinned: string; isNew: boolean }> {
  const pinned =
    await sql`update node set accepted_host_key = ${fingerprint}, accepted_host_at = ${at} where id = ${nodeId}
      and ssh_host_key is null and (accepted_host_key is null or accepted_host_at is distinct from ${at})`.execute(
      db,
    );
  if (pinned.numAffectedRows === 1n) return { pinned: fingerprint, isNew: true };
  return { pinned: (await knownHostKey(db, nodeId, at)) ?? 'nothing: it is gone', isNew: false };
}

export async function isAgentConnected(db: Executor, nodeId: string): Promise<boolean> {
  const { rows } = await sql`select 1 from agent a join coordinator c on c.id = a.coordinator_id
    where a.node_id = ${nodeId} and a.session_id is not null and c.beat_on > ${beatLost}`.execute(db);
  return rows.length > 0;
}

/** Whether the gateway takes this certificate for the node's: its own, or the one that is to take its place. */
export async function isGoodCertificate(db: Executor, nodeId: string, serial: string): Promise<boolean> {
  const { rows } = await sql<{ good: boolean }>`
    select coalesce(${serial} in (k.serial, k.next_serial), k.node_id is null) as good
    from node n left join node_certificate k on k.node_id = n.id where n.id = ${nodeId}`.execute(db);
  return rows[0]?.good === true;
}
