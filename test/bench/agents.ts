// The memory of an idle agent, and what a coordinator spends on 2,000 of them: memory, heartbeats, a restart under all.
// One JSON line a figure that has a limit; the others go to stderr. `one` or `many` as the argument measures half of it.
import { mochaHooks } from '../support/database.ts';
import { CoordinatorSite } from './agents/coordinator-site.ts';
import { Fleet } from './agents/fleet.ts';
import type { Held } from './agents/held.ts';
import { connectMany, giveRunsToAll, loadOver, plateau, restartUnder } from './agents/many-agents.ts';
import { measureAgent } from './agents/one-agent.ts';
import { mostOpenFiles } from './agents/programs.ts';
import { report } from './report.ts';

const AGENTS = Number(process.env['BENCH_AGENTS'] ?? 2_000);
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3);
/** As long as the pause between two heartbeats of an idle agent, and between six of one at work. */
const WINDOW_MS = 60_000;
const AGENT_LIMIT_MIB = 80;
const STREAM_LIMIT_KIB = 120;
/** Besides a socket an agent: the database pool, listeners, modules, logs. */
const OTHER_FILES = 200;

const say = (what: string, value: unknown): void =>
  void process.stderr.write(
    `${what}: ${JSON.stringify(value, (_, v) => (typeof v === 'number' ? Math.round(v * 10) / 10 : v))}\n`,
  );
const tell = (name: string, value: number, unit: string, limit: number, more = {}): void =>
  report({ name, value, unit, limit, ratio: value / limit, more });

async function oneAgent(site: CoordinatorSite): Promise<void> {
  const rounds: Awaited<ReturnType<typeof measureAgent>>[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    rounds.push(await measureAgent(site, `one-agent-${round}`));
    say('one agent, MiB', rounds.at(-1));
  }
  const figures = {
    enrolling: 'idle-agent-enrolled',
    later: 'idle-agent',
    afterWork: 'idle-agent-after-work',
  } as const;
  for (const [state, name] of Object.entries(figures) as [keyof typeof figures, string][])
    tell(name, Math.max(...rounds.map((round) => round[state].rssMib)), 'MiB', AGENT_LIMIT_MIB);
}

async function manyAgents(site: CoordinatorSite): Promise<void> {
  const fleet = new Fleet();
  try {
    // A coordinator that has just started, without what others have left behind.
    await site.program?.stop();
    await site.startProgram();
    const alone = await plateau(site.pid);
    say('coordinator alone', alone);
    const aloneHeld = await site.held();
    const rssEach = (rssMib: number): number => ((rssMib - alone.rssMib) * 1_024) / AGENTS;
    const tellEach = async (name: string, more: () => Promise<object>): Promise<void> => {
      const kib = rssEach((await plateau(site.pid)).rssMib);
      const others = await more();
      const held = await site.held();
      const heldEach = (of: keyof Held): number => ((held[of] - aloneHeld[of]) * 1_024) / AGENTS;
      const collected = {
        rss: rssEach(held.rssMib),
        heap: heldEach('heapMib'),
        'spare-heap': heldEach('spareHeapMib'),
        external: heldEach('externalMib'),
      };
      tell(name, kib, 'KiB of RSS an agent', STREAM_LIMIT_KIB, {
        'after-a-forced-collection': collected,
        ...others,
      });
    };

    const clusterIds = await connectMany(site, fleet, AGENTS);
    await tellEach('connected-agent', async () => ({ heartbeats: await loadOver(site, WINDOW_MS) }));
    const storm = await restartUnder(site, fleet);
    say('restarted under idle agents', storm);
    await tellEach('connected-agent-after-restart', async () => ({ restart: storm }));
    await giveRunsToAll(site, fleet, clusterIds);
    say('heartbeats of all with a run', await loadOver(site, WINDOW_MS));
    say('restarted under agents with runs', await restartUnder(site, fleet));
  } finally {
    await fleet.end();
  }
}

const files = mostOpenFiles();
if (files < AGENTS + OTHER_FILES) {
  process.stderr.write(
    `This machine allows ${files} open files a process; ${AGENTS} agents need ${AGENTS + OTHER_FILES}: raise "ulimit -Hn"\n`,
  );
  process.exit(1);
}
const part = process.argv[2] ?? 'all';
const site = await CoordinatorSite.start();
try {
  if (part !== 'many') await oneAgent(site);
  if (part !== 'one') await manyAgents(site);
} finally {
  await site.remove();
  await mochaHooks.afterAll();
}
