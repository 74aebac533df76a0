-- Between a POST and the agent's first event: a status that moves is counted in one statement, and a run belongs to its node's
-- stream from the start instead of being taken in a transaction of its own.

-- Its own shard, once it has one, is free to the transaction that asks again.
create function tally_shard() returns integer language plpgsql as $$
declare
  own integer := pg_backend_pid() % 64;
begin
  for step in 0..63 loop
    exit when pg_try_advisory_xact_lock(1952541804, own);
    own := (own + 1) % 64;
  end loop;
  return own;
end $$;

create or replace function tally_add(of_kind text, of_status text, more bigint) returns void language plpgsql as $$
begin
  insert into tally (kind, status, shard, n) values (of_kind, of_status, tally_shard(), more)
    on conflict (kind, status, shard) do update set n = tally.n + excluded.n;
end $$;

create or replace function tally_moved() returns trigger language plpgsql as $$
declare
  own integer := tally_shard();
begin
  insert into tally (kind, status, shard, n)
    values (tg_table_name, old.status, own, -1), (tg_table_name, new.status, own, 1)
    on conflict (kind, status, shard) do update set n = tally.n + excluded.n;
  return null;
end $$;

comment on column run.claimed_by is 'The stream (agent.session_id) that may tell of the run: the one its node held when it was written, or the one that took it over.';
comment on column run.claimed_on is 'Not written any more; to be dropped once no coordinator that writes it can still be running.';
