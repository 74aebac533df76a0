// Questions of an agent to its cluster's other agents: "does your database node see mine as normal?", as rows and wakes.
import { sql } from 'kysely';
import type { PeerSight, PeerStanding } from '../../shared/wire/messages.ts';
import type { Executor } from './database.ts';
import { BEAT_LOST_AFTER_S } from './world.ts';

/** An answer that is this late helps nobody: an agent stops waiting when its own time is over. */
const LATE_S = 5;
/** What a peer has to say is a sentence. */
const MOST_DETAIL = 500;
const over = sql`asked_on < now() - make_interval(secs => within_ms / 1000.0 + ${sql.lit(LATE_S)})`;

/**
 * Asks every other node of the asker's cluster; peers whose agents are away are noted as such at once.
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
    select q.id, n.id, n.name, case when c.id is null then 'away' end
    from peer_question q
      join node asking on asking.id = q.asking_node_id join datacenter ad on ad.id = asking.datacenter_id
      join datacenter d on d.cluster_id = ad.cluster_id join node n on n.datacenter_id = d.id and n.id <> asking.id
      left join agent g on g.node_id = n.id and g.session_id is not null
      left join coordinator c on c.id = g.coordinator_id and c.beat_on > now() - make_interval(secs => ${BEAT_LOST_AFTER_S})
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

/** How the peers of every open question of this node's run stand. */
export async function standings(
  db: Executor,
  askingNodeId: string,
): Promise<({ questionId: string } & PeerStanding)[]> {
  const rows = await sql<{ id: string; views: View[] }>`
    select q.id, coalesce(json_agg(json_build_object('name', v.node_name, 'sight', v.sight, 'detail', v.detail) order by v.node_name)
      filter (where v.node_id is not null), '[]') as views
    from peer_question q join run r on r.id = q.run_id left join peer_view v on v.question_id = q.id
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

/** The node is over: its run asks nothing any more. Together with what askPeers forgets, only runs under way have questions. */
export async function forgetQuestions(trx: Executor, jobNodeId: string): Promise<void> {
  await sql`delete from peer_question where run_id in (select id from run where job_node_id = ${jobNodeId})`.execute(
    trx,
  );
}
