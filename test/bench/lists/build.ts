// A database with so many events: jobs of a year on rings of fifty nodes, every index in place, made by the server itself.
import { sql } from 'kysely';
import type { Database } from '../../../coordinator/store/database.ts';
import { keepPartitions } from '../../../coordinator/store/partitions.ts';
import { createMigratedDatabase } from '../../support/database.ts';
import { ATTEMPTS, MODELS, RING_JOBS } from './models.ts';

const CLUSTERS = 20;
const NODES_A_CLUSTER = 50;
const EVENTS_A_NODE = 60;
/** Seven jobs in ten are asked for clusters, two for datacenters, one for a node; a third are made by schedules. */
const EVENTS_A_JOB = EVENTS_A_NODE * (0.7 * NODES_A_CLUSTER + 0.2 * (NODES_A_CLUSTER / 2) + 0.1);
const MONTHS = 12;
const JOBS_A_STATEMENT = 50;
const SIDE_BY_SIDE = 2;

const run = async (db: Database, text: string): Promise<void> => {
  await sql.raw(text).execute(db);
};

// A UUID of version 7 made at that moment: as jobs, job nodes and events have them.
const UUID_AT = `create function uuid_at(at timestamptz, seed text) returns uuid language sql immutable parallel safe as $$
  select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(md5(seed), 1, 3) || '8'
    || substr(md5(seed), 4, 15))::uuid $$`;

/** Jobs one after the other over the months; the newest of each cluster is under way, the one before it is pending. */
const JOBS = (jobs: number, open = Math.min(CLUSTERS, Math.floor(jobs / 4))): string => `
  insert into job (id, job_type, job_scope, status, cluster_id, cluster_name, datacenter_id, datacenter_name, node_id, node_name,
    schedule_id, job_data, created_on, modified_on, started_on, ended_on)
  select uuid_at(at, 'job' || n), (array['restart', 'configure', 'install'])[1 + n % 3], scope, status,
    md5('cluster' || c)::uuid, 'cluster ' || c, case when scope <> 'cluster' then md5('dc' || c || '/' || n % 2)::uuid end,
    'dc', case when scope = 'node' then md5('node' || c || '/' || n % ${NODES_A_CLUSTER})::uuid end, 'node',
    case when n % 3 = 0 then md5('schedule' || c)::uuid end, '{"job-type": "restart"}', at, at, case when status <> 'PENDING' then at end,
    case when status not in ('PENDING', 'RUNNING') then at + interval '10 minutes' end
  from (
    select n, n % ${CLUSTERS} as c, case when n % 10 < 7 then 'cluster' when n % 10 < 9 then 'datacenter' else 'node' end as scope,
      date_trunc('minute', now()) - interval '${MONTHS} months' * ((${jobs} - n)::float / ${jobs}) - interval '1 hour' as at,
      case when n > ${jobs - open} then 'RUNNING' when n > ${jobs - 2 * open} then 'PENDING'
        when n % 10 = 3 then 'FAILED' when n % 97 = 4 then 'TERMINATED' when n % 293 = 5 then 'ORPHANED' else 'COMPLETE' end as status
    from generate_series(1, ${jobs}) n) given`;

/** @param large events of each node of the one job that went on and on */
const JOB_NODES = (large: number): string[] => [
  `create table made_of (job_node_id uuid primary key, events int not null)`,
  `with made as (
    insert into job_node (id, job_id, node_id, node_name, datacenter_name, position, status, created_on, modified_on, started_on, ended_on)
    select uuid_at(j.created_on, 'jn' || j.number || '/' || p), j.id,
      coalesce(j.node_id, md5('node' || (j.number % ${CLUSTERS}) || '/' || p)::uuid), 'node ' || p, 'dc', p,
      case when j.status = 'FAILED' and p < 40 then 'COMPLETE' else j.status end, j.created_on, j.created_on, j.started_on, j.ended_on
    from job j cross join generate_series(0, ${NODES_A_CLUSTER - 1}) p
    where p < case j.job_scope when 'cluster' then ${NODES_A_CLUSTER} when 'datacenter' then ${NODES_A_CLUSTER / 2} else 1 end
    returning id, job_id)
  insert into made_of select made.id, case j.number when 1 then ${large} else ${EVENTS_A_NODE} end
    from made join job j on j.id = made.job_id`,
  `insert into job_counter (job_id, event_count)
    select n.job_id, sum(m.events) from job_node n join made_of m on m.job_node_id = n.id group by n.job_id`,
  `insert into job_node_counter (job_node_id, event_count) select job_node_id, events from made_of`,
  // An agent that has had nothing to tell for long shows most in what is left of a run.
  `insert into run (id, job_id, job_node_id, node_id, input, created_on, finished_on, outcome, stored_seq)
    select id, job_id, id, node_id, '{}', created_on, ended_on, case when ended_on is not null then 'succeeded' end, 60
    from job_node where started_on is not null`,
];

const CHECKS = `array['file-contents', 'file-contents', 'file-contents', 'package', 'service', 'java', 'directory', 'owner',
  'native-port', 'gossip', 'disk-space', 'yaml-keys']`;

/** Nodes tell one after the other, as in a rolling job, twenty events a second. */
const EVENTS = (from: number, to: number): string => `
  insert into job_event (id, job_id, job_node_id, node_id, number, event_type, event_subtype, event_resource, message, changes,
    before, after, traceback, created_on)
  select uuid_at(at, job_node_id::text || number), job_id, job_node_id, node_id, number, type,
    case type when 'check' then (${CHECKS})[1 + number * 31 % 12] when 'milestone' then (array['start', 'step', 'done'])[1 + number % 3]
      else (array['MeldError', 'disk-full', 'config-invalid'])[1 + number % 3] end,
    '/etc/cassandra/conf/file-' || number % 40,
    'Checking if the contents of /etc/cassandra/conf/file-' || number % 40 || ' need to be updated, look ' || number,
    changes, case when changes then '{"sha256": "0"}'::json end,
    case when changes then json_build_object('sha256', md5(number::text), 'diff', repeat('- before' || chr(10) || '+ after', 20)) end,
    case when type = 'error' then repeat('  at step (/opt/agent/steps.js:1:1)' || chr(10), 30) end, at
  from (
    select n.job_id, n.id as job_node_id, n.node_id, n.position * m.events + k as number,
      j.created_on + interval '50 ms' * (n.position * m.events + k) as at,
      case (n.position * 13 + k * 7) % 100 when 0 then 'error' when 1 then 'milestone' when 2 then 'milestone' when 3 then 'milestone'
        when 4 then 'milestone' when 5 then 'milestone' else 'check' end as type, (n.position * 11 + k * 3) % 17 = 0 as changes
    from job j join job_node n on n.job_id = j.id join made_of m on m.job_node_id = n.id cross join generate_series(1, m.events) k
    where j.number between ${from} and ${to}) told`;

export type BuiltDatabase = Awaited<ReturnType<typeof createMigratedDatabase>>;

/** @param events about so many */
export async function buildDatabase(events: number): Promise<BuiltDatabase> {
  const database = await createMigratedDatabase();
  const { db } = database;
  const large = Math.max(EVENTS_A_NODE, Math.round(events / 100 / NODES_A_CLUSTER));
  const jobs = Math.max(4, Math.round((events - large * NODES_A_CLUSTER) / EVENTS_A_JOB));
  for (let month = MONTHS; month > 0; month -= 1)
    await keepPartitions(db, Date.now() - month * 30.5 * 86_400_000);
  await run(db, UUID_AT);
  await run(db, JOBS(jobs));
  for (const statement of [...JOB_NODES(large), ...MODELS, ...RING_JOBS, ATTEMPTS]) await run(db, statement);
  // Built over all rows at once they are the same indexes, in a tenth of the time.
  const indexes = await sql<{ name: string; made: string }>`
    select c.relname as name, replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ') as made
    from pg_index join pg_class c on c.oid = indexrelid
    where indrelid = 'job_event'::regclass and not indisprimary`.execute(db);
  for (const { name } of indexes.rows) await run(db, `drop index ${name}`);
  let next = 1;
  const insert = async (): Promise<void> => {
    while (next <= jobs) {
      const from = next;
      next += JOBS_A_STATEMENT;
      await run(db, EVENTS(from, from + JOBS_A_STATEMENT - 1));
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, insert));
  for (const { made } of indexes.rows) await run(db, `set maintenance_work_mem = '256MB'; ${made}`);
  // What the server does by itself once it has a quiet minute.
  await run(db, 'vacuum analyze');
  return database;
}
