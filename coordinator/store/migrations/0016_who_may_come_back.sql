-- Agents that were attached when nobody could hear any more may dial again once somebody can; those that left long before do not.
alter table listening add column heard_until timestamptz;
comment on column listening.heard_until is 'The last beat before the gap that ended at since; null while there was none.';

-- Which certificates let a node's agent in: enrolling anew ends the former one, a renewal does once the new one was seen.
create table node_certificate (
  node_id uuid primary key references node (id) on delete cascade,
  serial text not null,
  next_serial text
);
comment on table node_certificate is 'The certificates that are good for a node; without a row (enrolled by an earlier version, and not renewed since) all that name it.';
comment on column node_certificate.next_serial is 'Of a renewal that has not been seen yet: good as well, and the only one from when it is.';
