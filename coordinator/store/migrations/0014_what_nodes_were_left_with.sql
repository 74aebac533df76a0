-- Every open desk asks for the clusters again and again, and the roll-ups of a page looked up two attempts of each of their nodes.
-- What the last job left a node with now stands in the node's own row, written by the statement that keeps what a run left there;
-- an index of each datacenter begins with the node that its roll-up is about, another with the one that converged first.

alter table node add column attempt_status text, add column attempt_job_id uuid, add column attempt_job_number bigint;
comment on column node.attempt_status is
  'How its last attempt that has ended ended: the job node''s status. Null until a job that got to it has ended with it.';
comment on column node.attempt_job_id is 'The job of that attempt.';
comment on column node.attempt_job_number is 'That job''s number: of two attempts the later one is that of the higher number.';

update node set attempt_status = last.status, attempt_job_id = last.id, attempt_job_number = last.number
  from (
    select distinct on (jn.node_id) jn.node_id, jn.status, j.id, j.number from job_node jn join job j on j.id = jn.job_id
    where jn.ended_on is not null and (jn.started_on is not null or jn.status not in ('TERMINATED', 'ORPHANED'))
    order by jn.node_id, coalesce(jn.started_on, jn.ended_on) desc) last
  where last.node_id = node.id;

create index node_worst_attempt on node
  (datacenter_id, array_position(array['FAILED', 'ORPHANED', 'TERMINATED'], attempt_status), attempt_job_number desc)
  where attempt_job_id is not null;
create index node_first_converged on node (datacenter_id, converged_on nulls first);
-- Only the roll-ups asked for it.
drop index job_node_attempts;

-- The only model of which there are many: lists of all nodes follow one of these instead of sorting them all.
create index node_by_creation on node (created_on, id);
create index node_by_name on node (name, id);
