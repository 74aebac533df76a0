// How long a node of a job was held up before its stop: what a measured time is taken without, since the next job may not be.
import { sql } from 'kysely';

/** Looking at a ring, and the hints that wait in it, take so long at most: every stop has to wait for those, and what is longer was for something else. */
const USUAL_S = 120;

/**
 * Seconds, over a row `n` of job_node that was begun: while an agent was brought to it or was away, and at the gate, where it also
 * waits while its job is paused or its window shut. 0 where its run is gone.
 */
export const HELD_S = sql<number>`(
  select greatest(0, extract(epoch from coalesce(r.accepted_on, case when n.ended_on is null then clock_timestamp() else n.started_on end) - n.started_on))::float8
    + case when w.seconds > ${sql.lit(USUAL_S)} then w.seconds else 0 end
  from (select) one left join lateral (select * from run where run.job_node_id = n.id order by created_on desc limit 1) r on true
    left join stop_question q on q.run_id = r.id
    cross join lateral (select coalesce(extract(epoch from coalesce(q.allowed_on, r.finished_on, clock_timestamp()) - q.asked_on), 0)::float8 as seconds) w)`;
