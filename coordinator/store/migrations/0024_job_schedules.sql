-- Jobs that are made by themselves: once, or again and again by a cron expression.
create table job_schedule (
  id uuid primary key,
  name text not null,
  cluster_id uuid not null references cluster (id) on delete cascade,
  job_type text not null,
  job_scope text not null default 'cluster' check (job_scope in ('cluster', 'datacenter', 'node')),
  resource_id uuid,
  options jsonb not null default '{}',
  cron text,
  time_zone text not null default 'UTC',
  at timestamptz,
  enabled boolean not null default true,
  next_on timestamptz,
  last_on timestamptz,
  last_job_id uuid,
  last_problem text,
  comment text,
  created_on timestamptz not null default now(),
  modified_on timestamptz not null default now(),
  unique (cluster_id, name),
  check ((cron is null) <> (at is null)),
  check (job_scope = 'cluster' or resource_id is not null),
  check (enabled or next_on is null)
);
comment on column job_schedule.resource_id is 'A datacenter or node, which may be gone by now; null: the cluster.';
comment on column job_schedule.options is 'Parameters of the action, as they were checked; never a secret.';
comment on column job_schedule.cron is 'Five fields, by the clock of time_zone; null: once, as at says.';
comment on column job_schedule.next_on is 'When a job is due; null: never again, or not while it is not enabled.';
comment on column job_schedule.last_on is 'When it was last seen to, whether that made a job or not; null: never.';
comment on column job_schedule.last_job_id is 'The job that it made last, which may be gone by now; null: none.';
comment on column job_schedule.last_problem is 'Why no job was made at last_on; null: one was.';
create index job_schedule_due on job_schedule (next_on) where next_on is not null;
-- Lists of all of them follow one of these instead of sorting them; of those of one datacenter or node there are few.
create index job_schedule_by_creation on job_schedule (created_on, id);
create index job_schedule_by_name on job_schedule (name, id);
create index job_schedule_of_resource on job_schedule (resource_id) where resource_id is not null;

alter table job add column schedule_id uuid;
comment on column job.schedule_id is 'The schedule that made it, which may be gone by now; null: none.';
