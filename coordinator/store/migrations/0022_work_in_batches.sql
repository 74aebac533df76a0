-- A job may work on several nodes at once, as far as its strategy lets it: in batches that are made with it, of nodes that share no
-- replica set. Who shares one is known from what the ring said when leave to stop a node was given last.
alter table job_node add column batch integer;
comment on column job_node.batch is
  'From 0; nodes of one batch may be worked on at once, those of the next once all of it are over. Null: alone, in its turn (a job from before there were batches).';
comment on column job.nodes_at_once is 'Heeded by coordinators from before there were batches, beside which each node goes alone.';

create table ring_sharing (
  node_id uuid primary key references node (id) on delete cascade,
  address text not null,
  groups jsonb not null,
  seen_on timestamptz not null default now()
);
comment on table ring_sharing is 'One row a node that was given leave to be stopped: with whom it shared replica sets then.';
comment on column ring_sharing.address is 'Broadcast address of the node.';
comment on column ring_sharing.groups is 'Keyspaces that it keeps together with the same others (SharedKeyspaces).';
