// How the server finds what lists ask for: by an index, whatever filters are given; and what is shown where counts and looks end.
import { expect } from 'chai';
import { type CompiledQuery, Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { poolConfig } from '../../../coordinator/store/database.ts';
import { listJobEvents } from '../../../coordinator/store/event-lists.ts';
import type { DB } from '../../../coordinator/store/tables.generated.ts';
import { COUNTED_TO } from '../../../coordinator/store/walks.ts';
import { type BuiltDatabase, buildDatabase } from '../../bench/lists/build.ts';
import { pagesOf } from '../../bench/lists/pages.ts';

const EVENTS = 100_000;

interface Plan {
  'Node Type': string;
  'Relation Name'?: string;
  Filter?: string;
  Plans?: Plan[];
}
const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

describe(`lists over ${EVENTS} events`, function () {
  this.timeout(180_000);
  let database: BuiltDatabase;
  before(async () => {
    database = await buildDatabase(EVENTS);
  });
  after(() => database.drop());

  it('come by no event that an index did not find, whatever is asked for', async () => {
    const asked = new Map<string, CompiledQuery>();
    const pool = new pg.Pool(poolConfig(database.connection, 1));
    const db = new Kysely<DB>({
      dialect: new PostgresDialect({ pool }),
      log: ({ query }) => {
        asked.set(query.sql, query);
      },
    });
    try {
      const filled = await sql<{ name: string }>`select relname as name from pg_class
        where relname like 'job_event_%' and relkind = 'r' and reltuples > 0`.execute(database.db);
      const events = new Set(filled.rows.map(({ name }) => name));
      expect(events.size).to.be.at.least(12);
      const scans: string[] = [];
      let plans = 0;
      for (const { name, ask } of await pagesOf(db)) {
        asked.clear();
        await ask(3);
        for (const { sql: text, parameters } of asked.values()) {
          const explained = await pool.query(`explain (format json) ${text}`, [...parameters]);
          const nodes = nodesOf(explained.rows[0]['QUERY PLAN'][0].Plan);
          plans += 1;
          if (
            nodes.some((node) => node['Node Type'] === 'Seq Scan' && events.has(node['Relation Name'] ?? ''))
          )
            scans.push(name);
        }
      }
      expect(plans).to.be.greaterThan(500);
      expect(scans).to.deep.equal([]);
    } finally {
      await db.destroy();
    }
  });

  const walkThrough = async (
    filters: Parameters<typeof listJobEvents>[2],
    perPage: number,
    descending = false,
  ): Promise<{ ids: string[]; pages: number; first: { count: number; isCapped: boolean } }> => {
    const ids: string[] = [];
    const begin = { page: 1, perPage, after: null };
    let page = await listJobEvents(database.db, 'all', filters, descending, begin);
    const { count, isCapped } = page;
    let pages = 1;
    ids.push(...page.rows.map(({ id }) => id));
    // As `next` leads: by number as long as the count goes, then after what was seen last.
    for (let number = 2; ; number += 1) {
      const isNumbered = number <= Math.ceil(count / perPage);
      const { following } = page;
      if (!isNumbered && following === null) return { ids, pages, first: { count, isCapped } };
      const request = isNumbered ? { ...begin, page: number } : { ...begin, after: following };
      page = await listJobEvents(database.db, 'all', filters, descending, request);
      pages += 1;
      ids.push(...page.rows.map(({ id }) => id));
    }
  };
  const scanned = async (where: string): Promise<string[]> => {
    const rows = await sql<{
      id: string;
    }>`select id from job_event where ${sql.raw(where)} order by id`.execute(database.db);
    return rows.rows.map(({ id }) => id);
  };

  it('show each record once on the way of next, beyond what is counted and looked at too', async () => {
    const changed = await walkThrough({ changes: true }, 500);
    expect(changed.ids).to.deep.equal(await scanned('changes'));
    expect(changed.ids.length).to.be.greaterThan(COUNTED_TO);
    expect(changed.first).to.deep.equal({ count: COUNTED_TO, isCapped: true });
    const rare = await walkThrough({ subtype: 'disk-full', changes: false }, 7);
    expect(rare.ids).to.deep.equal(await scanned("event_subtype = 'disk-full' and not changes"));
    expect(rare.first.isCapped).to.equal(true);
    expect(rare.pages).to.be.at.least(20);
    const named = await walkThrough({ text: 'FILE-7 ', sinceMs: 0 }, 100);
    expect(named.ids).to.deep.equal(await scanned("message like '%file-7 %'"));
  });

  it('show what a cluster has job after job, over their borders, and what its datacenters have of it', async () => {
    const { rows } = await sql<{ clusterId: string; datacenterId: string }>`
      select j.cluster_id as "clusterId", d.id as "datacenterId" from job j join job_counter c on c.job_id = j.id
        join datacenter d on d.cluster_id = j.cluster_id
      where j.datacenter_id is null group by 1, 2 having count(*) filter (where c.event_count > 0) > 1 order by 1, 2 limit 1`.execute(
      database.db,
    );
    const { clusterId, datacenterId } = rows[0] ?? { clusterId: '', datacenterId: '' };
    const inOrder = async (where: string): Promise<string[]> => {
      const found = await sql<{ id: string }>`select e.id from job_event e join job j on j.id = e.job_id
        where j.cluster_id = ${clusterId} and ${sql.raw(where)} order by j.created_on, j.id, e.number`.execute(
        database.db,
      );
      return found.rows.map(({ id }) => id);
    };
    const all = await inOrder('true');
    const walked = await walkThrough({ clusterId }, 500);
    expect(walked.ids).to.deep.equal(all);
    expect(walked.first).to.deep.equal({ count: COUNTED_TO, isCapped: true });
    expect((await walkThrough({ clusterId }, 333, true)).ids).to.deep.equal([...all].reverse());
    const errors = await inOrder("event_type = 'error'");
    expect((await walkThrough({ clusterId, type: 'error' }, 7)).ids).to.deep.equal(errors);
    expect((await walkThrough({ clusterId, type: 'error' }, 11, true)).ids).to.deep.equal(
      [...errors].reverse(),
    );
    const ofDatacenter = `e.node_id in (select id from node where datacenter_id = '${datacenterId}')`;
    const part = await inOrder(ofDatacenter);
    expect(part.length).to.be.within(100, all.length - 100);
    expect((await walkThrough({ datacenterId }, 500)).ids).to.deep.equal(part);
    expect((await walkThrough({ clusterId, datacenterId }, 100, true)).ids).to.deep.equal(
      [...part].reverse(),
    );
    const byTime = await scanned(
      `job_id in (select id from job where cluster_id = '${clusterId}') and ${ofDatacenter.slice(2)}`,
    );
    expect((await walkThrough({ clusterId, datacenterId, sinceMs: 0 }, 50)).ids).to.deep.equal(byTime);
  });

  it('count without a cap what a counter knows, and lead to the last page from its own end', async () => {
    const all = await scanned('true');
    const last = Math.ceil(all.length / 50);
    const page = await listJobEvents(database.db, 'all', {}, false, { page: last, perPage: 50, after: null });
    expect([page.count, page.isCapped, page.following]).to.deep.equal([all.length, false, null]);
    expect(page.rows.map(({ id }) => id)).to.deep.equal(all.slice((last - 1) * 50));
    const middle = listJobEvents(database.db, 'all', {}, false, { page: last / 2, perPage: 50, after: null });
    const error = await middle.then(
      () => null,
      (refused: { problems?: unknown }) => refused,
    );
    expect(error?.problems).to.have.nested.property('[0].pointer', '/page');
  });
});
