// The agent's own journal, outbox, runner and link in this process, with recipes of the test's: an agent without a machine.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openJournal } from '../../agent/disk/journal.ts';
import { openOutbox } from '../../agent/disk/outbox.ts';
import { enrol } from '../../agent/enrol.ts';
import { LinuxHost } from '../../agent/host/linux-host.ts';
import { stayConnected, tlsCredentials } from '../../agent/link/connection.ts';
import { Peers } from '../../agent/peers.ts';
import { describeDropped, Runner } from '../../agent/runner.ts';
import type { Recipe } from '../../agent/steps/step.ts';
import { realClock } from '../../shared/clock.ts';
import { silentLogger } from '../../shared/log.ts';

/** @param bundle from POST nodes/{id}/enrolment */
export async function startLinkAgent(bundle: string, recipe: Recipe) {
  const directory = await mkdtemp(join(tmpdir(), 'link-agent-'));
  const identity = await enrol(bundle);
  const journal = await openJournal({ directory: join(directory, 'journal'), log: silentLogger });
  const outbox = await openOutbox({
    directory: join(directory, 'outbox'),
    describeDropped,
    log: silentLogger,
  });
  const host = new LinuxHost();
  const peers = new Peers(host, () => null, realClock, silentLogger);
  const recipes = { install: recipe, configure: recipe, restart: recipe };
  const runner = new Runner({ journal, outbox }, host, recipes, peers, realClock, silentLogger);
  await runner.resume();
  const ending = new AbortController();
  const dialling = {
    addresses: identity.coordinatorAddresses.slice(0, 1),
    credentials: tlsCredentials(identity),
  };
  const parts = { runner, outbox, peers, version: '0', hostname: 'test', log: silentLogger };
  const ended = stayConnected(dialling, parts, realClock, silentLogger, ending.signal);
  return {
    identity,
    outbox,
    ended,
    stop: async (): Promise<void> => {
      ending.abort();
      await ended;
      await runner.close();
      await outbox.close();
      await journal.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
