// A process that holds a share of the emulated agents: the agent's own link, each with its certificate and connection.
// In place of disk and machine there is a list of the runs that each was given.
import { hostname } from 'node:os';
import type { Identity } from '../../../agent/identity/identity.ts';
import { stayConnected, tlsCredentials } from '../../../agent/link/connection.ts';
import type { SessionParts } from '../../../agent/link/session.ts';
import { realClock } from '../../../shared/clock.ts';
import { type Logger, silentLogger } from '../../../shared/log.ts';

/** What the benchmark asks of this process; each is answered with a `Told`. */
export type Ask = { do: 'join'; identities: Identity[]; everyMs: number } | { do: 'tell' };

export interface Told {
  attached: number;
  runsHeld: number;
  /** how often which reason ended a stream or kept one from coming about */
  ends: Record<string, number>;
}

const attached = new Set<string>();
const held = new Map<string, Map<string, number>>();
const ends: Record<string, number> = {};

/** Takes every run and makes progress with each heartbeat, for ever. */
function runnerOf(nodeId: string): SessionParts['runner'] {
  const runs = new Map<string, number>();
  held.set(nodeId, runs);
  return {
    heldRunIds: () => [...runs.keys()],
    progress: () =>
      [...runs].map(([runId, ticks]) => {
        runs.set(runId, ticks + 1);
        return { runId, stepNumber: 3, stepCount: 7, step: 'stop-node', ticks };
      }),
    take: async (runId) => {
      runs.set(runId, 0);
      return null;
    },
    secretsCame: async () => {},
    stop: async () => {},
    fence: async (runId) => void runs.delete(runId),
    stored: async () => {},
  };
}

/** Without records: `ready` never comes. */
const emptyOutbox: SessionParts['outbox'] = {
  ready: (signal) =>
    new Promise((_, reject) =>
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true }),
    ),
  take: () => [],
  rewind: () => {},
};

function join(identity: Identity): void {
  const { nodeId } = identity;
  const log: Logger = {
    ...silentLogger,
    child: () => log,
    warn: (message, { reason = '' } = {}) => {
      attached.delete(nodeId);
      ends[`${message}: ${reason}`] = (ends[`${message}: ${reason}`] ?? 0) + 1;
    },
  };
  const parts: SessionParts = {
    runner: runnerOf(nodeId),
    outbox: emptyOutbox,
    peers: {
      attached: () => void attached.add(nodeId), // called when the welcome came
      watch: () => Promise.reject(new Error('not asked here')),
      answered: () => {},
    },
    stopLeave: {
      attached: () => {},
      look: () => Promise.reject(new Error('not asked here')),
      answered: () => {},
      unsupported: () => {},
    },
    version: 'bench',
    hostname: hostname(),
    log,
  };
  const dialling = { addresses: identity.coordinatorAddresses, credentials: tlsCredentials(identity) };
  const { signal } = new AbortController(); // one each: a signal of all would call thousands of listeners
  void stayConnected(dialling, parts, realClock, log, signal).then((why) => {
    ends[why] = (ends[why] ?? 0) + 1;
  });
}

process.on('message', (ask: Ask) => {
  if (ask.do === 'join') {
    for (const [at, identity] of ask.identities.entries()) setTimeout(() => join(identity), at * ask.everyMs);
  }
  const runsHeld = [...held.values()].reduce((sum, runs) => sum + runs.size, 0);
  const told: Told = { attached: attached.size, runsHeld, ends };
  process.send?.(told);
});
process.on('disconnect', () => process.exit(0));
