// Leaves a node that was started in peace for as long as the job says, so that caches warm up and hints come in before the next one is stopped.
import type { Step } from './step.ts';
import { looked, milestone, seconds } from './telling.ts';
import { leaving, until } from './waiting.ts';

const TICK_MS = 1_000;

export const awaitSettling: Step = {
  name: 'await-settling',
  async *run(context) {
    const { host, input } = context;
    const settleMs = input.settleMs ?? 0;
    const resource = input.node.name;
    const { started } = (context.resultOf('start-node') ?? { started: false }) as { started: boolean };
    const why = !started
      ? 'This run has not started the database node: nothing has to settle'
      : settleMs === 0
        ? 'The job gives the database node no time to settle (settle-seconds)'
        : `The database node is left in peace for ${seconds(settleMs)} (settle-seconds)`;
    yield looked('settling', why, { resource });
    if (!started || settleMs === 0) return;
    const startedMs = host.nowMs();
    const leave = leaving(context);
    const isOver = async (): Promise<boolean> => {
      leave.throwIfAborted();
      return host.nowMs() - startedMs >= settleMs;
    };
    await until(context, isOver, { everyMs: Math.min(TICK_MS, settleMs), withinMs: settleMs + TICK_MS });
    yield milestone('node-settled', `The database node had ${seconds(settleMs)} to settle`, false, {
      resource,
      after: { 'settle-ms': host.nowMs() - startedMs },
    });
  },
};
