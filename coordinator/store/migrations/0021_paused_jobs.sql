-- A job may be paused between two nodes, may hold after a failure until it is told to go on, and may be the retry of another.
alter table job add column paused_on timestamptz, add column paused_by text, add column resumed_on timestamptz,
  add column hold_on_error boolean not null default false, add column retry_of uuid;
comment on column job.paused_on is 'Since when it starts and stops no node; null: it is not paused.';
comment on column job.paused_by is 'The account that paused it; null while authentication is off.';
comment on column job.resumed_on is 'When it was last told to go on: failures before that hold it no more, and waits at the gate count from then.';
comment on column job.retry_of is 'The job of which it works on the nodes that were not COMPLETE.';
