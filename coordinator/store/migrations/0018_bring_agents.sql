-- The coordinator brings agents to hosts over SSH: one row a job node that had none at its turn, leased to the coordinator at work on it.
create table bootstrap (
  job_node_id uuid primary key references job_node (id) on delete cascade,
  job_id uuid not null,
  node_id uuid not null,
  created_on timestamptz not null default now(),
  failed_tries integer not null default 0,
  reason text,
  next_try_on timestamptz not null default now(),
  lease_id uuid,
  leased_until timestamptz,
  ended_on timestamptz,
  outcome text check (outcome in ('succeeded', 'failed', 'dropped')),
  check ((ended_on is null) = (outcome is null))
);
comment on table bootstrap is 'An agent that is brought, or was, to a host that had none: outside of any pass, by whoever holds the lease.';
comment on column bootstrap.reason is 'Why the latest try failed.';
comment on column bootstrap.next_try_on is 'Nobody begins before.';
comment on column bootstrap.lease_id is 'Of the try under way; another one once somebody has taken it over.';
comment on column bootstrap.leased_until is 'Renewed while the try goes on; from then on anybody may begin another. Null: nobody is at it.';
comment on column bootstrap.outcome is 'dropped: the job node ended before.';
create index bootstrap_open on bootstrap (next_try_on) where ended_on is null;

alter table node add column ssh_host_key text, add column accepted_host_key text;
comment on column node.ssh_host_key is 'SHA-256 fingerprint of the key that the host has to show, as an operator gave it.';
comment on column node.accepted_host_key is 'The one that it showed when it was reached first; what ssh_host_key says is before it.';
