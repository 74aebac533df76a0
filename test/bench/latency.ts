// From the POST of a job to the first event of the agent on the live stream, on loopback, through every real part.

import { modelCluster, startTestCoordinator } from '../support/coordinator.ts';
import { mochaHooks } from '../support/database.ts';
import { startLinkAgent } from '../support/link-agent.ts';
import { percentile, report } from './report.ts';

const ROUNDS = 100;
const P50_LIMIT_MS = 25;
const P99_LIMIT_MS = 100;

const coordinator = await startTestCoordinator();
const { clusterId, nodeIds } = await modelCluster(coordinator, 'latency', ['n1']);
const { body } = await coordinator.call('POST', `nodes/${nodeIds[0]}/enrolment`);
const agent = await startLinkAgent(body.bundle, () => [
  {
    name: 'say-hello',
    async *run() {
      yield { type: 'check', subtype: 'hello', resource: null, message: 'hello', changes: false };
    },
  },
]);
const times: number[] = [];
try {
  for (let round = 0; round < ROUNDS + 10; round += 1) {
    const startedMs = performance.now();
    const job = await coordinator.call('POST', 'actions/restart', {
      'job-scope': 'cluster',
      'resource-id': clusterId,
    });
    const stream = await fetch(`${coordinator.restUrl}/api/v1/lcm/jobs/${job.body.id}/stream`);
    let text = '';
    for await (const chunk of (stream.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
      const seenBefore = text.includes('"hello"');
      text += chunk;
      if (!seenBefore && text.includes('"hello"') && round >= 10) times.push(performance.now() - startedMs);
    }
  }
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
  await agent.stop();
  await coordinator.remove();
  await mochaHooks.afterAll();
}
