-- An upgrade that has something to upgrade writes configuration, and one that has nothing does not: looked for among its events this
-- was found only where few came before it. It stands in the run's own row now, written with the event that tells it.
alter table run add column wrote_config boolean not null default false;
comment on column run.wrote_config is 'Its agent has told that the configuration files are written.';

-- Of those that are over it was looked at when they ended.
update run set wrote_config = true from job j
  where j.id = run.job_id and j.job_type = 'upgrade' and j.ended_on is null
    and exists (select from job_event e where e.job_id = run.job_id and e.job_node_id = run.job_node_id
      and e.event_subtype = 'config-files-written');
