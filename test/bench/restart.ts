// Rolling restart of a real 3-node ring: wall time over the sum of the nodes' own drain + stop + start.
// The nodes' own times come from Cassandra's log time stamps and the JVMs' ends as /proc shows them, not from our polls.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mochaHooks } from '../support/database.ts';
import { TestRing } from '../support/ring.ts';
import { report } from './report.ts';

const LIMIT = 1.15;

/** Milliseconds of the last log line that holds this text. */
function loggedMs(log: string, text: string): number {
  const line = log.split('\n').findLast((candidate) => candidate.includes(text));
  const stamp = /(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)[,.](\d{3})/.exec(line ?? '');
  if (stamp === null) throw new Error(`no "${text}" in the log`);
  return new Date(`${stamp[1]}T${stamp[2]}.${stamp[3]}`).getTime();
}

const ring = new TestRing();
try {
  await ring.start();
  await ring.waitFor(await ring.post('install'), 'COMPLETE');
  const before = ring.pids();
  const ends = new Map<string, number>();
  // An end is seen within 2 ms of the process leaving /proc.
  const watch = setInterval(() => {
    for (const [name, pid] of Object.entries(before)) {
      if (ends.has(name)) continue;
      const stat = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'latin1') : null;
      if (stat === null || /\) [ZX] /.test(stat)) ends.set(name, Date.now());
    }
  }, 2);
  const startedMs = performance.now();
  const id = await ring.post('restart');
  await ring.rest.follow(id, () => {}, AbortSignal.timeout(300_000));
  const wallMs = performance.now() - startedMs;
  clearInterval(watch);
  const bootMs = Date.now() - Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1_000;
  const after = ring.pids();
  const own = ring.ring.nodes.map(({ name, directory }) => {
    const log = readFileSync(join(directory, 'logs', 'system.log'), 'utf8');
    const stat = readFileSync(`/proc/${after[name]}/stat`, 'latin1');
    const processStartMs = bootMs + Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]) * 10;
    const drainMs = loggedMs(log, 'DRAINED') - loggedMs(log, 'DRAINING');
    const stopMs = (ends.get(name) ?? Number.NaN) - loggedMs(log, 'DRAINED');
    const startMs = loggedMs(log, 'Starting listening for CQL clients') - processStartMs;
    return { name, drainMs, stopMs, startMs };
  });
  const sumMs = own.reduce((sum, { drainMs, stopMs, startMs }) => sum + drainMs + stopMs + startMs, 0);
  for (const node of own) process.stderr.write(`${JSON.stringify(node)}\n`);
  report({
    name: 'restart',
    value: wallMs / 1_000,
    unit: 's',
    limit: LIMIT,
    ratio: wallMs / sumMs,
    more: { sum: Math.round(sumMs) / 1_000 },
  });
} finally {
  await ring.stop();
  await mochaHooks.afterAll();
}
