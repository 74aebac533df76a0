// The agent: proves who it is, opens its journal and outbox, takes up what it held, and stays connected.
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { realClock } from '../shared/clock.ts';
import { StepFailed } from '../shared/errors.ts';
import { createLogger, type Logger } from '../shared/log.ts';
import { AGENT_SETTINGS, CONFIG_VARIABLES } from '../shared/program-settings/lists.ts';
import { VERSION } from '../shared/version.ts';
import { type AgentConfig, type Flags, readConfig } from './config.ts';
import { openJournal } from './disk/journal.ts';
import { openOutbox } from './disk/outbox.ts';
import { enrol } from './enrol.ts';
import { LinuxHost } from './host/linux-host.ts';
import { CurrentIdentity } from './identity/current-identity.ts';
import type { Identity } from './identity/identity.ts';
import { IdentityStore } from './identity/identity-store.ts';
import { keepRenewed } from './identity/renewal.ts';
import { askForCertificate } from './link/ask-for-certificate.ts';
import { stayConnected, tlsCredentials } from './link/connection.ts';
import { OwnNodeFile } from './own-node.ts';
import { Peers } from './peers.ts';
import { recipes } from './recipes/index.ts';
import { describeDropped } from './run-events.ts';
import { Runner } from './runner.ts';

/** Told apart from a failure, so that a service manager need not start it again. */
const SUPERSEDED_EXIT = 3;

const identityStore = (config: AgentConfig): IdentityStore =>
  new IdentityStore(join(config.dataDirectory, 'identity'));

async function identityOf(config: AgentConfig, log: Logger): Promise<Identity> {
  const store = identityStore(config);
  const known = await store.load();
  if (known !== null) return known;
  if (config.enrolment === null) {
    throw new Error(
      'This agent is not enrolled: give it an enrolment bundle (POST nodes/{id}/enrolment makes one) by --enrolment or RINGMASTER_ENROLMENT',
    );
  }
  const identity = await enrol(config.enrolment);
  await store.save(identity);
  log.info('enrolled', { component: 'main', nodeId: identity.nodeId });
  return identity;
}

async function run(config: AgentConfig): Promise<void> {
  const log = createLogger(config.logLevel);
  const { dataDirectory, environment } = config;
  const ownNode = new OwnNodeFile(dataDirectory);
  const current = new CurrentIdentity(await identityOf(config, log));
  const addresses = (): readonly string[] => config.coordinators ?? current.identity.coordinatorAddresses;
  const journal = await openJournal({ directory: join(dataDirectory, 'journal'), log });
  const outbox = await openOutbox({ directory: join(dataDirectory, 'outbox'), describeDropped, log });
  const host = new LinuxHost({
    ...(environment.path === null ? {} : { path: environment.path }),
    ...(environment.home === null ? {} : { home: environment.home }),
    javaHome: environment.javaHome,
  });
  const peers = new Peers(host, () => ownNode.read(), realClock, log);
  const runner = new Runner({
    journal,
    outbox,
    host,
    recipes,
    peers,
    clock: realClock,
    log,
    learn: ({ install, ports }) => ownNode.learn({ directory: install.directory, jmxPort: ports.jmx }),
  });

  const ending = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => ending.abort());
  void keepRenewed(
    {
      current,
      store: identityStore(config),
      askFor: (identity, csrPem) => askForCertificate(addresses(), identity, csrPem),
      clock: realClock,
      log,
    },
    ending.signal,
  );
  await runner.resume();
  const why = await stayConnected(
    {
      addresses: addresses(),
      get credentials() {
        return tlsCredentials(current.identity);
      },
      get replaced() {
        return current.replaced;
      },
    },
    { runner, outbox, peers, version: VERSION, hostname: hostname(), log },
    realClock,
    log,
    ending.signal,
  );
  await runner.close();
  await outbox.close();
  await journal.close();
  log.info('agent stopped', { component: 'main', reason: why });
  process.exit(why === 'superseded' ? SUPERSEDED_EXIT : 0);
}

const withOptions = (command: Command): Command => {
  command.option(
    '--config <file>',
    `a YAML file with these names (environment ${CONFIG_VARIABLES.agent}, default –)`,
  );
  for (const { name, env, fallback, help } of AGENT_SETTINGS)
    command.option(
      `--${name} <value>`,
      `${help} (environment ${env}, default ${fallback === '' ? '–' : fallback})`,
    );
  return command;
};

const program = new Command('ringmaster-agent').version(VERSION);
withOptions(program.command('run', { isDefault: true }).description('serve this host')).action(
  (flags: Flags) => run(readConfig(flags, process.env)),
);
withOptions(program.command('enrol').description('get a certificate and stop'))
  .option('--bundle <bundle>', 'the same as --enrolment')
  .action(async ({ bundle, ...flags }: Flags & { bundle?: string }) => {
    const config = readConfig(bundle === undefined ? flags : { ...flags, enrolment: bundle }, process.env);
    await identityOf(config, createLogger(config.logLevel));
  });
program
  .command('version')
  .description('print the version')
  .action(() => void process.stdout.write(`${VERSION}\n`));
program.parseAsync().catch((error: unknown) => {
  const where = error instanceof StepFailed && error.resource !== null ? `: ${error.resource}` : '';
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}${where}\n`);
  process.exit(1);
});
