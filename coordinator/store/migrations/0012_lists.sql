-- Lists that are filtered, sorted and followed: an index for what each may ask for, and counts of all and of each status
-- that are kept beside the rows instead of being counted anew by every reader.

-- Whoever changes a count does so in a shard that no other transaction holds: writers neither wait for one another here
-- nor can they come to a deadlock, in whatever order they touch jobs and nodes.
create table tally (
  kind text not null,
  status text not null,
  shard integer not null,
  n bigint not null,
  primary key (kind, status, shard)
) with (fillfactor = 50);
comment on table tally is 'How many rows job and job_node have of each status, and job_event in all (status empty): the sum over the shards. Kept by triggers.';

-- Its own shard, once it has one, is free to the transaction that asks again.
create function tally_add(of_kind text, of_status text, more bigint) returns void language plpgsql as $$
declare
  own integer := pg_backend_pid() % 64;
begin
  for step in 0..63 loop
    exit when pg_try_advisory_xact_lock(1952541804, own);
    own := (own + 1) % 64;
  end loop;
  insert into tally (kind, status, shard, n) values (of_kind, of_status, own, more)
    on conflict (kind, status, shard) do update set n = tally.n + excluded.n;
end $$;

create function tally_added() returns trigger language plpgsql as $$
begin
  perform tally_add(tg_table_name, status, count(*)) from added group by status order by status;
  return null;
end $$;
create function tally_removed() returns trigger language plpgsql as $$
begin
  perform tally_add(tg_table_name, status, -count(*)) from removed group by status order by status;
  return null;
end $$;
create function tally_moved() returns trigger language plpgsql as $$
begin
  perform tally_add(tg_table_name, old.status, -1);
  perform tally_add(tg_table_name, new.status, 1);
  return null;
end $$;
create trigger tally_added after insert on job referencing new table as added
  for each statement execute function tally_added();
create trigger tally_removed after delete on job referencing old table as removed
  for each statement execute function tally_removed();
create trigger tally_moved after update of status on job
  for each row when (old.status <> new.status) execute function tally_moved();
create trigger tally_added after insert on job_node referencing new table as added
  for each statement execute function tally_added();
create trigger tally_removed after delete on job_node referencing old table as removed
  for each statement execute function tally_removed();
create trigger tally_moved after update of status on job_node
  for each row when (old.status <> new.status) execute function tally_moved();

-- Events are counted where they are numbered: once a batch.
create function tally_events() returns trigger language plpgsql as $$
declare
  more bigint := 0;
begin
  if tg_op <> 'DELETE' then more := (select coalesce(sum(event_count), 0) from after_it); end if;
  if tg_op <> 'INSERT' then more := more - (select coalesce(sum(event_count), 0) from before_it); end if;
  if more <> 0 then perform tally_add('job_event', '', more); end if;
  return null;
end $$;
create trigger tally_added after insert on job_counter referencing new table as after_it
  for each statement execute function tally_events();
create trigger tally_moved after update on job_counter referencing old table as before_it new table as after_it
  for each statement execute function tally_events();
create trigger tally_removed after delete on job_counter referencing old table as before_it
  for each statement execute function tally_events();

insert into tally (kind, status, shard, n)
  select 'job', status, 0, count(*) from job group by status
  union all select 'job_node', status, 0, count(*) from job_node group by status
  union all select 'job_event', '', 0, sum(event_count) from job_counter having sum(event_count) > 0;

-- Jobs and job nodes are few beside events: each filter has its own index, in the order of the lists.
drop index job_newest;
drop index job_of_cluster;
create index job_by_age on job (created_on, id);
create index job_of_status on job (status, created_on, id);
create index job_of_type on job (job_type, created_on, id);
create index job_of_cluster on job (cluster_id, created_on, id);
create index job_of_datacenter on job (datacenter_id, created_on, id) where datacenter_id is not null;
create index job_of_target_node on job (node_id, created_on, id) where node_id is not null;
drop index job_node_newest;
create index job_node_by_age on job_node (created_on, id);
create index job_node_of_status on job_node (status, created_on, id);
create index job_node_of_node_by_age on job_node (node_id, created_on, id);

-- Every index on events is paid for by each event that agents send, so only those for which people look first cover all of
-- them; what is rare (errors, milestones, changes) is found by indexes of the rare ones alone.
create index job_event_of_node on job_event (node_id, id) where node_id is not null;
create index job_event_rare_type on job_event (event_type, id) where event_type <> 'check';
create index job_event_rare_type_of_job on job_event (job_id, event_type, number) where event_type <> 'check';
create index job_event_change on job_event (id) where changes;
create index job_event_change_of_job on job_event (job_id, number) where changes;
