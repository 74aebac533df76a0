-- The jobs that a schedule made, newest first, as lists ask for them.
create index job_of_schedule on job (schedule_id, created_on, id) where schedule_id is not null;
comment on column bootstrap.failed_tries is 'Since the job last waited for a way in; those that found none are not counted.';
comment on column stop_question.answer is 'What the agent is told (StopAnswer), with clocks for the pass alone; null until something was decided. Once it asks anew nothing but the clocks is left.';
