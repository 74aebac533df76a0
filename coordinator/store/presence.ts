// Who is alive: coordinators by their beat, agents by the stream they hold, and what a cold start finds orphaned.
import { sql } from 'kysely';
import { BEAT_LOST_AFTER_S } from './beats.ts';
import type { Database, Executor } from './database.ts';

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

/**
 * Whether any coordinator left without a word: it may have been killed, or it may live. However old its last beat: nobody beats
 * while the database is away.
 */
export async function anyCoordinatorLeft(db: Executor): Promise<boolean> {
  const rows = await sql`select 1 from coordinator limit 1`.execute(db);
  return rows.rows.length > 0;
}

/** This coordinator ends as it should: whoever starts next need not wait to see whether it lives. */
export async function sayGoodbye(db: Executor, coordinatorId: string): Promise<void> {
  await sql`with left_behind as (
      select node_id from agent where coordinator_id = ${coordinatorId} order by node_id for update),
    cleared as (
      update agent set session_id = null, coordinator_id = null, disconnected_on = now()
      from left_behind where agent.node_id = left_behind.node_id)
    delete from coordinator where id = ${coordinatorId}`.execute(db);
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
  const gap = sql`beat_on < now() - make_interval(secs => ${BEAT_LOST_AFTER_S})`;
  await sql`update listening set beat_on = now(), since = case when ${gap} then now() else since end,
    heard_until = case when ${gap} then beat_on else heard_until end`.execute(db);
  await sql`with dead as (
      delete from coordinator where beat_on < now() - make_interval(secs => ${FORGOTTEN_AFTER_S}) returning id, beat_on),
    left_behind as (
      select a.node_id, dead.beat_on from agent a join dead on a.coordinator_id = dead.id
      order by a.node_id for update of a skip locked)
    update agent set session_id = null, coordinator_id = null, disconnected_on = left_behind.beat_on
    from left_behind where agent.node_id = left_behind.node_id`.execute(db);
}

/** A stream that an agent has opened and wants its node to hold. */
export interface Arriving {
  nodeId: string;
  sessionId: string;
  version: string;
  hostname: string;
  /** from where it was dialled */
  address: string;
  certificateSerial: string;
}

/**
 * `replaced`: the node held another stream until now, which has to find out. `contested`: so too, and agents of two hosts have begun
 * to take turns. `former-certificate`: another one is good now.
 */
export type Arrival = 'attached' | 'replaced' | 'contested' | 'older' | 'unknown-node' | 'former-certificate';

/** A host that takes another's place more often within the time has not moved: no agent dials when it was told that another serves. */
const MOST_TAKEOVERS = 3;
/** Longer than a service manager waits before it starts what ended, and as long as two agents count as taking turns. */
export const TAKEOVERS_WITHIN_S = 600;
const recent = (column: string) =>
  sql.raw(`coalesce(${column} > now() - make_interval(secs => ${TAKEOVERS_WITHIN_S}), false)`);
/** By the host's name alone: one host may dial from several addresses. */
const IS_TAKEOVER = sql`(agent.session_id is not null and agent.address is not null
  and agent.hostname is distinct from excluded.hostname)`;
const COUNT_TAKEOVERS = sql`former_host = case when ${IS_TAKEOVER} then format('%s (%s)', agent.hostname, agent.address) else agent.former_host end,
        takeovers = case when not ${IS_TAKEOVER} then agent.takeovers when ${recent('agent.takeovers_since')} then agent.takeovers + 1 else 1 end,
        takeovers_since = case when ${IS_TAKEOVER} and not ${recent('agent.takeovers_since')} then now() else agent.takeovers_since end,
        contested_on = case when ${IS_TAKEOVER} and ${recent('agent.takeovers_since')} and agent.takeovers >= ${MOST_TAKEOVERS} then now()
          else agent.contested_on end`;

/**
 * The newest stream of a node wins, whichever is heard of first: session ids are UUIDv7 of the moment of dialling.
 * A stream that nobody serves any more gives way to any. A renewed certificate that is seen here ends the one before it.
 * @param streams each of another node
 */
export async function attachAgents(
  db: Executor,
  coordinatorId: string,
  streams: readonly Arriving[],
): Promise<Map<string, Arrival>> {
  const rows = await sql<{ nodeId: string; arrival: Arrival }>`
    with given as (select * from json_to_recordset(${JSON.stringify(streams)}::json)
      as g ("nodeId" uuid, "sessionId" uuid, version text, hostname text, address text, "certificateSerial" text)),
    allowed as (select g.* from given g left join node_certificate k on k.node_id = g."nodeId"
      where k.node_id is null or g."certificateSerial" in (k.serial, k.next_serial)),
    seen as (
      update node_certificate k set serial = k.next_serial, next_serial = null
      from allowed g where k.node_id = g."nodeId" and k.next_serial = g."certificateSerial"),
    before as (select a.node_id, ${recent('a.contested_on')} as contested from agent a join given g on g."nodeId" = a.node_id where a.session_id is not null),
    attached as (
      insert into agent (node_id, certificate_serial, version, hostname, address, coordinator_id, session_id, connected_on, disconnected_on)
      select n.id, g."certificateSerial", g.version, g.hostname, g.address, ${coordinatorId}::uuid, g."sessionId", now(), null
        from allowed g join node n on n.id = g."nodeId" order by n.id
      on conflict (node_id) do update set certificate_serial = excluded.certificate_serial, version = excluded.version,
        hostname = excluded.hostname, address = excluded.address, ${COUNT_TAKEOVERS}, coordinator_id = excluded.coordinator_id, session_id = excluded.session_id,
        connected_on = excluded.connected_on, disconnected_on = null
      where agent.session_id is null or agent.session_id < excluded.session_id or not exists (select 1 from coordinator
        where id = agent.coordinator_id and beat_on > now() - make_interval(secs => ${BEAT_LOST_AFTER_S}))
      returning node_id, contested_on = now() as contested)
    select g."nodeId", case when t.contested and not b.contested then 'contested' when b.node_id is not null and t.node_id is not null then 'replaced'
      when t.node_id is not null then 'attached' when n.id is null then 'unknown-node'
      when p."nodeId" is null then 'former-certificate' else 'older' end as arrival
    from given g left join allowed p on p."nodeId" = g."nodeId" left join node n on n.id = g."nodeId" left join attached t on t.node_id = g."nodeId"
      left join before b on b.node_id = g."nodeId"`.execute(db);
  return new Map(rows.rows.map(({ nodeId, arrival }) => [nodeId, arrival]));
}

/** The hosts whose agents take turns as this node, as `name (address)`. */
export async function contestants(db: Executor, nodeId: string): Promise<string[]> {
  const rows = await sql<{
    hosts: string[];
  }>`select array[former_host, format('%s (%s)', hostname, address)] as hosts
    from agent where node_id = ${nodeId}`.execute(db);
  return rows.rows[0]?.hosts ?? [];
}

export interface Stream {
  nodeId: string;
  sessionId: string;
}

/** Only where the stream is still the node's newest. */
export async function detachAgents(db: Executor, streams: readonly Stream[]): Promise<void> {
  await sql`with ended as (
      select a.node_id from agent a join json_to_recordset(${JSON.stringify(streams)}::json) as g ("nodeId" uuid, "sessionId" uuid)
        on g."nodeId" = a.node_id and g."sessionId" = a.session_id order by a.node_id for update of a)
    update agent set session_id = null, coordinator_id = null, disconnected_on = now()
    from ended where agent.node_id = ended.node_id`.execute(db);
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
export async function servedBy(db: Executor, coordinatorId: string): Promise<Stream[]> {
  const rows =
    await sql<Stream>`select node_id as "nodeId", session_id as "sessionId" from agent where coordinator_id = ${coordinatorId}`.execute(
      db,
    );
  return rows.rows;
}
