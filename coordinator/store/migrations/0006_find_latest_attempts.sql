-- What a cluster shows of its jobs is read from the latest attempt of each of its nodes, however long their history is.
create index job_node_attempts on job_node (node_id, (coalesce(started_on, ended_on)) desc)
  where started_on is not null or (ended_on is not null and status not in ('TERMINATED', 'ORPHANED'));
create index job_node_open on job_node (node_id) where ended_on is null;
