// One run of the ingest benchmark with so many agents: rounds of plain inserts and of the real path, in turns.
import { percentile } from '../report.ts';
import { Fleet } from './fleet.ts';
import { Ledger } from './ledger.ts';
import { preparePlainInserts } from './plain-inserts.ts';
import { secondsOf, secondsOfServer } from './processor.ts';
import { Site } from './site.ts';

/** Figures of one side of one round, or the medians of all rounds. Processor times are microseconds an event. */
export interface Figures {
  perSecond: number;
  cpu: { sender: number; coordinator: number; postgres: number };
}

export interface Measured {
  path: Figures;
  plain: Figures;
  ratio: number;
  peakRssMib: number;
  /** the longest that any agent waited for an acknowledgement in any round */
  longestWaitMs: number;
}

/**
 * @param events of each agent in each round
 * @param nodeOptions for the coordinator besides those of `npm start`: --cpu-prof, say
 */
export async function measure(
  agents: number,
  events: number,
  rounds: number,
  nodeOptions: readonly string[] = [],
): Promise<Measured> {
  const site = await Site.start(nodeOptions);
  const fleet = new Fleet();
  const ledger = new Ledger(site.databaseUrl);
  const total = agents * events;
  try {
    await ledger.open();
    const { clusterIds, bundles } = await site.model(agents);
    await fleet.join(bundles);
    await site.startJobs(clusterIds);
    const backend = await ledger.backendPid();
    const timed = async (senders: readonly number[], work: () => Promise<unknown>): Promise<Figures> => {
      const used = () => ({
        sender: senders.reduce((sum, pid) => sum + secondsOf(pid), 0),
        coordinator: secondsOf(site.pid),
        postgres: secondsOfServer(backend),
      });
      const before = used();
      const startedMs = performance.now();
      await work();
      const seconds = (performance.now() - startedMs) / 1_000;
      const after = used();
      const micros = (who: keyof typeof after) => ((after[who] - before[who]) * 1e6) / total;
      return {
        perSecond: total / seconds,
        cpu: {
          sender: micros('sender'),
          coordinator: micros('coordinator'),
          postgres: micros('postgres'),
        },
      };
    };

    const paths: Figures[] = [];
    const plains: Figures[] = [];
    let longestWaitMs = 0;
    // The first round is not counted: it warms both sides up, and asks all along whether anything was acknowledged too early.
    for (let round = 0; round <= rounds; round += 1) {
      const inserts = await preparePlainInserts(site.databaseUrl, agents, events);
      const plain = await timed([process.pid], inserts.run);
      await inserts.close();
      await fleet.ask({ do: 'fill', events });
      const path = await timed(fleet.pids, async () => {
        const drained = fleet.ask({ do: 'drain' });
        if (round === 0) await watchAcknowledgements(fleet, ledger, total);
        const wait = (await drained).longestWaitMs;
        if (round > 0) longestWaitMs = Math.max(longestWaitMs, wait);
      });
      const committed = await ledger.committed();
      if (committed !== total * (round + 1))
        throw new Error(`all is acknowledged, and ${committed} of ${total * (round + 1)} events are stored`);
      process.stderr.write(
        `${agents} agents, round ${round}: path ${inWords(path)}, plain inserts ${inWords(plain)}\n`,
      );
      if (round === 0) continue;
      paths.push(path);
      plains.push(plain);
    }
    const { peakRssMib } = site;
    await ledger.verify(events * (rounds + 1));
    const complaints = site.complaints();
    if (complaints.length > 0)
      throw new Error(`the coordinator complained:\n${complaints.slice(0, 5).join('\n')}`);
    const [path, plain] = [mediansOf(paths), mediansOf(plains)];
    return { path, plain, ratio: path.perSecond / plain.perSecond, peakRssMib, longestWaitMs };
  } finally {
    await fleet.ask({ do: 'leave' });
    await ledger.close();
    await site.stop();
  }
}

/** @throws when an agent was told of more than is committed */
async function watchAcknowledgements(fleet: Fleet, ledger: Ledger, events: number): Promise<void> {
  for (let acknowledged = 0; acknowledged < events; ) {
    ({ acknowledged } = await fleet.ask({ do: 'count' }));
    const committed = await ledger.committed();
    if (committed < acknowledged)
      throw new Error(`${acknowledged} events acknowledged, ${committed} committed`);
  }
}

function mediansOf(rounds: readonly Figures[]): Figures {
  const median = (of: (figures: Figures) => number) => percentile(rounds.map(of), 0.5);
  return {
    perSecond: median(({ perSecond }) => perSecond),
    cpu: {
      sender: median(({ cpu }) => cpu.sender),
      coordinator: median(({ cpu }) => cpu.coordinator),
      postgres: median(({ cpu }) => cpu.postgres),
    },
  };
}

const inWords = ({ perSecond, cpu }: Figures): string =>
  `${Math.round(perSecond)}/s (us an event: sender ${cpu.sender.toFixed(1)}, coordinator ${cpu.coordinator.toFixed(1)}, postgres ${cpu.postgres.toFixed(1)})`;
