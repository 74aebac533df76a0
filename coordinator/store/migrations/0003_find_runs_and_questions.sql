-- Every pass reads the newest run of each of its nodes, and every answer of a peer the questions of whoever asked.
create index run_of_job_node on run (job_node_id, created_on desc);
create index peer_question_of_asker on peer_question (asking_node_id);
create index peer_question_of_run on peer_question (run_id);
