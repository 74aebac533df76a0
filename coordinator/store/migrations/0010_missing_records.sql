-- Records of a run are numbered densely: a number that was passed over is a record that was lost on the way.
alter table run add column missing_records integer not null default 0;
comment on column run.missing_records is 'How many numbers were passed over: the job''s events are not complete.';
comment on column run.stored_seq is 'Highest record stored; records are dense from 1, so this is also how many came, those missing included.';
