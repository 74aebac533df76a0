-- Who asked for a job is told of every one, and not only of those that pass over windows.
alter table job add column asked_by text;
update job set asked_by = windows_ignored_by where windows_ignored_by is not null;
comment on column job.asked_by is 'The account, or the schedule by its name, that asked for it; null while authentication is off.';
comment on column job.windows_ignored_by is 'Written by earlier versions alone, which may run beside this one: asked_by has it.';
