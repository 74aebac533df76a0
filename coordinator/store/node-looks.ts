// What there is to do for nodes, told to the streams that hold them: runs to deliver, stop or fence, and peers' questions.
import { sql } from 'kysely';
import type { RunInput } from '../../shared/run-input.ts';
import type { Executor } from './database.ts';
import { MAY_HAVE_SECRETS } from './identities.ts';
import type { Stream } from './presence.ts';

/** A run as the gateway delivers it. */
export interface DeliverableRun {
  id: string;
  jobId: string;
  /** null once accepted: the agent has it */
  input: RunInput | null;
  accepted: boolean;
  stopRequested: boolean;
  fenced: boolean;
  mayHaveSecrets: boolean;
}

export interface OpenQuestion {
  id: string;
  address: string;
  withinMs: number;
}

/** Somebody has to know what the node here sees of its ring. */
export interface OpenLook {
  /** of the question */
  id: string;
  round: number;
  address: string;
}

export interface NodeLook {
  runs: DeliverableRun[];
  /** what this node's agent has still to answer */
  questions: OpenQuestion[];
  looks: OpenLook[];
}

/**
 * How long a peer may still watch for a question `q`: it has to answer before the asker's time is over, since what it saw is
 * the reason that the asker then gives.
 */
const leftToWatch = sql`greatest(1, round(q.within_ms - least(q.within_ms * 0.1, 2000)
  - extract(epoch from now() - q.asked_on) * 1000))::int`;

/** A view `v` for a question `q` that is still of use. */
const lookIsOpen = sql`v.seen_on is null and v.round = q.round and q.round_on > now() - interval '1 minute'`;

/**
 * Every run of these nodes that is not settled. Those that are another stream's, or nobody's, are made theirs first, by compare-and-set.
 * One statement for all: operators' jobs wait for it.
 * @param streams each of another node
 * @returns nothing for a node that holds another stream, or none: this one gets nothing
 */
export async function lookAtNodes(db: Executor, streams: readonly Stream[]): Promise<Map<string, NodeLook>> {
  const rows = await sql<NodeLook & { nodeId: string }>`
    with holder as (
      select a.node_id, a.session_id from agent a
        join json_to_recordset(${JSON.stringify(streams)}::json) as g ("nodeId" uuid, "sessionId" uuid)
        on g."nodeId" = a.node_id and g."sessionId" = a.session_id),
    due as (
      select r.id, h.session_id from run r join holder h on h.node_id = r.node_id
      where r.finished_on is null and r.fenced_on is null and r.claimed_by is distinct from h.session_id
      order by r.id for update of r),
    claimed as (
      update run set claimed_by = due.session_id
      from due where run.id = due.id returning run.id)
    select h.node_id as "nodeId",
      coalesce((select json_agg(json_build_object('id', r.id, 'jobId', r.job_id,
          'input', case when r.accepted_on is null then r.input end, 'accepted', r.accepted_on is not null,
          'stopRequested', r.stop_requested_on is not null, 'fenced', r.fenced_on is not null,
          'mayHaveSecrets', ${MAY_HAVE_SECRETS}) order by r.created_on)
        from run r join job j on j.id = r.job_id where r.node_id = h.node_id and r.let_go_on is null and r.finished_on is null
          and (r.fenced_on is not null or r.claimed_by = h.session_id or r.id in (select id from claimed))), '[]') as runs,
      coalesce((select json_agg(json_build_object('id', q.id, 'address', q.address, 'withinMs', ${leftToWatch}))
        from peer_view v join peer_question q on q.id = v.question_id
        where v.node_id = h.node_id and v.sight is null
          and q.asked_on > now() - make_interval(secs => q.within_ms / 1000.0)), '[]') as questions,
      coalesce((select json_agg(json_build_object('id', q.id, 'address', q.address, 'round', q.round))
        from ring_view v join stop_question q on q.run_id = v.run_id where v.node_id = h.node_id and ${lookIsOpen}), '[]') as looks
    from holder h`.execute(db);
  return new Map(rows.rows.map(({ nodeId, ...look }) => [nodeId, look]));
}

/** Something that a stream has to be told and that may not have reached it: the wake for it can get lost. */
export interface Due {
  sessionId: string;
  what: 'start-run' | 'stop-run' | 'fence-run' | 'watch-peer' | 'look-at-ring';
  /** of the run or the question, with the round of a look */
  id: string;
}

/**
 * What stands open for the streams that a coordinator serves. It goes by what is open, which is little, and not by the
 * streams, which may be ten thousand.
 */
export async function dueFor(db: Executor, coordinatorId: string): Promise<Due[]> {
  const rows = await sql<Due>`
    select a.session_id as "sessionId", r.id::text, case when r.fenced_on is not null then 'fence-run'
        when r.claimed_by is distinct from a.session_id or r.stop_requested_on is null then 'start-run' else 'stop-run' end as what
      from run r join agent a on a.node_id = r.node_id and a.coordinator_id = ${coordinatorId}
      where r.finished_on is null and r.let_go_on is null
        and (r.fenced_on is not null or r.stop_requested_on is not null or r.accepted_on is null
          or r.claimed_by is distinct from a.session_id)
    union all
    select a.session_id, q.id::text, 'watch-peer'
      from peer_view v join peer_question q on q.id = v.question_id
        join agent a on a.node_id = v.node_id and a.coordinator_id = ${coordinatorId}
      where v.sight is null and q.asked_on > now() - make_interval(secs => q.within_ms / 1000.0)
    union all
    select a.session_id, q.id || ' ' || q.round, 'look-at-ring'
      from ring_view v join stop_question q on q.run_id = v.run_id
        join agent a on a.node_id = v.node_id and a.coordinator_id = ${coordinatorId}
      where ${lookIsOpen}`.execute(db);
  return rows.rows;
}
