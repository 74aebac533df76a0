// A process that holds a share of the benchmark's agents: each with its own certificate, journal, outbox and stream.
import { eventually } from '../../support/eventually.ts';
import { type LinkAgentOptions, startLinkAgent } from '../../support/link-agent.ts';
import { Gate, type Watch, watchOutbox } from '../../support/watched-outbox.ts';
import { eventOf } from './events.ts';

/** What the benchmark asks of this process; it answers each with a `Told`. */
export type Ask =
  | { do: 'join'; bundles: string[] }
  /** every agent lays up this many events of its run on disk, unsent */
  | { do: 'fill'; events: number }
  /** sends; answered when every outbox is empty, which means acknowledged */
  | { do: 'drain' }
  | { do: 'count' }
  | { do: 'leave' };

export interface Told {
  id: number;
  acknowledged: number;
  longestWaitMs: number;
}

const APPENDED_TOGETHER = 500;

const gate = new Gate(false);
const watches: Watch[] = [];
/** the longest time that any agent waited for an acknowledgement, in the drain under way or the last one */
let longestWaitMs = 0;
let drainBeganMs = 0;
const agents: Awaited<ReturnType<typeof startLinkAgent>>[] = [];
let settled: () => void = () => {};

async function join(bundle: string): Promise<void> {
  const recipe = () => [
    {
      name: 'hold-the-run',
      async *run({ aborted }: { aborted: AbortSignal }) {
        await new Promise((resolve) => aborted.addEventListener('abort', resolve));
        aborted.throwIfAborted();
      },
    },
  ];
  let lastMs = 0;
  const acknowledged = () => {
    const nowMs = performance.now();
    longestWaitMs = Math.max(longestWaitMs, nowMs - Math.max(lastMs, drainBeganMs));
    lastMs = nowMs;
    if (watch?.outbox.pendingCount() === 0) settled();
  };
  let watch: Watch | undefined;
  const seen: LinkAgentOptions['seen'] = (outbox) => {
    watch = watchOutbox(outbox, { gate, acknowledged });
    watches.push(watch);
    return watch.outbox;
  };
  const agent = await startLinkAgent(bundle, recipe, { seen });
  agents.push(agent);
}

const runOf = ({ runner }: (typeof agents)[number]): Promise<string> =>
  eventually(
    () => {
      const [runId] = runner.heldRunIds();
      if (runId === undefined) throw new Error('no run yet');
      return runId;
    },
    { withinMs: 60_000 },
  );

async function fill(events: number): Promise<void> {
  gate.close();
  for (const agent of agents) {
    const { outbox } = agent;
    const runId = await runOf(agent);
    for (let done = 0; done < events; done += APPENDED_TOGETHER) {
      const first = outbox.lastSeq(runId);
      const count = Math.min(APPENDED_TOGETHER, events - done);
      await Promise.all(
        Array.from({ length: count }, (_, at) =>
          outbox.append(runId, { kind: 'event', event: eventOf(first + at) }),
        ),
      );
    }
  }
}

async function drain(): Promise<void> {
  drainBeganMs = performance.now();
  longestWaitMs = 0;
  const empty = new Promise<void>((resolve) => {
    settled = () => {
      if (watches.every(({ outbox }) => outbox.pendingCount() === 0)) resolve();
    };
  });
  gate.open();
  await empty;
}

async function answer(ask: Ask): Promise<void> {
  switch (ask.do) {
    case 'join':
      for (const bundle of ask.bundles) await join(bundle);
      return;
    case 'fill':
      return await fill(ask.events);
    case 'drain':
      return await drain();
    case 'count':
      return;
    case 'leave':
      await Promise.all(agents.map((agent) => agent.stop()));
      return;
  }
}

process.on('message', ({ id, ask }: { id: number; ask: Ask }) => {
  answer(ask).then(
    () => {
      const told: Told = {
        id,
        acknowledged: watches.reduce((sum, { acknowledged }) => sum + acknowledged, 0),
        longestWaitMs,
      };
      process.send?.(told, undefined, undefined, () => {
        if (ask.do === 'leave') process.exit(0);
      });
    },
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      process.exit(1);
    },
  );
});
