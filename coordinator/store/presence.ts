// Who is alive: coordinators by their beat, agents by the stream they hold, and what a cold start finds orphaned.
import { sql } from 'kysely';
import type { Database, Executor } from './database.ts';
import { BEAT_LOST_AFTER_S } from './world.ts';

/**
 * A cold start: every stream row is stale, and every job under way is orphaned.
 * Seed, "Job Status": "If the OpsCenter server is restarted while a job is RUNNING, the job will be given this status on startup."
 * @returns how many jobs
 */
export async function markOrphans(db: Database): Promise<number> {
  return await db.transaction().execute(async (trx) => {
    await sql`update agent set session_id = null, coordinator_id = null, disconnected_on = clock_timestamp() where session_id is not null`.execute(
      trx,
    );
    await sql`delete from coordinator`.execute(trx);
    const jobs =
      await sql`update job set orphaned_on = clock_timestamp() where started_on is not null and ended_on is null`.execute(
        trx,
      );
    return Number(jobs.numAffectedRows ?? 0n);
  });
}

/** Long after its streams counted as gone: one that only stood still finds its row, or beats it into being again. */
const FORGOTTEN_AFTER_S = 600;

/**
 * One beat of this coordinator; a gap in all beats moves the moment from which silence counts. Others that are long dead
 * are forgotten in passing; agents that have not come back since are away from their last beat.
 */
export async function beat(db: Executor, coordinatorId: string): Promise<void> {
  await sql`insert into coordinator (id) values (${coordinatorId}) on conflict (id) do update set beat_on = now()`.execute(
    db,
  );
  await sql`update listening set beat_on = now(),
    since = case when beat_on < now() - make_interval(secs => ${BEAT_LOST_AFTER_S}) then now() else since end`.execute(
    db,
  );
  await sql`with dead as (
      delete from coordinator where beat_on < now() - make_interval(secs => ${FORGOTTEN_AFTER_S}) returning id, beat_on),
    left_behind as (
      select a.node_id, dead.beat_on from agent a join dead on a.coordinator_id = dead.id
      order by a.node_id for update of a skip locked)
    update agent set session_id = null, coordinator_id = null, disconnected_on = left_behind.beat_on
    from left_behind where agent.node_id = left_behind.node_id`.execute(db);
}

/**
 * The newest stream of a node wins, whichever is heard of first: session ids are UUIDv7 of the moment of dialling.
 * A stream that nobody serves any more gives way to any.
 */
export async function attachAgent(
  db: Executor,
  agent: {
    nodeId: string;
    sessionId: string;
    coordinatorId: string;
    version: string;
    hostname: string;
    certificateSerial: string;
  },
): Promise<'attached' | 'older' | 'unknown-node'> {
  const row =
    await sql`insert into agent (node_id, certificate_serial, version, hostname, coordinator_id, session_id, connected_on, disconnected_on)
    select id, ${agent.certificateSerial}, ${agent.version}, ${agent.hostname}, ${agent.coordinatorId}, ${agent.sessionId}, now(), null
      from node where id = ${agent.nodeId}
    on conflict (node_id) do update set certificate_serial = excluded.certificate_serial, version = excluded.version,
      hostname = excluded.hostname, coordinator_id = excluded.coordinator_id, session_id = excluded.session_id,
      connected_on = excluded.connected_on, disconnected_on = null
    where agent.session_id is null or agent.session_id < excluded.session_id or not exists (select 1 from coordinator
      where id = agent.coordinator_id and beat_on > now() - make_interval(secs => ${BEAT_LOST_AFTER_S}))`.execute(
      db,
    );
  if (row.numAffectedRows === 1n) return 'attached';
  const node = await sql`select 1 from node where id = ${agent.nodeId}`.execute(db);
  return node.rows.length === 1 ? 'older' : 'unknown-node';
}

/** Only if the stream is still the node's newest. */
export async function detachAgent(db: Executor, nodeId: string, sessionId: string): Promise<void> {
  await sql`update agent set session_id = null, coordinator_id = null, disconnected_on = now()
    where node_id = ${nodeId} and session_id = ${sessionId}`.execute(db);
}

/** What a stream is to its node that holds another (`superseded`: a newer one) or none. */
export type Standing = 'superseded' | 'detached' | 'unknown-node';

export async function standingOf(db: Executor, nodeId: string, sessionId: string): Promise<Standing> {
  const answer = await sql<{
    standing: Standing;
  }>`select case when a.session_id > ${sessionId} then 'superseded' else 'detached' end as standing
    from node n left join agent a on a.node_id = n.id where n.id = ${nodeId}`.execute(db);
  return answer.rows[0]?.standing ?? 'unknown-node';
}

/** The streams that this coordinator serves, as the others see it. */
export async function servedBy(
  db: Executor,
  coordinatorId: string,
): Promise<{ nodeId: string; sessionId: string }[]> {
  const rows = await sql<{
    nodeId: string;
    sessionId: string;
  }>`select node_id as "nodeId", session_id as "sessionId" from agent where coordinator_id = ${coordinatorId}`.execute(
    db,
  );
  return rows.rows;
}
