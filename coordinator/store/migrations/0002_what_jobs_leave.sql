-- What jobs leave in the model becomes true (facts, convergence, the default password), and idle limits become settings.
-- Seed: "Job Status", IDLE: "a configurable timeout"; LCM API: node facts, converged-on, has-default-password.

-- json, not jsonb: it takes whatever the event's `after` held, to the letter, so that keeping facts can never fail a pass.
alter table node alter column facts type json using facts::json;
comment on column node.facts is 'What the node''s agent told at the beginning of its last run; null before.';
comment on column node.converged_on is
  'As of which moment the node has the model''s configuration: when its last install or configure that succeeded was given it; null before.';

-- Told by its nodes' own: the oldest of them, none while one of them has none.
alter table datacenter drop column converged_on;

update cluster set has_default_password = true where has_default_password is null;
alter table cluster alter column has_default_password set default true, alter column has_default_password set not null;
comment on column cluster.has_default_password is 'True until a job has changed the password of the role cassandra.';
comment on column cluster.opsc_cluster_id is 'The cluster''s own id from its first install that succeeded on; null before.';

alter table job alter column idle_after_s drop not null;
comment on column job.idle_after_s is 'Seconds of silence before IDLE, asked for with the job; null: the setting of its job type.';

comment on table setting is 'What an operator changed at run time, by the API''s names, and the key check of the master key.';
