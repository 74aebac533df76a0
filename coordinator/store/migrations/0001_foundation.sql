-- The model (repositories to nodes), jobs with their nodes, runs and events, and what agents need to attach.
-- Seed: "Job", "Job Node", "Job Event"; the model's fields are those of the LCM API.

create table setting (
  name text primary key,
  value jsonb not null
);
comment on table setting is 'What an operator may change at run time (idle limits, orphan grace), and the key check of the master key.';

create table authority (
  one boolean primary key default true check (one),
  certificate_pem text not null,
  sealed_key bytea not null
);
comment on table authority is 'The certificate authority of the agents'' identities: one, made at the first start.';

create table repository (
  id uuid primary key,
  name text not null unique,
  repo_key_url text,
  repo_url text,
  username text,
  sealed_password bytea,
  use_proxy boolean not null default false,
  deb_dist text not null default 'stable',
  deb_components text not null default 'main',
  manual_repository_setup boolean not null default false,
  comment text,
  created_on timestamptz not null default now(),
  modified_on timestamptz not null default now()
);

create table machine_credential (
  id uuid primary key,
  name text not null unique,
  login_name text,
  sealed_login_password bytea,
  sealed_ssh_private_key bytea,
  sealed_ssh_unlock bytea,
  become_mode text not null default 'direct' check (become_mode in ('sudo', 'su', 'direct')),
  become_user text,
  sealed_become_password bytea,
  use_ssh_keys boolean,
  comment text,
  created_on timestamptz not null default now(),
  modified_on timestamptz not null default now()
);

create table config_profile (
  id uuid primary key,
  name text not null unique,
  product text not null default 'dse' check (product in ('dse', 'cassandra')),
  datastax_version text not null,
  agent_version text,
  config_path text,
  json jsonb not null default '{}',
  comment text,
  created_on timestamptz not null default now(),
  modified_on timestamptz not null default now()
);
comment on column config_profile.product is 'What datastax_version is a version of; dse unless the profile says otherwise.';

create table cluster (
  id uuid primary key,
  name text not null unique,
  repository_id uuid references repository (id),
  machine_credential_id uuid references machine_credential (id),
  config_profile_id uuid references config_profile (id),
  ssh_management_port integer not null default 22,
  managed boolean not null default true,
  opsc_cluster_id text,
  has_default_password boolean,
  sealed_old_password bytea,
  sealed_new_password bytea,
  comment text,
  created_on timestamptz not null default now(),
  modified_on timestamptz not null default now()
);

create table datacenter (
  id uuid primary key,
  name text not null,
  cluster_id uuid not null references cluster (id) on delete cascade,
  machine_credential_id uuid references machine_credential (id),
  config_profile_id uuid references config_profile (id),
  ssh_management_port integer,
  converged_on timestamptz,
  graph_enabled boolean not null default false,
  solr_enabled boolean not null default false,
  spark_enabled boolean not null default false,
  hadoop_enabled boolean not null default false,
  comment text,
  created_on timestamptz not null default now(),
  modified_on timestamptz not null default now(),
  unique (cluster_id, name)
);
comment on column datacenter.converged_on is 'Last push of configuration that succeeded on all its nodes; null before.';

create table node (
  id uuid primary key,
  name text not null,
  datacenter_id uuid not null references datacenter (id) on delete cascade,
  ssh_management_address text not null,
  ssh_management_port integer,
  listen_address text,
  broadcast_address text,
  native_transport_address text,
  native_transport_broadcast_address text,
  machine_credential_id uuid references machine_credential (id),
  config_profile_id uuid references config_profile (id),
  initial_token text,
  facts jsonb,
  seed boolean not null default false,
  auto_bootstrap boolean,
  rack text not null default 'rack1',
  converged_on timestamptz,
  comment text,
  created_on timestamptz not null default now(),
  modified_on timestamptz not null default now(),
  unique (datacenter_id, name)
);
comment on column node.native_transport_address is 'Called rpc-address by v1 of the API.';

create table enrolment (
  secret_hash text primary key,
  node_id uuid not null references node (id) on delete cascade,
  expires_on timestamptz not null,
  used_on timestamptz
);
comment on table enrolment is 'Single-use secrets (their SHA-256) that buy an agent certificate for one node.';

create table agent (
  node_id uuid primary key references node (id) on delete cascade,
  certificate_serial text,
  version text,
  hostname text,
  coordinator_id uuid,
  session_id uuid,
  connected_on timestamptz,
  disconnected_on timestamptz
);
comment on table agent is 'Each node''s agent and the stream it holds now; session_id is null while it is away.';
comment on column agent.coordinator_id is 'Whose gateway holds the stream; meaningless once that coordinator no longer beats.';

create table coordinator (
  id uuid primary key,
  started_on timestamptz not null default now(),
  beat_on timestamptz not null default now()
);
comment on column coordinator.beat_on is 'Written every few seconds; older than 15 s means dead, and so are its streams.';

create table listening (
  one boolean primary key default true check (one),
  since timestamptz not null,
  beat_on timestamptz not null
);
comment on table listening is 'Since when at least one coordinator could hear agents without a gap: silence counts from here at the earliest.';
insert into listening (since, beat_on) values (now(), now());

create table job (
  id uuid primary key,
  number bigint generated always as identity unique,
  job_type text not null,
  job_scope text not null check (job_scope in ('cluster', 'datacenter', 'node')),
  status text not null default 'PENDING' check (status in
    ('PENDING', 'RUNNING', 'FAILED', 'WILL_FAIL', 'COMPLETE', 'IDLE', 'TERMINATED', 'ORPHANED')),
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
  nodes_at_once integer not null default 1 check (nodes_at_once >= 1),
  idle_after_s integer not null check (idle_after_s >= 1),
  orphaned_on timestamptz,
  adopted_on timestamptz,
  terminate_requested_on timestamptz,
  terminate_requests integer not null default 0,
  waiting_for jsonb,
  created_on timestamptz not null default now(),
  modified_on timestamptz not null default now(),
  started_on timestamptz,
  ended_on timestamptz
);
comment on column job.number is 'The order in which jobs were asked for; the oldest pending job of a cluster is next.';
comment on column job.job_data is 'The options as submitted, secrets masked.';
comment on column job.sealed_secrets is 'JSON of the secret options, sealed; emptied when the job is over.';
comment on column job.ended_on is 'Set when the job is over: that, not a list of status words, frees the cluster.';
comment on column job.orphaned_on is 'When a cold start of the coordinator found this job under way.';
comment on column job.waiting_for is '{kind, since, what}: why nothing moves, and what would end it; null when something is under way.';
create unique index job_one_at_a_time on job (cluster_id) where started_on is not null and ended_on is null;
create index job_open on job (cluster_id, number) where ended_on is null;
create index job_newest on job (number desc);
create index job_of_cluster on job (cluster_id, number desc);

create table job_node (
  id uuid primary key,
  job_id uuid not null references job (id) on delete cascade,
  node_id uuid not null,
  node_name text not null,
  datacenter_name text not null,
  position integer not null,
  status text not null default 'PENDING' check (status in
    ('PENDING', 'RUNNING', 'FAILED', 'WILL_FAIL', 'COMPLETE', 'IDLE', 'TERMINATED', 'ORPHANED')),
  created_on timestamptz not null default now(),
  modified_on timestamptz not null default now(),
  started_on timestamptz,
  ended_on timestamptz,
  unique (job_id, position)
);
comment on column job_node.position is 'The stored order of the job, from 0: seeds first on install, last on restart.';
create index job_node_of_node on job_node (node_id, job_id);
create index job_node_newest on job_node (created_on desc, id);

create table run (
  id uuid primary key,
  job_id uuid not null references job (id) on delete cascade,
  job_node_id uuid not null references job_node (id) on delete cascade,
  node_id uuid not null,
  input jsonb not null,
  created_on timestamptz not null default now(),
  claimed_on timestamptz,
  claimed_by uuid,
  accepted_on timestamptz,
  stop_requested_on timestamptz,
  finished_on timestamptz,
  outcome text check (outcome in ('succeeded', 'failed', 'stopped', 'lost', 'refused')),
  reason text,
  fenced_on timestamptz,
  let_go_on timestamptz,
  last_active_on timestamptz,
  progress jsonb,
  stored_seq integer not null default 0,
  check ((finished_on is null) = (outcome is null))
);
comment on table run is 'One recipe given to one agent for one job node: the unit that is delivered, journalled, resumed and fenced.';
comment on column run.claimed_by is 'The stream (agent.session_id) that took the run before sending it.';
comment on column run.accepted_on is 'The agent has it in its journal on disk.';
comment on column run.let_go_on is 'The agent confirmed that a fenced run is not being worked on: only then does its node get another.';
comment on column run.last_active_on is 'This clock at the last event, or heartbeat whose progress moved.';
comment on column run.stored_seq is 'Highest record stored; records are dense from 1, so this is also how many.';
create unique index run_one_a_job_node on run (job_node_id) where finished_on is null and fenced_on is null;
create index run_open on run (node_id) where finished_on is null or (fenced_on is not null and let_go_on is null);
create index run_of_job on run (job_id);

create table job_counter (
  job_id uuid primary key references job (id) on delete cascade,
  event_count bigint not null default 0
);
comment on table job_counter is 'Numbers a job''s events densely; locked by ingest in job order, apart from the job''s own row which passes lock.';

create table job_node_counter (
  job_node_id uuid primary key references job_node (id) on delete cascade,
  event_count bigint not null default 0
);
comment on table job_node_counter is 'How many events a job node has; written only under the lock of its job''s counter.';

create table job_event (
  id uuid primary key,
  job_id uuid not null,
  job_node_id uuid,
  node_id uuid,
  number bigint not null,
  event_type text not null check (event_type in ('check', 'milestone', 'error')),
  event_subtype text not null,
  event_resource text,
  message text not null,
  changes boolean not null default false,
  before json,
  after json,
  traceback text,
  created_on timestamptz not null
) partition by range (id);
comment on column job_event.id is 'UUIDv7: its time part chooses the partition, so a repeat lands where the first did.';
comment on column job_event.number is 'Dense per job from 1, given at insert: position, page and Last-Event-ID at once.';
comment on column job_event.created_on is 'The clock of whoever made the event (the agent''s, as a rule).';
create index job_event_of_job on job_event (job_id, number);
create index job_event_of_job_node on job_event (job_id, job_node_id, number) where job_node_id is not null;
create table job_event_other partition of job_event default;

create table peer_question (
  id uuid primary key,
  run_id uuid not null references run (id) on delete cascade,
  asking_node_id uuid not null,
  address text not null,
  within_ms integer not null,
  asked_on timestamptz not null default now()
);
create table peer_view (
  question_id uuid not null references peer_question (id) on delete cascade,
  node_id uuid not null,
  node_name text not null,
  sight text check (sight in ('normal', 'not-normal', 'blind', 'away')),
  detail text,
  primary key (question_id, node_id)
);
comment on table peer_view is 'One row a peer asked; sight is null until its agent has answered.';
create index peer_view_open on peer_view (node_id) where sight is null;
