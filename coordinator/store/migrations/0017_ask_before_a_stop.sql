-- A run asks before its node is stopped; other nodes say what they see of the ring; the pass decides, and what it decided is kept:
-- leave to stop a node counts against all others until that node is back.
create table stop_question (
  run_id uuid primary key references run (id) on delete cascade,
  id uuid not null unique,
  node_id uuid not null,
  address text not null,
  asked_on timestamptz not null default now(),
  round integer not null default 0,
  round_on timestamptz not null default now(),
  answer jsonb,
  allowed_on timestamptz
);
comment on table stop_question is 'One row a run that has asked, kept as long as the run.';
comment on column stop_question.id is 'Made by the agent; another one when it asks anew after a restart of its own.';
comment on column stop_question.address is 'Broadcast address of the node to be stopped.';
comment on column stop_question.round is 'Views are asked for anew while the run waits; only those of the latest round count.';
comment on column stop_question.answer is 'What the agent is told (StopAnswer); null until something was decided, and again once it asks anew.';
comment on column stop_question.allowed_on is 'When leave was first given; stays when the run asks anew, since the node may have been stopped by then.';
create index stop_question_of_node on stop_question (node_id);

create table ring_view (
  run_id uuid not null references stop_question (run_id) on delete cascade,
  node_id uuid not null,
  node_name text not null,
  round integer not null,
  seen_on timestamptz,
  problem text,
  view jsonb,
  down boolean not null default false,
  primary key (run_id, node_id)
);
comment on table ring_view is 'One row a node that was asked what it sees, with its latest answer; seen_on is null until its agent has answered.';
comment on column ring_view.problem is 'Why it could not look, kept when it is asked anew: others are asked before it.';
comment on column ring_view.down is 'No database node runs there, as its own agent says.';
create index ring_view_open on ring_view (node_id) where seen_on is null;
