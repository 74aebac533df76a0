-- A caller that repeats a POST under the same Idempotency-Key, since it never saw the answer, gets that answer and no second job.
create table kept_answer (
  account_name text not null,
  idempotency_key text not null,
  request_hmac bytea not null,
  sealed_answer bytea not null,
  created_on timestamptz not null default now(),
  primary key (account_name, idempotency_key)
);
comment on table kept_answer is
  'Answers to POSTs that came with an Idempotency-Key, written in the transaction that made what they tell of; kept for 24 hours.';
comment on column kept_answer.account_name is 'Whose key it is; empty while authentication is off.';
comment on column kept_answer.request_hmac is
  'HMAC-SHA256 of method, path and body under a key of its own: tells whether a repeat is one, and gives no body away.';
comment on column kept_answer.sealed_answer is 'Status, headers and body as JSON, sealed: the body of a job may hold a password.';
create index kept_answer_created_on on kept_answer (created_on);
