-- A data directory that was copied gives two agents one identity. The newest stream of a node wins, and where something starts the
-- agent that was told to stop again, the two take turns for ever: seen by who took whose place, whichever coordinators they dialled.
alter table agent add column address text, add column former_host text, add column takeovers integer not null default 0,
  add column takeovers_since timestamptz, add column contested_on timestamptz;
comment on column agent.address is 'From where its stream was dialled, without the port.';
comment on column agent.former_host is 'Host name and address of the agent whose living stream that of another host took the place of last.';
comment on column agent.takeovers is 'How often one host took the place of another since takeovers_since; counted anew after ten minutes.';
comment on column agent.contested_on is 'When that last was more than two agents that only moved would do; null: never.';
