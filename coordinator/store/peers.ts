// Questions of an agent to its cluster's other agents: "does your database node see mine as normal?", as rows and wakes.
import { sql } from 'kysely';
import { REDIAL } from '../../shared/backoff.ts';
import type { PeerSight, PeerStanding } from '../../shared/wire/messages.ts';
import { beatLost, listeningSince } from './beats.ts';
import type { Executor } from './database.ts';

/** An answer that is this late helps nobody: an agent stops waiting when its own time is over. */
const LATE_S = 5;
/** What a peer has to say is a sentence. */
const MOST_DETAIL = 500;
const over = sql`asked_on < now() - make_interval(secs => within_ms / 1000.0 + ${sql.lit(LATE_S)})`;
/** An agent whose stream broke dials again after at most REDIAL.mostMs; the rest is for the dialling itself. */
const BACK_WITHIN_S = REDIAL.mostMs / 1_000 + 5;
/** Who left so shortly before all coordinators were away was perhaps about to dial again. */
const LEFT_SHORTLY_S = 60;
/** When the last stretch of time ended in which agents were heard, before the one that lasts. */
const heardUntil = sql`(select case when beat_on > ${beatLost} then heard_until else beat_on end from listening)`;
/**
 * Whether a peer, with its agent `g` and the coordinator `c` that serves it, can be expected to look: its agent is there, or
 * has left so lately that it may be dialling. No agent could come back while nobody could hear it.
 */
const mayLook = sql`coalesce(case when c.beat_on > ${beatLost} then now()
    when coalesce(g.disconnected_on, c.beat_on) > ${heardUntil} - make_interval(secs => ${sql.lit(LEFT_SHORTLY_S)})
      then greatest(g.disconnected_on, c.beat_on, ${listeningSince})
    else coalesce(g.disconnected_on, c.beat_on) end > now() - make_interval(secs => ${sql.lit(BACK_WITHIN_S)}), false)`;

/**
 * Asks every other node of the asker's cluster; peers whose agents have been away for long are noted as such at once.
 * Repeating a question changes nothing; the asker's questions whose time is over are forgotten on the way.
 * @returns the nodes to wake
 */
export async function askPeers(
  db: Executor,
  question: { id: string; runId: string; askingNodeId: string; address: string; withinMs: number },
): Promise<string[]> {
  await sql`with forgotten as (
      delete from peer_question where asking_node_id = ${question.askingNodeId} and id <> ${question.id} and ${over})
    insert into peer_question (id, run_id, asking_node_id, address, within_ms)
    select ${question.id}, id, node_id, ${question.address}, ${question.withinMs} from run
      where id = ${question.runId} and node_id = ${question.askingNodeId} and finished_on is null and fenced_on is null
    on conflict (id) do nothing`.execute(db);
  const rows = await sql<{ node_id: string; sight: string | null }>`
    insert into peer_view (question_id, node_id, node_name, sight)
    select q.id, n.id, n.name, case when not ${mayLook} then 'away' end
    from peer_question q
      join node asking on asking.id = q.asking_node_id join datacenter ad on ad.id = asking.datacenter_id
      join datacenter d on d.cluster_id = ad.cluster_id join node n on n.datacenter_id = d.id and n.id <> asking.id
      left join agent g on g.node_id = n.id left join coordinator c on c.id = g.coordinator_id
    where q.id = ${question.id}
    on conflict do nothing returning node_id, sight`.execute(db);
  return rows.rows.filter((row) => row.sight === null).map((row) => row.node_id);
}

/** @returns the node that asked, or null when nobody did (any more) */
export async function answerQuestion(
  db: Executor,
  nodeId: string,
  questionId: string,
  sight: PeerSight,
  detail: string,
): Promise<string | null> {
  const rows = await sql<{
    asking_node_id: string;
  }>`update peer_view v set sight = ${sight}, detail = ${detail.slice(0, MOST_DETAIL)}
    from peer_question q where q.id = v.question_id and v.question_id = ${questionId} and v.node_id = ${nodeId}
    returning q.asking_node_id`.execute(db);
  return rows.rows[0]?.asking_node_id ?? null;
}

interface View {
  name: string;
  sight: PeerSight | 'away' | null;
  detail: string | null;
}

/** How the peers of every open question of this node's run stand; whoever left and did not come back is away. */
export async function standings(
  db: Executor,
  askingNodeId: string,
): Promise<({ questionId: string } & PeerStanding)[]> {
  const rows = await sql<{ id: string; views: View[] }>`
    select q.id, coalesce(json_agg(json_build_object('name', v.node_name, 'detail', v.detail,
        'sight', case when v.sight is null and not ${mayLook} then 'away' else v.sight end) order by v.node_name)
      filter (where v.node_id is not null), '[]') as views
    from peer_question q join run r on r.id = q.run_id left join peer_view v on v.question_id = q.id
      left join agent g on g.node_id = v.node_id left join coordinator c on c.id = g.coordinator_id
    where q.asking_node_id = ${askingNodeId} and r.finished_on is null
      and not (${over})
    group by q.id`.execute(db);
  return rows.rows.map(({ id, views }) => {
    const named = (sight: string | null): string[] =>
      views.filter((view) => view.sight === sight).map((view) => view.name);
    return {
      questionId: id,
      normal: named('normal'),
      waiting: named(null),
      notNormal: named('not-normal'),
      blind: named('blind'),
      notTold: named('not-told'),
      away: named('away'),
      saw: Object.fromEntries(
        views.flatMap(({ name, sight, detail }) => (sight === 'normal' || !detail ? [] : [[name, detail]])),
      ),
    };
  });
}

/** These nodes are over: their runs ask nothing any more. Together with what askPeers forgets, only runs under way have questions. */
export async function forgetQuestions(trx: Executor, jobNodeIds: readonly string[]): Promise<void> {
  await sql`delete from peer_question where run_id in (select id from run where job_node_id = any(${jobNodeIds}::uuid[]))`.execute(
    trx,
  );
}
