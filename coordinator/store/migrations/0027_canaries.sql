-- A job may work on a few of its nodes before the others, and waits once they are over, for so long or until it is told to go on.
alter table job add column canary_batches integer not null default 0, add column canary_wait_s integer,
  add column canary_waited_ms double precision not null default 0, add column canary_since timestamptz,
  add column canary_passed_on timestamptz;
comment on column job.canary_batches is 'So many of its first batches are canaries, one node each; 0: it has none.';
comment on column job.canary_wait_s is 'How long it waits once all of them are over; 0: until it is resumed. Null: it has none.';
comment on column job.canary_waited_ms is 'How much of that had passed at canary_since.';
comment on column job.canary_since is 'Since when the clock of that wait runs; null: it has not begun, or stands still, as while the job is paused.';
comment on column job.canary_passed_on is 'When it was resumed in that wait: it waits for it no longer.';
