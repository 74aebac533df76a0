// Looks into the database after a run of the ingest benchmark: all stored, once, in order, numbered densely, or it says what is not.
import pg from 'pg';

/** One read-only connection to the coordinator's database. */
export class Ledger {
  readonly #client: pg.Client;

  constructor(databaseUrl: string) {
    this.#client = new pg.Client({ connectionString: databaseUrl });
  }

  open = (): Promise<unknown> => this.#client.connect();
  close = (): Promise<void> => this.#client.end();

  /** Of the server's process that serves this connection. */
  async backendPid(): Promise<number> {
    return (await this.#client.query('select pg_backend_pid() as pid')).rows[0].pid;
  }

  /** Events of agents committed so far: the counters are written in the same transactions. */
  async committed(): Promise<number> {
    const { rows } = await this.#client.query(
      'select coalesce(sum(event_count), 0)::float8 as n from job_node_counter',
    );
    return rows[0].n;
  }

  /** @throws Error that says what is wrong, when anything is */
  async verify(eventsAnAgent: number): Promise<void> {
    const { rows } = await this.#client.query(
      `
      with numbered as (
        select e.job_id, e.job_node_id, e.number,
          row_number() over (partition by e.job_id order by e.number) as place
        from job_event e join job j on j.id = e.job_id
      ), jobs as (
        select job_id, count(*) as events, count(*) filter (where number <> place) as holes from numbered group by job_id
      ), runs as (
        select n.id, r.stored_seq, c.event_count,
          (select count(*) from job_event e where e.job_id = n.job_id and e.job_node_id = n.id) as events
        from job_node n join run r on r.job_node_id = n.id join job_node_counter c on c.job_node_id = n.id
      )
      select (select count(*) from jobs where holes > 0)::int as "jobs with holes in their numbers",
        (select count(*) from jobs join job_counter c using (job_id) where c.event_count <> events)::int as "jobs whose counter is wrong",
        (select count(*) from runs where events <> $1)::int as "runs without exactly their events",
        (select count(*) from runs where event_count <> $1)::int as "job nodes whose counter is wrong",
        (select count(*) from runs where stored_seq <> $1)::int as "runs whose stored_seq is wrong",
        (select count(*) from (select e.created_on > lag(e.created_on) over (partition by e.job_node_id order by e.number) as fine
          from job_event e join run r using (job_node_id)) o where not fine)::int as "events out of order"`,
      [eventsAnAgent],
    );
    const wrong = Object.entries(rows[0]).filter(([, count]) => count !== 0);
    if (wrong.length > 0) throw new Error(wrong.map(([what, count]) => `${count} ${what}`).join(', '));
  }
}
