-- When a cluster's nodes may be stopped and started: windows outside of which none is, and freezes in which none is, by cron expression
-- or, for a freeze, once; and jobs that were asked for with leave to pass them over.
create table maintenance_window (
  id uuid primary key,
  name text not null,
  cluster_id uuid not null references cluster (id) on delete cascade,
  kind text not null default 'window' check (kind in ('window', 'freeze')),
  cron text,
  duration integer check (duration between 1 and 43200),
  time_zone text not null default 'UTC',
  "from" timestamptz,
  until timestamptz,
  comment text,
  created_on timestamptz not null default now(),
  modified_on timestamptz not null default now(),
  unique (cluster_id, name),
  check ((cron is null) = (duration is null)),
  check ((cron is null) <> ("from" is null)),
  check (kind = 'freeze' or "from" is null),
  check (until > "from")
);
comment on column maintenance_window.cron is 'Five fields, by the clock of time_zone; null: once, as from and until say.';
comment on column maintenance_window.duration is 'Minutes, as they pass.';
comment on column maintenance_window.until is 'Null where there is a from: until it is changed or deleted.';
-- Lists of all of them follow one of these instead of sorting them.
create index maintenance_window_by_creation on maintenance_window (created_on, id);
create index maintenance_window_by_name on maintenance_window (name, id);

alter table job add column windows_ignored_by text, add column windows_ignored_on timestamptz;
comment on column job.windows_ignored_by is 'The account that asked for it with ignore-windows; null while authentication is off, or without.';
comment on column job.windows_ignored_on is 'When it first stopped or started a node outside of a window of its cluster; null: never.';
