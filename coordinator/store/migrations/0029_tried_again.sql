-- A job that holds since nodes failed may try them again before it goes on: each by a further job node, behind the one that failed.
alter table job_node add column retried_on timestamptz;
comment on column job_node.retried_on is 'When a further job node of the same node was put behind this one, which failed: what became of this one counts no more. Null: none was.';
create index job_node_retried on job_node (job_id) where retried_on is not null;
