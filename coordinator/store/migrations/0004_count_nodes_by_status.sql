-- A job shows how its nodes stand: counted from the index alone, since a page may hold fifty jobs of a thousand nodes.
create index job_node_by_status on job_node (job_id, status);
