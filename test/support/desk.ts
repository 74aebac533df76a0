// The web desk under test: a coordinator, a cluster whose agents do as a test says, and a browser that looks.
import type { Step } from '../../agent/steps/step.ts';
import type { Timings } from '../../coordinator/timings.ts';
import { StepFailed } from '../../shared/errors.ts';
import type { StepEvent } from '../../shared/events.ts';
import { type Browser, startBrowser } from './browser.ts';
import { modelCluster, startTestCoordinator, type TestCoordinator } from './coordinator.ts';
import { eventually } from './eventually.ts';
import { startLinkAgent } from './link-agent.ts';
import { buildDesk } from './web-desk.ts';

export const looked = (message: string, rest: Partial<StepEvent> = {}): StepEvent => ({
  type: 'check',
  subtype: 'looked',
  resource: null,
  changes: false,
  message,
  ...rest,
});

/** What a node's run does; a test sets it before it asks for the job. */
export class Script {
  events: StepEvent[] = [looked('Looked')];
  fails = false;
  /** it does not stop when asked to */
  isDeaf = false;
  #goOn: () => void = () => {};
  #mayGoOn = Promise.resolve();

  /** The run stops after its events until `release`. */
  hold(): void {
    this.#mayGoOn = new Promise((resolve) => {
      this.#goOn = resolve;
    });
  }
  release(): void {
    this.#goOn();
  }

  steps(): Step[] {
    const script = this;
    const tell: Step = {
      name: 'tell-events',
      async *run() {
        yield* script.events;
        if (script.fails) throw new StepFailed('as-asked', 'This one fails', { cause: new Error('EIO') });
      },
    };
    const stay: Step = {
      name: 'stay-here',
      async *run({ stopping, aborted }) {
        const stopped = new Promise<void>((resolve) => {
          for (const signal of script.isDeaf ? [aborted] : [stopping, aborted])
            signal.addEventListener('abort', () => resolve());
        });
        await Promise.race([script.#mayGoOn, stopped]);
        yield looked('Went on');
      },
    };
    return [tell, stay];
  }
}

export interface Desk {
  coordinator: TestCoordinator;
  browser: Browser;
  cluster: Awaited<ReturnType<typeof modelCluster>>;
  /** one a node, in their order */
  scripts: Script[];
  /** Asks for a job. @returns its id */
  ask(action: string, body: Record<string, unknown>): Promise<string>;
  /** Resolves once the job has this status. */
  becomes(jobId: string, status: string): Promise<void>;
  close(): Promise<void>;
}

/** @param nodes names; those of `away` have no agent */
export async function startDesk(
  nodes: readonly string[],
  {
    away = [],
    env = {},
    timings = {},
  }: { away?: readonly string[]; env?: Record<string, string>; timings?: Partial<Timings> } = {},
): Promise<Desk> {
  await buildDesk();
  const coordinator = await startTestCoordinator(env, { timings });
  const cluster = await modelCluster(coordinator, 'c1', nodes);
  const agents: Awaited<ReturnType<typeof startLinkAgent>>[] = [];
  const scripts: Script[] = [];
  for (const [at, nodeId] of cluster.nodeIds.entries()) {
    const script = new Script();
    scripts.push(script);
    if (away.includes(nodes[at] ?? '')) continue;
    const { body } = await coordinator.call('POST', `nodes/${nodeId}/enrolment`);
    agents.push(await startLinkAgent(body.bundle, () => script.steps()));
  }
  const browser = await startBrowser();
  return {
    coordinator,
    browser,
    cluster,
    scripts,
    ask: async (action, body) => (await coordinator.call('POST', `actions/${action}`, body)).body.id,
    becomes: (jobId, status) =>
      eventually(
        async () => {
          const { body } = await coordinator.call('GET', `jobs/${jobId}`);
          if (body.status !== status) throw new Error(`the job is ${body.status}, not ${status}`);
        },
        { withinMs: 30_000 },
      ),
    close: async () => {
      await browser.close();
      for (const script of scripts) script.release();
      for (const agent of agents) await agent.stop();
      await coordinator.remove();
    },
  };
}
