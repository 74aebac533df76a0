-- Who may sign in, and who has. LCM API: POST /login answers a session id, PUT /users/admin changes a password.
-- "account", since "user" is a word of SQL's own.
create table account (
  name text primary key,
  password_hash text not null,
  created_on timestamptz not null default now(),
  password_changed_on timestamptz not null default now()
);
comment on column account.password_hash is 'scrypt in PHC form: parameters, salt and hash, never the password.';

create table session (
  token_hash text primary key,
  account_name text not null references account (name) on delete cascade,
  created_on timestamptz not null default now(),
  last_used_on timestamptz not null default now(),
  expires_on timestamptz not null
);
comment on table session is 'Those who are signed in, by the SHA-256 of their session id (hex); logging out deletes the row.';
comment on column session.last_used_on is 'Written about once a minute at most; a session unused for too long is over.';
comment on column session.expires_on is 'When it is over however much it is used.';
create index session_of_account on session (account_name);
