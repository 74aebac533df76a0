-- Who asked for a job is told of every one, and not only of those that pass over windows.
alter table job add column asked_by text;
comment on column job.asked_by is 'The account, or the schedule by its name, that asked for it; null while authentication is off.';
comment on column job.windows_ignored_by is 'The same of jobs with ignore-windows that an earlier version made.';
