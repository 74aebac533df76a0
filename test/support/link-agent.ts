// The agent's own journal, outbox, runner and link in this process, with recipes of the test's: an agent without a machine.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openJournal } from '../../agent/disk/journal.ts';
import { type Outbox, type OutboxOptions, openOutbox } from '../../agent/disk/outbox.ts';
import { enrol } from '../../agent/enrol.ts';
import { LinuxHost } from '../../agent/host/linux-host.ts';
import { CurrentIdentity } from '../../agent/identity/current-identity.ts';
import type { Identity } from '../../agent/identity/identity.ts';
import { type Dialling, stayConnected, tlsCredentials } from '../../agent/link/connection.ts';
import { Peers } from '../../agent/peers.ts';
import { describeDropped } from '../../agent/run-events.ts';
import { Runner } from '../../agent/runner.ts';
import type { Recipe } from '../../agent/steps/step.ts';
import { StopLeave } from '../../agent/stop-leave.ts';
import { realClock } from '../../shared/clock.ts';
import { type Logger, silentLogger } from '../../shared/log.ts';
import { oneRecipe } from './one-recipe.ts';

export interface LinkAgentOptions extends Partial<Pick<Dialling, 'addresses' | 'keepalive'>> {
  /** of an agent that was stopped: it goes on where that one was */
  before?: { identity: Identity; directory: string };
  outbox?: Partial<OutboxOptions>;
  /** stands between the outbox and the link, for a test that has to watch or hold what is sent */
  seen?: (outbox: Outbox) => Outbox;
  /** a silent one unless given */
  log?: Logger;
}

/** @param bundle from POST nodes/{id}/enrolment; '' for an agent that is enrolled already */
export async function startLinkAgent(bundle: string, recipe: Recipe, options: LinkAgentOptions = {}) {
  const directory = options.before?.directory ?? (await mkdtemp(join(tmpdir(), 'link-agent-')));
  const log = options.log ?? silentLogger;
  const identity = options.before?.identity ?? (await enrol(bundle));
  const current = new CurrentIdentity(identity);
  const journal = await openJournal({ directory: join(directory, 'journal'), log });
  const opened = await openOutbox({
    directory: join(directory, 'outbox'),
    describeDropped,
    log,
    ...options.outbox,
  });
  const outbox = options.seen?.(opened) ?? opened;
  const host = new LinuxHost();
  const peers = new Peers(host, () => null, realClock, log);
  const stopLeave = new StopLeave(host, () => null, log);
  const recipes = oneRecipe(recipe);
  const runner = new Runner({ journal, outbox, host, recipes, peers, stopLeave, clock: realClock, log });
  await runner.resume();
  const ending = new AbortController();
  const dialling: Dialling = {
    addresses: options.addresses ?? identity.coordinatorAddresses.slice(0, 1),
    get credentials() {
      return tlsCredentials(current.identity);
    },
    get replaced() {
      return current.replaced;
    },
    ...(options.keepalive === undefined ? {} : { keepalive: options.keepalive }),
  };
  const parts = { runner, outbox, peers, stopLeave, version: '0', hostname: 'test', log };
  const ended = stayConnected(dialling, parts, realClock, log, ending.signal);
  /** Ends the agent; its files stay, for the next one. */
  const leave = async (): Promise<void> => {
    ending.abort();
    await ended;
    await runner.close();
    await outbox.close();
    await journal.close();
  };
  return {
    identity,
    /** to be replaced by a test that renews it */
    current,
    directory,
    outbox,
    runner,
    ended,
    leave,
    stop: async (): Promise<void> => {
      await leave();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
export type LinkAgent = Awaited<ReturnType<typeof startLinkAgent>>;
