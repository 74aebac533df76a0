// Waits until the database node answers on its native port, or is seen to have died.
import { StepFailed } from '../../shared/errors.ts';
import type { ProcessId } from '../host/host.ts';
import { layoutOf, upgradeFilesOf } from '../products/index.ts';
import { type LogSizes, lastWords } from './last-words.ts';
import { isUpgrade, type Step } from './step.ts';
import { looked, milestone, seconds } from './telling.ts';
import { until } from './waiting.ts';

const POLL_MS = 50;
const ANSWER_MS = 1_000;

/** Of a ring that is wholly down the seeds come first. */
const withoutSeeds = (reason: string, seeds: readonly string[]): string =>
  /Unable to gossip with any/.test(reason) && seeds.length > 0
    ? `. None of its seeds answers it (${seeds.join(', ')}): start one of them first, by a job on that node alone`
    : '';

export const awaitNativePort: Step = {
  name: 'await-native-port',
  async *run(context) {
    const { host, input } = context;
    const layout = layoutOf(input);
    const address = input.node.nativeTransportAddress;
    const port = input.ports.native;
    const resource = `${address}:${port}`;
    yield looked('native-port', 'Waiting until the native port answers', { resource });
    const start = context.resultOf('start-node') as
      | { process?: ProcessId; startedAtMs?: number; logs?: LogSizes | null }
      | undefined;
    const process = start?.process ?? (await host.findCassandra(layout.directory));
    let isDead = process === null;
    const answers = async (): Promise<boolean> => {
      // liveness is looked at after the port, so that another process's port is never taken for this node's
      const isAnswering = await host.nativePortAnswers(address, port, ANSWER_MS);
      isDead = process === null || !(await host.isAlive(process));
      return isAnswering || isDead;
    };
    const sinceMs = start?.startedAtMs ?? host.nowMs();
    const isOver =
      !isDead && (await until(context, answers, { everyMs: POLL_MS, withinMs: input.limits.startMs }));
    if (isDead) {
      const { reason, trace, detail } = await lastWords(host, layout, start?.logs ?? null);
      const why = reason === null ? '' : `: ${reason}${withoutSeeds(reason, input.cluster.seeds)}`;
      throw new StepFailed('node-died', `The database node ended while it was starting${why}`, {
        resource: process === null ? null : String(process.pid),
        detail,
        traceback: trace,
      });
    }
    if (!isOver) {
      const { trace, detail } = await lastWords(host, layout, start?.logs ?? null);
      const message = `The native port does not answer after ${input.limits.startMs} ms`;
      throw new StepFailed('node-not-up', message, { resource, detail, traceback: trace });
    }
    const startMs = host.nowMs() - sinceMs;
    yield milestone('native-port-answers', `The native port answers after ${seconds(startMs)}`, false, {
      resource,
      after: { 'start-ms': startMs },
    });
    // With the node up by another job an upgrade that broke off is over: what that knew may not hold when the next one comes.
    const { begun } = upgradeFilesOf(input);
    if (!isUpgrade(input) && input.install.type === 'package' && (await host.exists(begun)))
      await host.remove(begun);
    return { answeredAtMs: host.nowMs() };
  },
};
