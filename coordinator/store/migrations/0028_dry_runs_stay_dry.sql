-- A coordinator of an earlier version knows of no dry-run and would carry out the job itself. Here its run is refused, and the pass of one
-- that knows makes it.
create function refuse_acting_run() returns trigger language plpgsql as $$
begin
  if not exists (select from job where id = new.job_id and dry_run) then
    return new;
  end if;
  raise exception 'job % is a dry-run: no run of it may act, as one of recipe % does', new.job_id, new.input ->> 'recipe'
    using errcode = 'check_violation';
end $$;

create trigger run_of_dry_run before insert on run for each row
  when (coalesce(new.input ->> 'recipe', '') not in ('', 'check', 'check-with-secrets'))
  execute function refuse_acting_run();

-- Nor does such a coordinator bring an agent for one: it asks for it in each of its passes, and nothing is kept.
create function pass_over_bringing() returns trigger language plpgsql as $$
begin
  if exists (select from job where id = new.job_id and dry_run) then
    return null;
  end if;
  return new;
end $$;

create trigger bootstrap_of_dry_run before insert on bootstrap for each row execute function pass_over_bringing();
