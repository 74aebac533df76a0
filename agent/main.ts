// The agent: proves who it is, opens its journal and outbox, takes up what it held, and stays connected.
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { realClock } from '../shared/clock.ts';
import { Conflict, rootCode, StepFailed } from '../shared/errors.ts';
import { createLogger, type Logger } from '../shared/log.ts';
import { didYouMean } from '../shared/nearest-word.ts';
import { makeDataDirectory } from '../shared/program-settings/data-directory.ts';
import { AGENT_SETTINGS, CONFIG_VARIABLES } from '../shared/program-settings/lists.ts';
import { defaultsHere, isPackaged, PACKAGED_VARIABLE } from '../shared/program-settings/packaged.ts';
import { exitCodeOf as codeOf, USAGE_EXIT } from '../shared/program-settings/read.ts';
import { VERSION } from '../shared/version.ts';
import { afterEnrolment } from './after-enrolment.ts';
import { readBundle } from './bundle-file.ts';
import { type AgentConfig, type Flags, readConfig } from './config.ts';
import { openJournal } from './disk/journal.ts';
import { type Outbox, openOutbox } from './disk/outbox.ts';
import { enrol } from './enrol.ts';
import { LinuxHost } from './host/linux-host.ts';
import { CurrentIdentity } from './identity/current-identity.ts';
import type { Identity } from './identity/identity.ts';
import { IdentityStore } from './identity/identity-store.ts';
import { keepRenewed } from './identity/renewal.ts';
import { askForCertificate } from './link/ask-for-certificate.ts';
import { stayConnected, tlsCredentials } from './link/connection.ts';
import { OwnNodeFile, readOwnNode } from './own-node.ts';
import { Peers } from './peers.ts';
import { ownNodeOf } from './products/index.ts';
import { takeOverKept } from './products/kept-before.ts';
import { recipes } from './recipes/index.ts';
import { describeDropped } from './run-events.ts';
import { Runner } from './runner.ts';
import { LinkState } from './status/link-state.ts';
import { answerStatus } from './status/socket.ts';
import { StopLeave } from './stop-leave.ts';

/** Told apart from a failure, so that a service manager need not start it again. */
const SUPERSEDED_EXIT = 3;
/** Likewise, and as `status` has it: there is nothing to serve as yet. */
const NOT_ENROLLED_EXIT = 4;

class NotEnrolled extends Error {}

/** Whoever is told to choose another directory would have an agent of his own there, and not this host's. */
const AS_ROOT = 'run it as root (sudo)';
const isRoot = (): boolean => process.getuid?.() === 0;

const makeOwnDirectory = ({ dataDirectory }: AgentConfig): void =>
  makeDataDirectory(dataDirectory, {
    mode: 0o700,
    variable: 'RINGMASTER_AGENT_DATA_DIR',
    isWritten: true,
    asAnotherUser: isRoot() || !isPackaged(process.env) ? null : AS_ROOT,
  });

const identityStore = (config: AgentConfig): IdentityStore =>
  new IdentityStore(join(config.dataDirectory, 'identity'));

async function identityOf(config: AgentConfig, log: Logger): Promise<Identity> {
  const known = await identityStore(config).load();
  if (known !== null) return known;
  if (config.enrolment === null) {
    throw new NotEnrolled(
      `This agent is not enrolled (nothing in ${config.dataDirectory}): give it an enrolment bundle (POST nodes/{id}/enrolment makes one) by ringmaster-agent enrol, --enrolment or RINGMASTER_ENROLMENT`,
    );
  }
  return await takeIdentity(config, config.enrolment, log);
}

async function takeIdentity(config: AgentConfig, bundle: string, log: Logger): Promise<Identity> {
  const store = identityStore(config);
  await store.prepare(); // before the bundle is used up
  const identity = await enrol(bundle);
  await store.save(identity);
  log.info('enrolled', { component: 'main', nodeId: identity.nodeId, path: config.dataDirectory });
  return identity;
}

/** Of the package's service, which is not started with the settings of this command line. */
function servedDirectory(): string | null {
  if (!isPackaged(process.env)) return null;
  try {
    return readConfig({}, { [PACKAGED_VARIABLE]: 'true' }).dataDirectory;
  } catch {
    return null; // the service says why not
  }
}

/** @param file null: standard input */
async function enrolHere(config: AgentConfig, file: string | null): Promise<void> {
  makeOwnDirectory(config);
  const known = await identityStore(config).load();
  if (known !== null)
    throw new Conflict(
      `This agent is enrolled already, as node ${known.nodeId}: to enrol it anew stop it, and remove ${join(config.dataDirectory, 'identity')} first`,
    );
  const { dataDirectory, logLevel } = config;
  const { nodeId } = await takeIdentity(config, readBundle(file), createLogger(logLevel));
  const next = afterEnrolment(dataDirectory, servedDirectory());
  process.stdout.write(`Enrolled as node ${nodeId}, kept in ${dataDirectory}. Next: ${next}\n`);
}

const hostOf = ({ environment }: AgentConfig): LinuxHost =>
  new LinuxHost({
    ...(environment.path === null ? {} : { path: environment.path }),
    ...(environment.home === null ? {} : { home: environment.home }),
    javaHome: environment.javaHome,
  });

/** An agent that cannot say how it is does its work all the same. */
async function tellStatus(
  dataDirectory: string,
  { runner, outbox, linkState }: { runner: Runner; outbox: Outbox; linkState: LinkState },
  log: Logger,
): Promise<void> {
  const startedMs = realClock.nowMs();
  try {
    await answerStatus(dataDirectory, () => ({
      version: VERSION,
      pid: process.pid,
      startedMs,
      link: linkState.link,
      runs: runner.held(),
      outbox: { records: outbox.pendingCount(), bytes: outbox.pendingBytes() },
    }));
  } catch (err) {
    log.warn('status cannot be asked for', { component: 'main', err });
  }
}

async function showStatus(config: AgentConfig): Promise<void> {
  const { standingOf } = await import('./status/standing.ts');
  const { exitCodeOf, statusText } = await import('./status/status-text.ts');
  const { dataDirectory } = config;
  const standing = await standingOf(dataDirectory, hostOf(config), readOwnNode(dataDirectory));
  process.stdout.write(statusText(standing, realClock.nowMs()));
  process.exitCode = exitCodeOf(standing);
}

async function run(config: AgentConfig): Promise<void> {
  makeOwnDirectory(config);
  const log = createLogger(config.logLevel);
  const { dataDirectory } = config;
  const linkState = new LinkState(realClock.nowMs());
  const ownNode = new OwnNodeFile(dataDirectory);
  const current = new CurrentIdentity(await identityOf(config, log));
  const addresses = (): readonly string[] => config.coordinators ?? current.identity.coordinatorAddresses;
  const journal = await openJournal({ directory: join(dataDirectory, 'journal'), log });
  const outbox = await openOutbox({ directory: join(dataDirectory, 'outbox'), describeDropped, log });
  const host = hostOf(config);
  const peers = new Peers(host, () => ownNode.read(), realClock, log);
  const stopLeave = new StopLeave(host, () => ownNode.read(), log);
  const runner = new Runner({
    journal,
    outbox,
    host,
    recipes,
    peers,
    stopLeave,
    clock: realClock,
    log,
    learn: (input) => ownNode.learn(ownNodeOf(input)),
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
  await takeOverKept(log);
  await runner.resume();
  await tellStatus(dataDirectory, { runner, outbox, linkState }, log);
  const why = await stayConnected(
    {
      addresses: addresses(),
      state: linkState,
      get credentials() {
        return tlsCredentials(current.identity);
      },
      get papers() {
        return current.identity;
      },
      get replaced() {
        return current.replaced;
      },
    },
    { runner, outbox, peers, stopLeave, version: VERSION, hostname: hostname(), log },
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

/** @param except what is not taken as a flag */
const withOptions = (command: Command, ...except: string[]): Command => {
  const { settings, file } = defaultsHere('agent', AGENT_SETTINGS, process.env);
  command.option(
    '--config <file>',
    `a YAML file with these names (environment ${CONFIG_VARIABLES.agent}, default ${file || '–'})`,
  );
  for (const { name, env, fallback, help } of settings)
    if (!except.includes(name))
      command.option(
        `--${name} <value>`,
        `${help} (environment ${env}, default ${fallback === '' ? '–' : fallback})`,
      );
  return command;
};

const program = new Command('ringmaster-agent')
  .version(VERSION)
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : USAGE_EXIT));
withOptions(
  program
    .command('run', { isDefault: true })
    .description('serve this host in the foreground, as it does without a command'),
)
  .allowExcessArguments() // a command that there is none of is one of these: `run` is what is meant where none is named
  .action((flags: Flags, command: Command) => {
    const [extra] = command.args;
    if (extra === undefined) return run(readConfig(flags, process.env));
    const names = program.commands.map((known) => known.name());
    command.error(
      program.args[0] === command.name()
        ? `error: run takes no argument, and was given '${extra}'`
        : `error: unknown command '${extra}'${didYouMean(extra, names)} (the commands are ${names.join(', ')})`,
    );
  });
// A bundle is a secret: no flag takes it here, where everybody on the host could read it.
withOptions(program.command('enrol'), 'enrolment')
  .description('get a certificate for the bundle in a file, or on standard input, and stop')
  .argument('[file]', 'holds the enrolment bundle; - or none for standard input')
  .action((file: string | undefined, flags: Flags) =>
    enrolHere(readConfig(flags, process.env), file === undefined || file === '-' ? null : file),
  );
withOptions(program.command('status'), 'enrolment')
  .description('say how the agent on this host is, also while it is not connected')
  .addHelpText(
    'after',
    '\nexits with 0 connected, 2 not connected, 3 not running, 4 not enrolled, 64 or 78 a command line or settings that cannot be used, 1 not to be told',
  )
  .action((flags: Flags) => showStatus(readConfig(flags, process.env)));
program
  .command('version')
  .description('print the version')
  .action(() => void process.stdout.write(`${VERSION}\n`));
program.parseAsync().catch((error: unknown) => {
  const where = error instanceof StepFailed && error.resource !== null ? `: ${error.resource}` : '';
  const cure = ['EACCES', 'EPERM'].includes(rootCode(error)) && !isRoot() ? `: ${AS_ROOT}` : '';
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}${where}${cure}\n`);
  process.exit(error instanceof NotEnrolled ? NOT_ENROLLED_EXIT : codeOf(error));
});
