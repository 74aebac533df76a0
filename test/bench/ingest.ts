// Events stored a second on the real path, over plain inserts of the same rows into the same table in the same run.
//
// The path: every agent holds a backlog in its own outbox on disk, as after an outage. The clock runs from the moment all
// may send to the moment the last outbox is empty, which is when its last batch was acknowledged, which is after its commit:
// outbox files -> the agent's own session -> mutual TLS -> gRPC -> ingest -> PostgreSQL and back. Agents are the product's
// own parts with a certificate each, in two processes; the coordinator is a process of its own with the flags of `npm start`.
// The comparison: `insert into job_event … values` of 1,000 rows a statement and transaction, over one connection, into the
// same table of the same database (partitions, primary key, both indexes, synchronous_commit on); the rows are made before
// the clock starts. Both take turns, so both meet the same table and the same neighbours; medians of the rounds are compared.
// At the end the database is searched for lost, doubled, misnumbered and misplaced events: if there is one, the run fails.

import { mochaHooks } from '../support/database.ts';
import { type Figures, type Measured, measure } from './ingest/measure.ts';
import { report } from './report.ts';

const LIMIT = 0.6;
const rounded = (value: number): number => Math.round(value * 1_000) / 1_000;
const figuresOf = ({ plain, path, peakRssMib, longestWaitMs }: Measured) => ({
  'plain-inserts': Math.round(plain.perSecond),
  'coordinator-peak-rss-mib': peakRssMib,
  'longest-wait-for-an-ack-ms': Math.round(longestWaitMs),
  'cpu-us-an-event': mapValues(path.cpu),
  'cpu-us-a-plain-insert': mapValues(plain.cpu),
});
const mapValues = (cpu: Figures['cpu']) =>
  Object.fromEntries(Object.entries(cpu).map(([who, micros]) => [who, rounded(micros)]));

try {
  const few = await measure(20, 5_000, 5);
  const many = await measure(1_000, 100, 3);
  report({
    name: 'ingest',
    value: few.path.perSecond,
    unit: 'events/s',
    limit: LIMIT,
    ratio: few.ratio,
    more: {
      ...figuresOf(few),
      'at-1000-agents': {
        value: Math.round(many.path.perSecond),
        ratio: rounded(many.ratio),
        ...figuresOf(many),
      },
    },
  });
} finally {
  await mochaHooks.afterAll();
}
