-- An agent that was never told where its database node is cannot look; that is not the same as no database node running there.
alter table peer_view drop constraint peer_view_sight_check;
alter table peer_view add constraint peer_view_sight_check
  check (sight in ('normal', 'not-normal', 'blind', 'not-told', 'away'));
