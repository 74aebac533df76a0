-- Whether somebody edited configuration on a host since a job wrote it is asked of a node, long after that job: the run that last told
-- how each file stands keeps it in its row, so that it is found without reading through events.
alter table run add column file_states json;
comment on column run.file_states is
  'What its agent told of the configuration files when it wrote or compared them: `checked-on`, and in `states` of each its path, state, `pushed-on` and whether the model would change it. Null: it has not told.';

create index run_file_states on run (node_id, created_on desc) where file_states is not null;
