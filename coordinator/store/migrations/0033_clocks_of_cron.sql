-- A time that comes once says its offset itself: a zone that stayed from a cron expression would be refused wherever it is written anew.
update maintenance_window set time_zone = 'UTC' where cron is null and time_zone <> 'UTC';
update job_schedule set time_zone = 'UTC' where cron is null and time_zone <> 'UTC';
