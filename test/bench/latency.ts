// From the POST of a job to the first event of the agent on the live stream, on loopback, each part a process of its own.
// Nothing is installed, so every job ends at its second step: what is measured is the way there and back.
import { mochaHooks } from '../support/database.ts';
import { TestRing } from '../support/ring.ts';
import { percentile, report } from './report.ts';

const ROUNDS = 200;
const WARM_UP = 30;
const P50_LIMIT_MS = 25;
const P99_LIMIT_MS = 100;

const ring = new TestRing();

/** @returns milliseconds from sending the POST until an event of the node was read from the stream */
async function round(nodeId: string): Promise<number> {
  const startedMs = performance.now();
  const id = await ring.post('restart', { 'job-scope': 'node', 'resource-id': nodeId });
  let firstMs = Number.NaN;
  await ring.rest.follow(
    id,
    (kind, data) => {
      if (Number.isNaN(firstMs) && kind === 'job-event' && data['node-id'] === nodeId)
        firstMs = performance.now() - startedMs;
    },
    AbortSignal.timeout(30_000),
  );
  return firstMs;
}

try {
  await ring.start();
  const nodeId = ring.ring.nodes[0]?.id ?? '';
  const times: number[] = [];
  for (let at = 0; at < WARM_UP + ROUNDS; at += 1) {
    const ms = await round(nodeId);
    if (at >= WARM_UP) times.push(ms);
  }
  if (times.some(Number.isNaN)) throw new Error('a job ended without an event of its agent');
  const [p50, p99] = [percentile(times, 0.5), percentile(times, 0.99)];
  report({
    name: 'latency',
    value: p50,
    unit: 'ms',
    limit: P50_LIMIT_MS,
    ratio: p50 / P50_LIMIT_MS,
    more: { p99, 'p99-limit': P99_LIMIT_MS },
  });
} finally {
  await ring.stop();
  await mochaHooks.afterAll();
}
