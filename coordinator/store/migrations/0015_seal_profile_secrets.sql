-- Passwords that a profile's settings give stood in the database in clear: in the profile and in the input of every run. They are
-- taken out at the next start of a coordinator, which has the key to seal them (store/seal-stored.ts). What no agent will be sent
-- any more goes here: nobody reads the profile in such an input.
alter table config_profile add column sealed_secrets bytea;
comment on column config_profile.sealed_secrets is
  'The secrets among the settings in json, by JSON pointer, sealed; in their places json has masks. Null: there are none.';
comment on column config_profile.json is 'Settings by file; secrets among them are masked, see sealed_secrets.';

alter table run add column sealed_secrets bytea;
comment on column run.sealed_secrets is
  'Secrets of the profile in input, as the profile''s own; told to the agent beside the input, and forgotten when the job is over.';

update run set input = input - 'profile'
  where input ? 'profile' and (accepted_on is not null or finished_on is not null or fenced_on is not null);
