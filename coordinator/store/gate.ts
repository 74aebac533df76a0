// Leave to stop nodes, as rows: who asks, what other nodes see of the ring, and what the pass has answered.
import { sql } from 'kysely';
import { gateOptions } from '../../shared/gate-options.ts';
import type { StopAnswer } from '../../shared/ring-view.ts';
import { type RingViewForm, viewOf } from '../../shared/ring-view-form.ts';
import { shortAddress } from '../../shared/short-address.ts';
import type { AskedView, EndedLeave, GateAnswer, StopQuestion } from '../core/gate/facts.ts';
import { beatLost } from './beats.ts';
import type { Executor } from './database.ts';

/** Nodes asked in each datacenter, besides the one that is to be stopped. */
const VIEWS_A_DATACENTER = 2;
/** What a node that was killed still looks like to others for a while: leave of a run that failed counts on for so long. */
const NOTICED_AFTER_S = 60;

const ADDRESS = sql.raw('coalesce(n.broadcast_address, n.listen_address, n.ssh_management_address)');
const CONNECTED = sql`exists (select 1 from agent g join coordinator c on c.id = g.coordinator_id
  where g.node_id = n.id and g.session_id is not null and c.beat_on > ${beatLost})`;

/** What is kept of an answer for the pass alone. */
const CLOCKS = sql.raw(
  `'{hintsSinceMs,hintsWaitedMs,ownUnheardSinceMs,isHeld,heldSinceMs,countsFromMs}'::text[]`,
);

/**
 * A run of this node asks, or asks again: what was answered before is not believed any more. Since when it waits for what still is, as
 * a wait of which the agent is not told; one that came to leave is over, and its time counts against no other.
 * @returns null when the run is not under way on this node
 */
export async function askToStop(
  db: Executor,
  question: { id: string; runId: string; nodeId: string; address: string },
): Promise<{ jobId: string; nodesToWake: string[] } | null> {
  const { id, runId, nodeId, address } = question;
  const rows = await sql<{ job_id: string }>`
    with asked as (
      insert into stop_question (run_id, id, node_id, address)
      select r.id, ${id}, r.node_id, ${address} from run r
        where r.id = ${runId} and r.node_id = ${nodeId} and r.finished_on is null and r.fenced_on is null
      on conflict (run_id) do update set id = excluded.id, address = excluded.address,
        answer = case when stop_question.answer ->> 'verdict' = 'allowed'
            then '{"verdict":"wait","message":"","notes":[]}' || jsonb_build_object('countsFromMs', floor(extract(epoch from excluded.asked_on) * 1000))
          when stop_question.answer ?| ${CLOCKS} then stop_question.answer || '{"verdict":"wait","message":"","notes":[]}' end
      returning run_id)
    select r.job_id from asked join run r on r.id = asked.run_id`.execute(db);
  const jobId = rows.rows[0]?.job_id;
  return jobId === undefined ? null : { jobId, nodesToWake: await askForViews(db, id) };
}

/**
 * A new round: the node itself and up to two others of each datacenter whose agents are there are asked what they see,
 * those first that could look the last time. Of a batch each asks others: one after the other could not answer them all in time.
 * @returns the nodes to wake
 */
export async function askForViews(db: Executor, questionId: string): Promise<string[]> {
  const rows = await sql<{ node_id: string }>`
    with question as (
      update stop_question set round = round + 1, round_on = clock_timestamp() where id = ${questionId} returning *),
    ranked as (
      select q.run_id, q.round, n.id, n.name, n.id = q.node_id as own,
        row_number() over (partition by n.datacenter_id, n.id = q.node_id order by v.problem is not null, coalesce(v.round, 0),
          md5(q.run_id::text || n.id::text)) as place
      from question q
        join node asking on asking.id = q.node_id join datacenter ad on ad.id = asking.datacenter_id
        join datacenter d on d.cluster_id = ad.cluster_id join node n on n.datacenter_id = d.id
        left join ring_view v on v.run_id = q.run_id and v.node_id = n.id
      where ${CONNECTED})
    insert into ring_view (run_id, node_id, node_name, round)
    select run_id, id, name, round from ranked where own or place <= ${VIEWS_A_DATACENTER}
    on conflict (run_id, node_id) do update set round = excluded.round, seen_on = null, view = null, down = false
    returning node_id`.execute(db);
  return rows.rows.map(({ node_id }) => node_id);
}

/** What a node sees, or why it could not look; `down`: because it does not run. */
export type Seen = { view: RingViewForm } | { problem: string; down: boolean };

/**
 * What a node sees, or why it could not look; an answer to an earlier round is let go.
 * @returns the job to look at again, or null
 */
export async function keepView(
  db: Executor,
  nodeId: string,
  questionId: string,
  round: number,
  seen: Seen,
): Promise<string | null> {
  const view = 'view' in seen ? JSON.stringify(seen.view) : null;
  const problem = 'problem' in seen ? seen.problem.slice(0, 500) : null;
  const down = 'down' in seen && seen.down;
  const rows = await sql<{ job_id: string }>`
    update ring_view v set seen_on = clock_timestamp(), problem = ${problem}, view = ${view}::jsonb, down = ${down}
    from stop_question q join run r on r.id = q.run_id
    where q.id = ${questionId} and v.run_id = q.run_id and v.node_id = ${nodeId} and v.round = ${round} and q.round = ${round}
    returning r.job_id`.execute(db);
  return rows.rows[0]?.job_id ?? null;
}

type Row = Omit<StopQuestion, 'options' | 'views' | 'onLeave' | 'notLetGo' | 'ended'> & {
  onLeave: (Omit<EndedLeave, 'endedMs' | 'untilMs'> & { endedMs: number | null; isNotLetGo: boolean })[];
  views: (Omit<AskedView, 'view'> & { view: RingViewForm | null })[];
  jobData: Record<string, unknown>;
};

/** What counts of a node that another run has stopped since, or may have, is that one's leave. */
function endedOf(onLeave: Row['onLeave']): EndedLeave[] {
  const atWork = onLeave.filter(({ endedMs }) => endedMs === null).map(({ address }) => address);
  return onLeave.flatMap(({ isNotLetGo: _, endedMs, ...leave }) =>
    endedMs === null || atWork.includes(leave.address)
      ? []
      : [{ ...leave, endedMs, untilMs: endedMs + NOTICED_AFTER_S * 1_000 }],
  );
}

const ms = (column: string) => sql.raw(`(extract(epoch from ${column}) * 1000)::float8`);

/** What the runs of a job ask that are under way; most passes have none. */
export async function readGate(db: Executor, jobId: string): Promise<StopQuestion[]> {
  const rows = await sql<Row>`
    select r.job_node_id as "jobNodeId", q.node_id as "nodeId", own.name, q.id as "questionId", q.address,
      ${ms('q.asked_on')} as "askedMs", ${ms('q.round_on')} as "roundMs", q.answer, j.job_data as "jobData", coalesce(j.asked_by, j.windows_ignored_by) as "askedBy",
      coalesce((select json_agg(json_build_object('nodeId', v.node_id, 'name', v.node_name, 'seenMs', ${ms('v.seen_on')},
          'problem', v.problem, 'view', v.view, 'down', v.down) order by v.node_name)
        from ring_view v where v.run_id = q.run_id and v.round = q.round), '[]') as views,
      coalesce((select json_agg(json_build_object('nodeId', n.id, 'name', n.name, 'address', ${ADDRESS}, 'connected', ${CONNECTED})
          order by n.name)
        from node n join datacenter d on d.id = n.datacenter_id where d.cluster_id = od.cluster_id and n.id <> own.id), '[]') as peers,
      coalesce((select json_agg(json_build_object('address', other.address, 'isNotLetGo', o.fenced_on is not null and o.let_go_on is null,
          'jobId', oj.id, 'jobType', oj.job_type, 'outcome', case when o.fenced_on is null then o.outcome else 'given up' end,
          'endedMs', ${ms('case when o.fenced_on is null then o.finished_on else o.let_go_on end')}) order by o.created_on)
        from stop_question other join run o on o.id = other.run_id join job oj on oj.id = o.job_id
          join node n on n.id = other.node_id join datacenter d on d.id = n.datacenter_id
        where d.cluster_id = od.cluster_id and other.node_id <> q.node_id and other.allowed_on is not null
          and (case when o.fenced_on is not null then o.let_go_on is null or o.let_go_on > now() - make_interval(secs => ${NOTICED_AFTER_S})
            when o.finished_on is null then true
            else o.outcome is distinct from 'succeeded' and o.finished_on > now() - make_interval(secs => ${NOTICED_AFTER_S}) end)
          and not exists (select from job_node again join job later on later.id = again.job_id join run back on back.job_node_id = again.id
            where again.node_id = other.node_id and back.created_on > o.created_on and back.outcome = 'succeeded' and not later.dry_run)),
        '[]') as "onLeave"
    from stop_question q join run r on r.id = q.run_id join job j on j.id = r.job_id join job_node jn on jn.id = r.job_node_id
      join node own on own.id = q.node_id join datacenter od on od.id = own.datacenter_id
    where r.job_id = ${jobId} and r.finished_on is null and r.fenced_on is null
      and coalesce(q.answer ->> 'verdict', 'wait') = 'wait'
    order by jn.position`.execute(db);
  return rows.rows.map(({ jobData, views, peers, onLeave, ...question }) => ({
    ...question,
    peers: peers.map((peer) => ({ ...peer, address: shortAddress(peer.address) })), // as views have them
    views: views.map(({ view, ...asked }) => ({ ...asked, view: view === null ? null : viewOf(view) })),
    onLeave: onLeave.map(({ address }) => address),
    notLetGo: onLeave.flatMap(({ address, isNotLetGo }) => (isNotLetGo ? [address] : [])),
    ended: endedOf(onLeave),
    options: gateOptions(jobData),
  }));
}

/** Leave given counts from then on against every other stop. */
export async function answerStop(trx: Executor, questionId: string, answer: GateAnswer): Promise<void> {
  const isLeave = answer.verdict === 'allowed';
  await sql`update stop_question set answer = ${JSON.stringify(answer)}::jsonb,
      allowed_on = case when ${isLeave} then now() else allowed_on end
    where id = ${questionId}`.execute(trx);
}

/** What the runs of this node that are under way were answered. */
export async function stopAnswers(
  db: Executor,
  nodeId: string,
): Promise<({ questionId: string } & StopAnswer)[]> {
  const rows = await sql<{ id: string; answer: StopAnswer }>`
    select q.id, q.answer - ${CLOCKS} as answer from stop_question q join run r on r.id = q.run_id
    where q.node_id = ${nodeId} and q.answer ->> 'message' <> '' and r.finished_on is null and r.fenced_on is null`.execute(
    db,
  );
  return rows.rows.map(({ id, answer }) => ({ questionId: id, ...answer }));
}

/** These nodes are over: what others saw is of no use any more; that leave was given still is. */
export async function forgetViews(trx: Executor, jobNodeIds: readonly string[]): Promise<void> {
  await sql`delete from ring_view where run_id in (select id from run where job_node_id = any(${jobNodeIds}::uuid[]))`.execute(
    trx,
  );
}
