// The agent: proves who it is, opens its journal and outbox, takes up what it held, and stays connected.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { realClock } from '../shared/clock.ts';
import { createLogger, type Logger, type LogLevel } from '../shared/log.ts';
import { openJournal } from './disk/journal.ts';
import { openOutbox } from './disk/outbox.ts';
import { enrol } from './enrol.ts';
import { LinuxHost } from './host/linux-host.ts';
import type { Identity } from './identity/identity.ts';
import { IdentityStore } from './identity/identity-store.ts';
import { stayConnected, tlsCredentials } from './link/connection.ts';
import { type OwnNode, Peers } from './peers.ts';
import { recipes } from './recipes/index.ts';
import { describeDropped, Runner } from './runner.ts';

const VERSION = '0.1.0';

interface Options {
  dataDir: string;
  enrolment?: string;
  coordinators?: string;
  logLevel: LogLevel;
}

/** A bundle, or the path of a file that holds one. */
const bundleOf = (given: string): string => (existsSync(given) ? readFileSync(given, 'utf8') : given);

async function identityOf(options: Options, log: Logger): Promise<Identity> {
  const store = new IdentityStore(join(options.dataDir, 'identity'));
  const known = await store.load();
  if (known !== null) return known;
  if (options.enrolment === undefined) {
    throw new Error(
      'This agent is not enrolled: give it an enrolment bundle (POST nodes/{id}/enrolment makes one) by --enrolment or RINGMASTER_ENROLMENT',
    );
  }
  const identity = await enrol(bundleOf(options.enrolment));
  await store.save(identity);
  log.info('enrolled', { component: 'main', nodeId: identity.nodeId });
  return identity;
}

/** Remembers where this host's database node is, so that peers' questions can be answered after a restart. */
function ownNodeFile(directory: string): { read: () => OwnNode | null; learn: (node: OwnNode) => void } {
  const path = join(directory, 'node.json');
  let known: OwnNode | null = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as OwnNode) : null;
  return {
    read: () => known,
    learn: (node) => {
      if (known?.directory === node.directory && known.jmxPort === node.jmxPort) return;
      known = node;
      writeFileSync(path, JSON.stringify(node), { mode: 0o600 });
    },
  };
}

async function run(options: Options): Promise<void> {
  const log = createLogger(options.logLevel);
  mkdirSync(options.dataDir, { recursive: true, mode: 0o700 });
  const identity = await identityOf(options, log);
  const journal = await openJournal({ directory: join(options.dataDir, 'journal'), log });
  const outbox = await openOutbox({ directory: join(options.dataDir, 'outbox'), describeDropped, log });
  const ownNode = ownNodeFile(options.dataDir);
  const { PATH, HOME, JAVA_HOME } = process.env;
  const host = new LinuxHost({
    ...(PATH === undefined ? {} : { path: PATH }),
    ...(HOME === undefined ? {} : { home: HOME }),
    javaHome: JAVA_HOME ?? null,
  });
  const peers = new Peers(host, ownNode.read, realClock, log);
  const runner = new Runner({ journal, outbox }, host, recipes, peers, realClock, log, ({ install, ports }) =>
    ownNode.learn({ directory: install.directory, jmxPort: ports.jmx }),
  );
  await runner.resume();

  const ending = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => ending.abort());
  const addresses = options.coordinators?.split(',') ?? identity.coordinatorAddresses;
  const dialling = { addresses, credentials: tlsCredentials(identity) };
  const why = await stayConnected(
    dialling,
    { runner, outbox, peers, version: VERSION, hostname: hostname(), log },
    realClock,
    log,
    ending.signal,
  );
  await runner.close();
  await outbox.close();
  await journal.close();
  process.exit(why === 'superseded' ? 3 : 0);
}

const withOptions = (command: Command): Command =>
  command
    .option(
      '--data-dir <directory>',
      'journal, outbox and identity',
      process.env['RINGMASTER_AGENT_DATA_DIR'] ?? '.ringmaster/agent',
    )
    .option(
      '--enrolment <bundle>',
      'an enrolment bundle, or a file that holds one',
      process.env['RINGMASTER_ENROLMENT'],
    )
    .option(
      '--coordinators <addresses>',
      'host:port,… instead of those told at enrolment',
      process.env['RINGMASTER_COORDINATORS'],
    )
    .option(
      '--log-level <level>',
      'debug, info, warn or error',
      process.env['RINGMASTER_LOG_LEVEL'] ?? 'info',
    );

const program = new Command('ringmaster-agent').version(VERSION);
const absolute = (options: Options): Options => ({ ...options, dataDir: resolve(options.dataDir) });
withOptions(program.command('run', { isDefault: true }).description('serve this host')).action(
  (options: Options) => run(absolute(options)),
);
withOptions(program.command('enrol').description('get a certificate and stop')).action(
  async (options: Options) => {
    await identityOf(absolute(options), createLogger(options.logLevel));
  },
);
program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
