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

/** One beat of this coordinator; a gap in all beats moves the moment from which silence counts. */
export async function beat(db: Executor, coordinatorId: string): Promise<void> {
  await sql`insert into coordinator (id) values (${coordinatorId}) on conflict (id) do update set beat_on = now()`.execute(
    db,
  );
  await sql`update listening set beat_on = now(),
    since = case when beat_on < now() - make_interval(secs => ${BEAT_LOST_AFTER_S}) then now() else since end`.execute(
    db,
  );
}

/** The newest stream of a node wins. @returns false when there is no such node */
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
): Promise<boolean> {
  const row =
    await sql`insert into agent (node_id, certificate_serial, version, hostname, coordinator_id, session_id, connected_on, disconnected_on)
    select id, ${agent.certificateSerial}, ${agent.version}, ${agent.hostname}, ${agent.coordinatorId}, ${agent.sessionId}, now(), null
      from node where id = ${agent.nodeId}
    on conflict (node_id) do update set certificate_serial = excluded.certificate_serial, version = excluded.version,
      hostname = excluded.hostname, coordinator_id = excluded.coordinator_id, session_id = excluded.session_id,
      connected_on = excluded.connected_on, disconnected_on = null`.execute(db);
  return (row.numAffectedRows ?? 0n) === 1n;
}

/** Only if the stream is still the node's newest. */
export async function detachAgent(db: Executor, nodeId: string, sessionId: string): Promise<void> {
  await sql`update agent set session_id = null, coordinator_id = null, disconnected_on = now()
    where node_id = ${nodeId} and session_id = ${sessionId}`.execute(db);
}
