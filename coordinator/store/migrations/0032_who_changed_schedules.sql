-- A job that a schedule made names nobody unless the schedule knows who stands behind it, as with force.
alter table job_schedule add column created_by text, add column modified_by text;
comment on column job_schedule.created_by is 'The account that made it; null while authentication is off, and of those that an earlier version made.';
comment on column job_schedule.modified_by is 'The account that changed it last, or made it; null likewise. What an earlier version changes does not count.';
comment on column job.asked_by is 'The account, or the schedule by its name and by who changed that last, that asked for it; null while authentication is off.';
