-- The coordinator brings agents to hosts over SSH: one row a job node that had none at its turn, leased to the coordinator at work on it.
create table bootstrap (
  job_node_id uuid primary key references job_node (id) on delete cascade,
  job_id uuid not null,
  node_id uuid not null,
  created_on timestamptz not null default now(),
  failed_tries integer not null default 0,
  begun_tries integer not null default 0,
  reason text,
  waits boolean not null default false,
  entered_on timestamptz,
  tried_on timestamptz,
  next_try_on timestamptz not null default now(),
  lease_id uuid,
  leased_until timestamptz,
  ended_on timestamptz,
  outcome text check (outcome in ('succeeded', 'failed', 'dropped')),
  check ((ended_on is null) = (outcome is null))
);
comment on table bootstrap is 'An agent that is brought, or was, to a host that had none: outside of any pass, by whoever holds the lease.';
comment on column bootstrap.reason is 'Why the latest try failed.';
comment on column bootstrap.failed_tries is 'Without those that found no way in.';
comment on column bootstrap.begun_tries is 'Since the last one that came to an end: none of these did.';
comment on column bootstrap.waits is 'The way in was missing or refused at the latest try.';
comment on column bootstrap.entered_on is 'When the host let somebody in first, with nothing missing, or it failed: from then on the job node is at work.';
comment on column bootstrap.tried_on is 'When the latest try began; null before the first.';
comment on column bootstrap.next_try_on is 'Nobody begins before, unless it waits and the model has changed; infinity: only then.';
comment on column bootstrap.lease_id is 'Of the try under way; another one once somebody has taken it over.';
comment on column bootstrap.leased_until is 'Renewed while the try goes on; from then on anybody may begin another. Null: nobody is at it. Of one that ended it stands until its try has let go of the host.';
comment on column bootstrap.outcome is 'dropped: the job node ended before.';
create index bootstrap_open on bootstrap (next_try_on) where ended_on is null;
create index bootstrap_leased on bootstrap (node_id) where leased_until is not null;

alter table node add column ssh_host_key text, add column accepted_host_key text, add column accepted_host_at text;
comment on column node.ssh_host_key is 'SHA-256 fingerprint of the key that the host has to show, as an operator gave it.';
comment on column node.accepted_host_key is 'The one that it showed when it was reached first; what ssh_host_key says is before it.';
comment on column node.accepted_host_at is 'address:port where it was shown: of another one nothing was accepted.';
