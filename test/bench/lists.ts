// Pages of lists over ten million events (or as many as are given), over the same pages at ten thousand.
//
// Each page is asked of the store as REST asks it, with other values each time, on one connection and prepared statements.
// The time in the database is what its process worked for the page, planning included, as the kernel says; beside it stands
// what the caller waited, in which neighbours on the same cores and the client's own work are counted too. Every first page
// that an offered filter can ask for is asked for: each filter with each of its values in each order, and every two filters
// together, those that find nothing too; of one job's events the middle and the last page and what comes after an event.
// The database is PostgreSQL with the settings that the product gives it, made for this and thrown away.
// Usage: npm run bench:lists [-- events]

import { readFileSync } from 'node:fs';
import { sql } from 'kysely';
import { openDatabase } from '../../coordinator/store/database.ts';
import { silentLogger } from '../../shared/log.ts';
import { mochaHooks } from '../support/database.ts';
import { buildDatabase } from './lists/build.ts';
import { pagesOf } from './lists/pages.ts';
import { percentile, report } from './report.ts';

const LIMIT_MS = 10;
const FEW = 10_000;
const MANY = Number(process.argv[2] ?? 10_000_000);
const WARM_UP = 6;
const TIMES = 40;

interface Measured {
  name: string;
  p50: number;
  p99: number;
  /** what the caller waited */
  waited: number;
}

/** How long that process has worked by now, ms. */
const workedMs = (pid: number): number =>
  Number(readFileSync(`/proc/${pid}/schedstat`, 'latin1').split(' ')[0]) / 1e6;

async function measure(events: number): Promise<{ pages: Map<string, Measured>; buildS: number }> {
  const begunMs = performance.now();
  const database = await buildDatabase(events);
  const buildS = (performance.now() - begunMs) / 1_000;
  process.stderr.write(`built ${events} events in ${Math.round(buildS)} s\n`);
  const { db } = openDatabase(database.connection, silentLogger, 1);
  const pages = new Map<string, Measured>();
  try {
    const backend = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db);
    const pid = backend.rows[0]?.pid ?? 0;
    for (const { name, ask } of await pagesOf(db)) {
      const worked: number[] = [];
      const waited: number[] = [];
      for (let turn = 0; turn < WARM_UP + TIMES; turn += 1) {
        const startedMs = performance.now();
        const before = workedMs(pid);
        const answer = await ask(turn);
        if (turn < WARM_UP || answer === null) continue;
        worked.push(workedMs(pid) - before);
        waited.push(performance.now() - startedMs);
      }
      if (worked.length > 0)
        pages.set(name, {
          name,
          p50: percentile(worked, 0.5),
          p99: percentile(worked, 0.99),
          waited: percentile(waited, 0.5),
        });
    }
  } finally {
    await db.destroy();
    await database.drop();
  }
  return { pages, buildS };
}

try {
  const few = await measure(FEW);
  const many = await measure(MANY);
  const rows = [...many.pages.values()].map((page) => ({ ...page, few: few.pages.get(page.name) }));
  const [worst] = [...rows].sort((a, b) => b.p99 - a.p99);
  if (worst === undefined) throw new Error('no page was measured');
  process.stdout.write(`p50 ms (at ${FEW})  p99 ms (at ${FEW})  waited, p50\n`);
  for (const { name, p50, p99, waited, few: before } of rows) {
    const shown = [p50, before?.p50, p99, before?.p99, waited].map((ms) =>
      (ms ?? Number.NaN).toFixed(2).padStart(7),
    );
    process.stdout.write(`${shown[0]} (${shown[1]})  ${shown[2]} (${shown[3]})  ${shown[4]}  ${name}\n`);
  }
  const medianOfRatios = percentile(
    rows.flatMap(({ p50, few: before }) => (before === undefined ? [] : [p50 / before.p50])),
    0.5,
  );
  report({
    name: 'lists',
    value: worst.p99,
    unit: 'ms',
    limit: LIMIT_MS,
    ratio: worst.p99 / (worst.few?.p99 ?? Number.NaN),
    more: {
      page: worst.name,
      events: MANY,
      pages: rows.length,
      'over-the-limit': rows.filter(({ p99 }) => p99 > LIMIT_MS).length,
      'worst-p50': Math.max(...rows.map(({ p50 }) => p50)),
      'median-ratio-of-p50': medianOfRatios,
      'build-s': many.buildS,
    },
  });
} finally {
  await mochaHooks.afterAll();
}
