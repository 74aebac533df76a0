-- The schema as the migrations leave it: written by npm run gen:db, for reading only.

create table account (
  name text not null,
  password_hash text not null,
  created_on timestamp with time zone not null default now(),
  password_changed_on timestamp with time zone not null default now(),
  constraint account_pkey PRIMARY KEY (name)
);
comment on column account.password_hash is 'scrypt in PHC form: parameters, salt and hash, never the password.';

create table agent (
  node_id uuid not null,
  certificate_serial text,
  version text,
  hostname text,
  coordinator_id uuid,
  session_id uuid,
  connected_on timestamp with time zone,
  disconnected_on timestamp with time zone,
  address text,
  former_host text,
  takeovers integer not null default 0,
  takeovers_since timestamp with time zone,
  contested_on timestamp with time zone,
  constraint agent_node_id_fkey FOREIGN KEY (node_id) REFERENCES node(id) ON DELETE CASCADE,
  constraint agent_pkey PRIMARY KEY (node_id)
);
comment on table agent is 'Each node''s agent and the stream it holds now; session_id is null while it is away.';
comment on column agent.coordinator_id is 'Whose gateway holds the stream; meaningless once that coordinator no longer beats.';
comment on column agent.address is 'From where its stream was dialled, without the port.';
comment on column agent.former_host is 'Host name and address of the agent whose living stream that of another host took the place of last.';
comment on column agent.takeovers is 'How often one host took the place of another since takeovers_since; counted anew after ten minutes.';
comment on column agent.contested_on is 'When that last was more than two agents that only moved would do; null: never.';

create table authority (
  one boolean not null default true,
  certificate_pem text not null,
  sealed_key bytea not null,
  constraint authority_one_check CHECK (one),
  constraint authority_pkey PRIMARY KEY (one)
);
comment on table authority is 'The certificate authority of the agents'' identities: one, made at the first start.';

create table bootstrap (
  job_node_id uuid not null,
  job_id uuid not null,
  node_id uuid not null,
  created_on timestamp with time zone not null default now(),
  failed_tries integer not null default 0,
  begun_tries integer not null default 0,
  reason text,
  waits boolean not null default false,
  entered_on timestamp with time zone,
  tried_on timestamp with time zone,
  next_try_on timestamp with time zone not null default now(),
  lease_id uuid,
  leased_until timestamp with time zone,
  ended_on timestamp with time zone,
  outcome text,
  constraint bootstrap_check CHECK (((ended_on IS NULL) = (outcome IS NULL))),
  constraint bootstrap_job_node_id_fkey FOREIGN KEY (job_node_id) REFERENCES job_node(id) ON DELETE CASCADE,
  constraint bootstrap_outcome_check CHECK ((outcome = ANY (ARRAY['succeeded'::text, 'failed'::text, 'dropped'::text]))),
  constraint bootstrap_pkey PRIMARY KEY (job_node_id)
);
CREATE INDEX bootstrap_leased ON public.bootstrap USING btree (node_id) WHERE (leased_until IS NOT NULL);
CREATE INDEX bootstrap_open ON public.bootstrap USING btree (next_try_on) WHERE (ended_on IS NULL);
comment on table bootstrap is 'An agent that is brought, or was, to a host that had none: outside of any pass, by whoever holds the lease.';
comment on column bootstrap.failed_tries is 'Since the job last waited for a way in; those that found none are not counted.';
comment on column bootstrap.begun_tries is 'Since the last one that came to an end: none of these did.';
comment on column bootstrap.reason is 'Why the latest try failed.';
comment on column bootstrap.waits is 'The way in was missing or refused at the latest try.';
comment on column bootstrap.entered_on is 'When the host let somebody in first, with nothing missing, or it failed: from then on the job node is at work.';
comment on column bootstrap.tried_on is 'When the latest try began; null before the first.';
comment on column bootstrap.next_try_on is 'Nobody begins before, unless it waits and the model has changed; infinity: only then.';
comment on column bootstrap.lease_id is 'Of the try under way; another one once somebody has taken it over.';
comment on column bootstrap.leased_until is 'Renewed while the try goes on; from then on anybody may begin another. Null: nobody is at it. Of one that ended it stands until its try has let go of the host.';
comment on column bootstrap.outcome is 'dropped: the job node ended before.';
CREATE TRIGGER bootstrap_of_dry_run BEFORE INSERT ON public.bootstrap FOR EACH ROW EXECUTE FUNCTION pass_over_bringing();

create table cluster (
  id uuid not null,
  name text not null,
  repository_id uuid,
  machine_credential_id uuid,
  config_profile_id uuid,
  ssh_management_port integer not null default 22,
  managed boolean not null default true,
  opsc_cluster_id text,
  has_default_password boolean not null default true,
  sealed_old_password bytea,
  sealed_new_password bytea,
  comment text,
  created_on timestamp with time zone not null default now(),
  modified_on timestamp with time zone not null default now(),
  constraint cluster_config_profile_id_fkey FOREIGN KEY (config_profile_id) REFERENCES config_profile(id),
  constraint cluster_machine_credential_id_fkey FOREIGN KEY (machine_credential_id) REFERENCES machine_credential(id),
  constraint cluster_name_key UNIQUE (name),
  constraint cluster_pkey PRIMARY KEY (id),
  constraint cluster_repository_id_fkey FOREIGN KEY (repository_id) REFERENCES repository(id)
);
comment on column cluster.opsc_cluster_id is 'The cluster''s own id from its first install that succeeded on; null before.';
comment on column cluster.has_default_password is 'True until a job has changed the password of the role cassandra.';

create table config_profile (
  id uuid not null,
  name text not null,
  product text not null default 'dse'::text,
  datastax_version text not null,
  agent_version text,
  config_path text,
  json jsonb not null default '{}'::jsonb,
  comment text,
  created_on timestamp with time zone not null default now(),
  modified_on timestamp with time zone not null default now(),
  sealed_secrets bytea,
  constraint config_profile_name_key UNIQUE (name),
  constraint config_profile_pkey PRIMARY KEY (id),
  constraint config_profile_product_check CHECK ((product = ANY (ARRAY['dse'::text, 'cassandra'::text])))
);
comment on column config_profile.product is 'What datastax_version is a version of; dse unless the profile says otherwise.';
comment on column config_profile.json is 'Settings by file; secrets among them are masked, see sealed_secrets.';
comment on column config_profile.sealed_secrets is 'The secrets among the settings in json, by JSON pointer, sealed; in their places json has masks. Null: there are none.';

create table coordinator (
  id uuid not null,
  started_on timestamp with time zone not null default now(),
  beat_on timestamp with time zone not null default now(),
  constraint coordinator_pkey PRIMARY KEY (id)
);
comment on column coordinator.beat_on is 'Written every few seconds; older than 15 s means dead, and so are its streams.';

create table datacenter (
  id uuid not null,
  name text not null,
  cluster_id uuid not null,
  machine_credential_id uuid,
  config_profile_id uuid,
  ssh_management_port integer,
  graph_enabled boolean not null default false,
  solr_enabled boolean not null default false,
  spark_enabled boolean not null default false,
  hadoop_enabled boolean not null default false,
  comment text,
  created_on timestamp with time zone not null default now(),
  modified_on timestamp with time zone not null default now(),
  constraint datacenter_cluster_id_fkey FOREIGN KEY (cluster_id) REFERENCES cluster(id) ON DELETE CASCADE,
  constraint datacenter_cluster_id_name_key UNIQUE (cluster_id, name),
  constraint datacenter_config_profile_id_fkey FOREIGN KEY (config_profile_id) REFERENCES config_profile(id),
  constraint datacenter_machine_credential_id_fkey FOREIGN KEY (machine_credential_id) REFERENCES machine_credential(id),
  constraint datacenter_pkey PRIMARY KEY (id)
);

create table enrolment (
  secret_hash text not null,
  node_id uuid not null,
  expires_on timestamp with time zone not null,
  used_on timestamp with time zone,
  constraint enrolment_node_id_fkey FOREIGN KEY (node_id) REFERENCES node(id) ON DELETE CASCADE,
  constraint enrolment_pkey PRIMARY KEY (secret_hash)
);
comment on table enrolment is 'Single-use secrets (their SHA-256) that buy an agent certificate for one node.';

create table job (
  id uuid not null,
  number bigint not null generated always as identity,
  job_type text not null,
  job_scope text not null,
  status text not null default 'PENDING'::text,
  cluster_id uuid not null,
  cluster_name text not null,
  datacenter_id uuid,
  datacenter_name text,
  node_id uuid,
  node_name text,
  description text,
  dry_run boolean not null default false,
  job_data jsonb not null,
  sealed_secrets bytea,
  continue_on_error boolean not null default false,
  nodes_at_once integer not null default 1,
  idle_after_s integer,
  orphaned_on timestamp with time zone,
  terminate_requested_on timestamp with time zone,
  terminate_requests integer not null default 0,
  waiting_for jsonb,
  created_on timestamp with time zone not null default now(),
  modified_on timestamp with time zone not null default now(),
  started_on timestamp with time zone,
  ended_on timestamp with time zone,
  paused_on timestamp with time zone,
  paused_by text,
  resumed_on timestamp with time zone,
  hold_on_error boolean not null default false,
  retry_of uuid,
  windows_ignored_by text,
  windows_ignored_on timestamp with time zone,
  schedule_id uuid,
  canary_batches integer not null default 0,
  canary_wait_s integer,
  canary_waited_ms double precision not null default 0,
  canary_since timestamp with time zone,
  canary_passed_on timestamp with time zone,
  asked_by text,
  constraint job_idle_after_s_check CHECK ((idle_after_s >= 1)),
  constraint job_job_scope_check CHECK ((job_scope = ANY (ARRAY['cluster'::text, 'datacenter'::text, 'node'::text]))),
  constraint job_nodes_at_once_check CHECK ((nodes_at_once >= 1)),
  constraint job_number_key UNIQUE (number),
  constraint job_pkey PRIMARY KEY (id),
  constraint job_status_check CHECK ((status = ANY (ARRAY['PENDING'::text, 'RUNNING'::text, 'FAILED'::text, 'WILL_FAIL'::text, 'COMPLETE'::text, 'IDLE'::text, 'TERMINATED'::text, 'ORPHANED'::text])))
);
CREATE INDEX job_by_age ON public.job USING btree (created_on, id);
CREATE INDEX job_of_cluster ON public.job USING btree (cluster_id, created_on, id);
CREATE INDEX job_of_datacenter ON public.job USING btree (datacenter_id, created_on, id) WHERE (datacenter_id IS NOT NULL);
CREATE INDEX job_of_schedule ON public.job USING btree (schedule_id, created_on, id) WHERE (schedule_id IS NOT NULL);
CREATE INDEX job_of_status ON public.job USING btree (status, created_on, id);
CREATE INDEX job_of_target_node ON public.job USING btree (node_id, created_on, id) WHERE (node_id IS NOT NULL);
CREATE INDEX job_of_type ON public.job USING btree (job_type, created_on, id);
CREATE UNIQUE INDEX job_one_at_a_time ON public.job USING btree (cluster_id) WHERE ((started_on IS NOT NULL) AND (ended_on IS NULL));
CREATE INDEX job_open ON public.job USING btree (cluster_id, number) WHERE (ended_on IS NULL);
comment on column job.number is 'The order in which jobs were asked for; the oldest pending job of a cluster is next.';
comment on column job.job_data is 'The options as submitted, secrets masked.';
comment on column job.sealed_secrets is 'JSON of the secret options, sealed; emptied when the job is over.';
comment on column job.nodes_at_once is 'Heeded by coordinators from before there were batches, beside which each node goes alone.';
comment on column job.idle_after_s is 'Seconds of silence before IDLE, asked for with the job; null: the setting of its job type.';
comment on column job.orphaned_on is 'When a cold start of the coordinator found this job under way.';
comment on column job.waiting_for is '{kind, since, what}: why nothing moves, and what would end it; null when something is under way.';
comment on column job.ended_on is 'Set when the job is over: that, not a list of status words, frees the cluster.';
comment on column job.paused_on is 'Since when it starts and stops no node; null: it is not paused.';
comment on column job.paused_by is 'The account that paused it; null while authentication is off.';
comment on column job.resumed_on is 'When it was last told to go on: failures before that hold it no more, and waits at the gate count from then.';
comment on column job.retry_of is 'The job of which it works on the nodes that were not COMPLETE.';
comment on column job.windows_ignored_by is 'The same of jobs with ignore-windows that an earlier version made.';
comment on column job.windows_ignored_on is 'When it first stopped or started a node outside of a window of its cluster; null: never.';
comment on column job.schedule_id is 'The schedule that made it, which may be gone by now; null: none.';
comment on column job.canary_batches is 'So many of its first batches are canaries, one node each; 0: it has none.';
comment on column job.canary_wait_s is 'How long it waits once all of them are over; 0: until it is resumed. Null: it has none.';
comment on column job.canary_waited_ms is 'How much of that had passed at canary_since.';
comment on column job.canary_since is 'Since when the clock of that wait runs; null: it has not begun, or stands still, as while the job is paused.';
comment on column job.canary_passed_on is 'When it was resumed in that wait: it waits for it no longer.';
comment on column job.asked_by is 'The account, or the schedule by its name and by who changed that last, that asked for it; null while authentication is off.';
CREATE TRIGGER tally_added AFTER INSERT ON public.job REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tally_added();
CREATE TRIGGER tally_moved AFTER UPDATE OF status ON public.job FOR EACH ROW WHEN ((old.status <> new.status)) EXECUTE FUNCTION tally_moved();
CREATE TRIGGER tally_removed AFTER DELETE ON public.job REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION tally_removed();

create table job_counter (
  job_id uuid not null,
  event_count bigint not null default 0,
  constraint job_counter_job_id_fkey FOREIGN KEY (job_id) REFERENCES job(id) ON DELETE CASCADE,
  constraint job_counter_pkey PRIMARY KEY (job_id)
);
comment on table job_counter is 'Numbers a job''s events densely; locked by ingest in job order, apart from the job''s own row which passes lock.';
CREATE TRIGGER tally_added AFTER INSERT ON public.job_counter REFERENCING NEW TABLE AS after_it FOR EACH STATEMENT EXECUTE FUNCTION tally_events();
CREATE TRIGGER tally_moved AFTER UPDATE ON public.job_counter REFERENCING OLD TABLE AS before_it NEW TABLE AS after_it FOR EACH STATEMENT EXECUTE FUNCTION tally_events();
CREATE TRIGGER tally_removed AFTER DELETE ON public.job_counter REFERENCING OLD TABLE AS before_it FOR EACH STATEMENT EXECUTE FUNCTION tally_events();

create table job_event (
  id uuid not null,
  job_id uuid not null,
  job_node_id uuid,
  node_id uuid,
  number bigint not null,
  event_type text not null,
  event_subtype text not null,
  event_resource text,
  message text not null,
  changes boolean not null default false,
  before json,
  after json,
  traceback text,
  created_on timestamp with time zone not null,
  constraint job_event_event_type_check CHECK ((event_type = ANY (ARRAY['check'::text, 'milestone'::text, 'error'::text]))),
  constraint job_event_pkey PRIMARY KEY (id)
) partition by RANGE (id);
CREATE INDEX job_event_change ON ONLY public.job_event USING btree (id) WHERE changes;
CREATE INDEX job_event_change_of_job ON ONLY public.job_event USING btree (job_id, number) WHERE changes;
CREATE INDEX job_event_of_job ON ONLY public.job_event USING btree (job_id, number);
CREATE INDEX job_event_of_job_node ON ONLY public.job_event USING btree (job_id, job_node_id, number) WHERE (job_node_id IS NOT NULL);
CREATE INDEX job_event_of_node ON ONLY public.job_event USING btree (node_id, id) WHERE (node_id IS NOT NULL);
CREATE INDEX job_event_rare_type ON ONLY public.job_event USING btree (event_type, id) WHERE (event_type <> 'check'::text);
CREATE INDEX job_event_rare_type_of_job ON ONLY public.job_event USING btree (job_id, event_type, number) WHERE (event_type <> 'check'::text);
comment on column job_event.id is 'UUIDv7: its time part chooses the partition, so a repeat lands where the first did.';
comment on column job_event.number is 'Dense per job from 1, given at insert: position, page and Last-Event-ID at once.';
comment on column job_event.created_on is 'The clock of whoever made the event (the agent''s, as a rule).';

create table job_node (
  id uuid not null,
  job_id uuid not null,
  node_id uuid not null,
  node_name text not null,
  datacenter_name text not null,
  position integer not null,
  status text not null default 'PENDING'::text,
  created_on timestamp with time zone not null default now(),
  modified_on timestamp with time zone not null default now(),
  started_on timestamp with time zone,
  ended_on timestamp with time zone,
  batch integer,
  retried_on timestamp with time zone,
  constraint job_node_job_id_fkey FOREIGN KEY (job_id) REFERENCES job(id) ON DELETE CASCADE,
  constraint job_node_job_id_position_key UNIQUE (job_id, "position"),
  constraint job_node_pkey PRIMARY KEY (id),
  constraint job_node_status_check CHECK ((status = ANY (ARRAY['PENDING'::text, 'RUNNING'::text, 'FAILED'::text, 'WILL_FAIL'::text, 'COMPLETE'::text, 'IDLE'::text, 'TERMINATED'::text, 'ORPHANED'::text])))
);
CREATE INDEX job_node_by_age ON public.job_node USING btree (created_on, id);
CREATE INDEX job_node_by_status ON public.job_node USING btree (job_id, status);
CREATE INDEX job_node_of_node ON public.job_node USING btree (node_id, job_id);
CREATE INDEX job_node_of_node_by_age ON public.job_node USING btree (node_id, created_on, id);
CREATE INDEX job_node_of_status ON public.job_node USING btree (status, created_on, id);
CREATE INDEX job_node_open ON public.job_node USING btree (node_id) WHERE (ended_on IS NULL);
CREATE INDEX job_node_retried ON public.job_node USING btree (job_id) WHERE (retried_on IS NOT NULL);
comment on column job_node.position is 'The stored order of the job, from 0: seeds first on install, last on restart.';
comment on column job_node.batch is 'From 0; nodes of one batch may be worked on at once, those of the next once all of it are over. Null: alone, in its turn (a job from before there were batches).';
comment on column job_node.retried_on is 'When a further job node of the same node was put behind this one, which failed: what became of this one counts no more. Null: none was.';
CREATE TRIGGER tally_added AFTER INSERT ON public.job_node REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tally_added();
CREATE TRIGGER tally_moved AFTER UPDATE OF status ON public.job_node FOR EACH ROW WHEN ((old.status <> new.status)) EXECUTE FUNCTION tally_moved();
CREATE TRIGGER tally_removed AFTER DELETE ON public.job_node REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION tally_removed();

create table job_node_counter (
  job_node_id uuid not null,
  event_count bigint not null default 0,
  constraint job_node_counter_job_node_id_fkey FOREIGN KEY (job_node_id) REFERENCES job_node(id) ON DELETE CASCADE,
  constraint job_node_counter_pkey PRIMARY KEY (job_node_id)
);
comment on table job_node_counter is 'How many events a job node has; written only under the lock of its job''s counter.';

create table job_schedule (
  id uuid not null,
  name text not null,
  cluster_id uuid not null,
  job_type text not null,
  job_scope text not null default 'cluster'::text,
  resource_id uuid,
  options jsonb not null default '{}'::jsonb,
  cron text,
  time_zone text not null default 'UTC'::text,
  at timestamp with time zone,
  enabled boolean not null default true,
  next_on timestamp with time zone,
  last_on timestamp with time zone,
  last_job_id uuid,
  last_problem text,
  comment text,
  created_on timestamp with time zone not null default now(),
  modified_on timestamp with time zone not null default now(),
  created_by text,
  modified_by text,
  constraint job_schedule_check CHECK (((cron IS NULL) <> (at IS NULL))),
  constraint job_schedule_check1 CHECK (((job_scope = 'cluster'::text) OR (resource_id IS NOT NULL))),
  constraint job_schedule_check2 CHECK ((enabled OR (next_on IS NULL))),
  constraint job_schedule_cluster_id_fkey FOREIGN KEY (cluster_id) REFERENCES cluster(id) ON DELETE CASCADE,
  constraint job_schedule_cluster_id_name_key UNIQUE (cluster_id, name),
  constraint job_schedule_job_scope_check CHECK ((job_scope = ANY (ARRAY['cluster'::text, 'datacenter'::text, 'node'::text]))),
  constraint job_schedule_pkey PRIMARY KEY (id)
);
CREATE INDEX job_schedule_by_creation ON public.job_schedule USING btree (created_on, id);
CREATE INDEX job_schedule_by_name ON public.job_schedule USING btree (name, id);
CREATE INDEX job_schedule_due ON public.job_schedule USING btree (next_on) WHERE (next_on IS NOT NULL);
CREATE INDEX job_schedule_of_resource ON public.job_schedule USING btree (resource_id) WHERE (resource_id IS NOT NULL);
comment on column job_schedule.resource_id is 'A datacenter or node, which may be gone by now; null: the cluster.';
comment on column job_schedule.options is 'Parameters of the action, as they were checked; never a secret.';
comment on column job_schedule.cron is 'Five fields, by the clock of time_zone; null: once, as at says.';
comment on column job_schedule.next_on is 'When a job is due; null: never again, or not while it is not enabled.';
comment on column job_schedule.last_on is 'When it was last seen to, whether that made a job or not; null: never.';
comment on column job_schedule.last_job_id is 'The job that it made last, which may be gone by now; null: none.';
comment on column job_schedule.last_problem is 'Why no job was made at last_on; null: one was.';
comment on column job_schedule.created_by is 'The account that made it; null while authentication is off, and of those that an earlier version made.';
comment on column job_schedule.modified_by is 'The account that changed it last, or made it; null likewise. What an earlier version changes does not count.';

create table kept_answer (
  account_name text not null,
  idempotency_key text not null,
  request_hmac bytea not null,
  sealed_answer bytea not null,
  created_on timestamp with time zone not null default now(),
  constraint kept_answer_pkey PRIMARY KEY (account_name, idempotency_key)
);
CREATE INDEX kept_answer_created_on ON public.kept_answer USING btree (created_on);
comment on table kept_answer is 'Answers to POSTs that came with an Idempotency-Key, written in the transaction that made what they tell of; kept for 24 hours.';
comment on column kept_answer.account_name is 'Whose key it is; empty while authentication is off.';
comment on column kept_answer.request_hmac is 'HMAC-SHA256 of method, path and body under a key of its own: tells whether a repeat is one, and gives no body away.';
comment on column kept_answer.sealed_answer is 'Status, headers and body as JSON, sealed: the body of a job may hold a password.';

create table listening (
  one boolean not null default true,
  since timestamp with time zone not null,
  beat_on timestamp with time zone not null,
  heard_until timestamp with time zone,
  constraint listening_one_check CHECK (one),
  constraint listening_pkey PRIMARY KEY (one)
);
comment on table listening is 'Since when at least one coordinator could hear agents without a gap: silence counts from here at the earliest.';
comment on column listening.heard_until is 'The last beat before the gap that ended at since; null while there was none.';

create table machine_credential (
  id uuid not null,
  name text not null,
  login_name text,
  sealed_login_password bytea,
  sealed_ssh_private_key bytea,
  sealed_ssh_unlock bytea,
  become_mode text not null default 'direct'::text,
  become_user text,
  sealed_become_password bytea,
  use_ssh_keys boolean,
  comment text,
  created_on timestamp with time zone not null default now(),
  modified_on timestamp with time zone not null default now(),
  constraint machine_credential_become_mode_check CHECK ((become_mode = ANY (ARRAY['sudo'::text, 'su'::text, 'direct'::text]))),
  constraint machine_credential_name_key UNIQUE (name),
  constraint machine_credential_pkey PRIMARY KEY (id)
);

create table maintenance_window (
  id uuid not null,
  name text not null,
  cluster_id uuid not null,
  kind text not null default 'window'::text,
  cron text,
  duration integer,
  time_zone text not null default 'UTC'::text,
  from timestamp with time zone,
  until timestamp with time zone,
  comment text,
  created_on timestamp with time zone not null default now(),
  modified_on timestamp with time zone not null default now(),
  constraint maintenance_window_check CHECK (((cron IS NULL) = (duration IS NULL))),
  constraint maintenance_window_check1 CHECK (((cron IS NULL) <> ("from" IS NULL))),
  constraint maintenance_window_check2 CHECK (((kind = 'freeze'::text) OR ("from" IS NULL))),
  constraint maintenance_window_check3 CHECK ((until > "from")),
  constraint maintenance_window_cluster_id_fkey FOREIGN KEY (cluster_id) REFERENCES cluster(id) ON DELETE CASCADE,
  constraint maintenance_window_cluster_id_name_key UNIQUE (cluster_id, name),
  constraint maintenance_window_duration_check CHECK (((duration >= 1) AND (duration <= 43200))),
  constraint maintenance_window_kind_check CHECK ((kind = ANY (ARRAY['window'::text, 'freeze'::text]))),
  constraint maintenance_window_pkey PRIMARY KEY (id)
);
CREATE INDEX maintenance_window_by_creation ON public.maintenance_window USING btree (created_on, id);
CREATE INDEX maintenance_window_by_name ON public.maintenance_window USING btree (name, id);
comment on column maintenance_window.cron is 'Five fields, by the clock of time_zone; null: once, as from and until say.';
comment on column maintenance_window.duration is 'Minutes, as they pass.';
comment on column maintenance_window.until is 'Null where there is a from: until it is changed or deleted.';

create table node (
  id uuid not null,
  name text not null,
  datacenter_id uuid not null,
  ssh_management_address text not null,
  ssh_management_port integer,
  listen_address text,
  broadcast_address text,
  native_transport_address text,
  native_transport_broadcast_address text,
  machine_credential_id uuid,
  config_profile_id uuid,
  initial_token text,
  facts json,
  seed boolean not null default false,
  auto_bootstrap boolean,
  rack text not null default 'rack1'::text,
  converged_on timestamp with time zone,
  comment text,
  created_on timestamp with time zone not null default now(),
  modified_on timestamp with time zone not null default now(),
  attempt_status text,
  attempt_job_id uuid,
  attempt_job_number bigint,
  ssh_host_key text,
  accepted_host_key text,
  accepted_host_at text,
  constraint node_config_profile_id_fkey FOREIGN KEY (config_profile_id) REFERENCES config_profile(id),
  constraint node_datacenter_id_fkey FOREIGN KEY (datacenter_id) REFERENCES datacenter(id) ON DELETE CASCADE,
  constraint node_datacenter_id_name_key UNIQUE (datacenter_id, name),
  constraint node_machine_credential_id_fkey FOREIGN KEY (machine_credential_id) REFERENCES machine_credential(id),
  constraint node_pkey PRIMARY KEY (id)
);
CREATE INDEX node_by_age ON public.node USING btree (datacenter_id, created_on, id);
CREATE INDEX node_by_creation ON public.node USING btree (created_on, id);
CREATE INDEX node_by_name ON public.node USING btree (name, id);
CREATE INDEX node_first_converged ON public.node USING btree (datacenter_id, converged_on NULLS FIRST);
CREATE INDEX node_marked_seeds ON public.node USING btree (datacenter_id) WHERE seed;
CREATE INDEX node_worst_attempt ON public.node USING btree (datacenter_id, array_position(ARRAY['FAILED'::text, 'ORPHANED'::text, 'TERMINATED'::text], attempt_status), attempt_job_number DESC) WHERE (attempt_job_id IS NOT NULL);
comment on column node.native_transport_address is 'Called rpc-address by v1 of the API.';
comment on column node.facts is 'What the node''s agent told at the beginning of its last run; null before.';
comment on column node.converged_on is 'As of which moment the node has the model''s configuration: when its last install or configure that succeeded was given it; null before.';
comment on column node.attempt_status is 'How its last attempt that has ended ended: the job node''s status. Null until a job that got to it has ended with it.';
comment on column node.attempt_job_id is 'The job of that attempt.';
comment on column node.attempt_job_number is 'That job''s number: of two attempts the later one is that of the higher number.';
comment on column node.ssh_host_key is 'SHA-256 fingerprint of the key that the host has to show, as an operator gave it.';
comment on column node.accepted_host_key is 'The one that it showed when it was reached first; what ssh_host_key says is before it.';
comment on column node.accepted_host_at is 'address:port where it was shown: of another one nothing was accepted.';

create table node_certificate (
  node_id uuid not null,
  serial text not null,
  next_serial text,
  constraint node_certificate_node_id_fkey FOREIGN KEY (node_id) REFERENCES node(id) ON DELETE CASCADE,
  constraint node_certificate_pkey PRIMARY KEY (node_id)
);
comment on table node_certificate is 'The certificates that are good for a node; without a row (enrolled by an earlier version, and not renewed since) all that name it.';
comment on column node_certificate.next_serial is 'Of a renewal that has not been seen yet: good as well, and the only one from when it is.';

create table peer_question (
  id uuid not null,
  run_id uuid not null,
  asking_node_id uuid not null,
  address text not null,
  within_ms integer not null,
  asked_on timestamp with time zone not null default now(),
  constraint peer_question_pkey PRIMARY KEY (id),
  constraint peer_question_run_id_fkey FOREIGN KEY (run_id) REFERENCES run(id) ON DELETE CASCADE
);
CREATE INDEX peer_question_of_asker ON public.peer_question USING btree (asking_node_id);
CREATE INDEX peer_question_of_run ON public.peer_question USING btree (run_id);

create table peer_view (
  question_id uuid not null,
  node_id uuid not null,
  node_name text not null,
  sight text,
  detail text,
  constraint peer_view_pkey PRIMARY KEY (question_id, node_id),
  constraint peer_view_question_id_fkey FOREIGN KEY (question_id) REFERENCES peer_question(id) ON DELETE CASCADE,
  constraint peer_view_sight_check CHECK ((sight = ANY (ARRAY['normal'::text, 'not-normal'::text, 'blind'::text, 'not-told'::text, 'away'::text])))
);
CREATE INDEX peer_view_open ON public.peer_view USING btree (node_id) WHERE (sight IS NULL);
comment on table peer_view is 'One row a peer asked; sight is null until its agent has answered.';

create table repository (
  id uuid not null,
  name text not null,
  repo_key_url text,
  repo_url text,
  username text,
  sealed_password bytea,
  use_proxy boolean not null default false,
  deb_dist text not null default 'stable'::text,
  deb_components text not null default 'main'::text,
  manual_repository_setup boolean not null default false,
  comment text,
  created_on timestamp with time zone not null default now(),
  modified_on timestamp with time zone not null default now(),
  constraint repository_name_key UNIQUE (name),
  constraint repository_pkey PRIMARY KEY (id)
);

create table ring_sharing (
  node_id uuid not null,
  address text not null,
  groups jsonb not null,
  seen_on timestamp with time zone not null default now(),
  constraint ring_sharing_node_id_fkey FOREIGN KEY (node_id) REFERENCES node(id) ON DELETE CASCADE,
  constraint ring_sharing_pkey PRIMARY KEY (node_id)
);
comment on table ring_sharing is 'One row a node that was given leave to be stopped: with whom it shared replica sets then.';
comment on column ring_sharing.address is 'Broadcast address of the node.';
comment on column ring_sharing.groups is 'Keyspaces that it keeps together with the same others (SharedKeyspaces).';

create table ring_view (
  run_id uuid not null,
  node_id uuid not null,
  node_name text not null,
  round integer not null,
  seen_on timestamp with time zone,
  problem text,
  view jsonb,
  down boolean not null default false,
  constraint ring_view_pkey PRIMARY KEY (run_id, node_id),
  constraint ring_view_run_id_fkey FOREIGN KEY (run_id) REFERENCES stop_question(run_id) ON DELETE CASCADE
);
CREATE INDEX ring_view_open ON public.ring_view USING btree (node_id) WHERE (seen_on IS NULL);
comment on table ring_view is 'One row a node that was asked what it sees, with its latest answer; seen_on is null until its agent has answered.';
comment on column ring_view.problem is 'Why it could not look, kept when it is asked anew: others are asked before it.';
comment on column ring_view.down is 'No database node runs there, as its own agent says.';

create table run (
  id uuid not null,
  job_id uuid not null,
  job_node_id uuid not null,
  node_id uuid not null,
  input jsonb not null,
  created_on timestamp with time zone not null default now(),
  claimed_on timestamp with time zone,
  claimed_by uuid,
  accepted_on timestamp with time zone,
  stop_requested_on timestamp with time zone,
  finished_on timestamp with time zone,
  outcome text,
  reason text,
  fenced_on timestamp with time zone,
  let_go_on timestamp with time zone,
  last_active_on timestamp with time zone,
  progress jsonb,
  stored_seq integer not null default 0,
  missing_records integer not null default 0,
  sealed_secrets bytea,
  wrote_config boolean not null default false,
  file_states json,
  constraint run_check CHECK (((finished_on IS NULL) = (outcome IS NULL))),
  constraint run_job_id_fkey FOREIGN KEY (job_id) REFERENCES job(id) ON DELETE CASCADE,
  constraint run_job_node_id_fkey FOREIGN KEY (job_node_id) REFERENCES job_node(id) ON DELETE CASCADE,
  constraint run_outcome_check CHECK ((outcome = ANY (ARRAY['succeeded'::text, 'failed'::text, 'stopped'::text, 'lost'::text, 'refused'::text]))),
  constraint run_pkey PRIMARY KEY (id)
);
CREATE INDEX run_file_states ON public.run USING btree (node_id, created_on DESC) WHERE (file_states IS NOT NULL);
CREATE INDEX run_of_job ON public.run USING btree (job_id);
CREATE INDEX run_of_job_node ON public.run USING btree (job_node_id, created_on DESC);
CREATE UNIQUE INDEX run_one_a_job_node ON public.run USING btree (job_node_id) WHERE ((finished_on IS NULL) AND (fenced_on IS NULL));
CREATE INDEX run_open ON public.run USING btree (node_id) WHERE ((finished_on IS NULL) OR ((fenced_on IS NOT NULL) AND (let_go_on IS NULL)));
comment on table run is 'One recipe given to one agent for one job node: the unit that is delivered, journalled, resumed and fenced.';
comment on column run.claimed_on is 'Not written any more; to be dropped once no coordinator that writes it can still be running.';
comment on column run.claimed_by is 'The stream (agent.session_id) that may tell of the run: the one its node held when it was written, or the one that took it over.';
comment on column run.accepted_on is 'The agent has it in its journal on disk.';
comment on column run.let_go_on is 'The agent confirmed that a fenced run is not being worked on: only then does its node get another.';
comment on column run.last_active_on is 'This clock at the last event, or heartbeat whose progress moved.';
comment on column run.stored_seq is 'Highest record stored; records are dense from 1, so this is also how many came, those missing included.';
comment on column run.missing_records is 'How many numbers were passed over: the job''s events are not complete.';
comment on column run.sealed_secrets is 'Secrets of the profile in input, as the profile''s own; told to the agent beside the input, and forgotten when the job is over.';
comment on column run.wrote_config is 'Its agent has told that the configuration files are written.';
comment on column run.file_states is 'What its agent told of the configuration files when it wrote or compared them: `checked-on`, and in `states` of each its path, state, `pushed-on` and whether the model would change it. Null: it has not told.';
CREATE TRIGGER run_of_dry_run BEFORE INSERT ON public.run FOR EACH ROW WHEN ((COALESCE((new.input ->> 'recipe'::text), ''::text) <> ALL (ARRAY[''::text, 'check'::text, 'check-with-secrets'::text]))) EXECUTE FUNCTION refuse_acting_run();

create table session (
  token_hash text not null,
  account_name text not null,
  created_on timestamp with time zone not null default now(),
  last_used_on timestamp with time zone not null default now(),
  expires_on timestamp with time zone not null,
  constraint session_account_name_fkey FOREIGN KEY (account_name) REFERENCES account(name) ON DELETE CASCADE,
  constraint session_pkey PRIMARY KEY (token_hash)
);
CREATE INDEX session_of_account ON public.session USING btree (account_name);
comment on table session is 'Those who are signed in, by the SHA-256 of their session id (hex); logging out deletes the row.';
comment on column session.last_used_on is 'Written about once a minute at most; a session unused for too long is over.';
comment on column session.expires_on is 'When it is over however much it is used.';

create table setting (
  name text not null,
  value jsonb not null,
  constraint setting_pkey PRIMARY KEY (name)
);
comment on table setting is 'What an operator changed at run time, by the API''s names, and the key check of the master key.';

create table stop_question (
  run_id uuid not null,
  id uuid not null,
  node_id uuid not null,
  address text not null,
  asked_on timestamp with time zone not null default now(),
  round integer not null default 0,
  round_on timestamp with time zone not null default now(),
  answer jsonb,
  allowed_on timestamp with time zone,
  constraint stop_question_id_key UNIQUE (id),
  constraint stop_question_pkey PRIMARY KEY (run_id),
  constraint stop_question_run_id_fkey FOREIGN KEY (run_id) REFERENCES run(id) ON DELETE CASCADE
);
CREATE INDEX stop_question_of_node ON public.stop_question USING btree (node_id);
comment on table stop_question is 'One row a run that has asked, kept as long as the run.';
comment on column stop_question.id is 'Made by the agent; another one when it asks anew after a restart of its own.';
comment on column stop_question.address is 'Broadcast address of the node to be stopped.';
comment on column stop_question.round is 'Views are asked for anew while the run waits; only those of the latest round count.';
comment on column stop_question.answer is 'What the agent is told (StopAnswer), with clocks for the pass alone; null until something was decided. Once it asks anew nothing but the clocks is left.';
comment on column stop_question.allowed_on is 'When leave was first given; stays when the run asks anew, since the node may have been stopped by then.';

create table tally (
  kind text not null,
  status text not null,
  shard integer not null,
  n bigint not null,
  constraint tally_pkey PRIMARY KEY (kind, status, shard)
);
comment on table tally is 'How many rows job and job_node have of each status, and job_event in all (status empty): the sum over the shards. Kept by triggers.';

CREATE OR REPLACE FUNCTION public.pass_over_bringing()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if exists (select from job where id = new.job_id and dry_run) then
    return null;
  end if;
  return new;
end $function$
;

CREATE OR REPLACE FUNCTION public.refuse_acting_run()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if not exists (select from job where id = new.job_id and dry_run) then
    return new;
  end if;
  raise exception 'job % is a dry-run: no run of it may act, as one of recipe % does', new.job_id, new.input ->> 'recipe'
    using errcode = 'check_violation';
end $function$
;

CREATE OR REPLACE FUNCTION public.tally_add(of_kind text, of_status text, more bigint)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  insert into tally (kind, status, shard, n) values (of_kind, of_status, tally_shard(), more)
    on conflict (kind, status, shard) do update set n = tally.n + excluded.n;
end $function$
;

CREATE OR REPLACE FUNCTION public.tally_added()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform tally_add(tg_table_name, status, count(*)) from added group by status order by status;
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION public.tally_events()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  more bigint := 0;
begin
  if tg_op <> 'DELETE' then more := (select coalesce(sum(event_count), 0) from after_it); end if;
  if tg_op <> 'INSERT' then more := more - (select coalesce(sum(event_count), 0) from before_it); end if;
  if more <> 0 then perform tally_add('job_event', '', more); end if;
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION public.tally_moved()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  own integer := tally_shard();
begin
  insert into tally (kind, status, shard, n)
    values (tg_table_name, old.status, own, -1), (tg_table_name, new.status, own, 1)
    on conflict (kind, status, shard) do update set n = tally.n + excluded.n;
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION public.tally_removed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform tally_add(tg_table_name, status, -count(*)) from removed group by status order by status;
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION public.tally_shard()
 RETURNS integer
 LANGUAGE plpgsql
AS $function$
declare
  own integer := pg_backend_pid() % 64;
begin
  for step in 0..63 loop
    exit when pg_try_advisory_xact_lock(1952541804, own);
    own := (own + 1) % 64;
  end loop;
  return own;
end $function$
;
