// Builds the coordinator's parts once, introduces them to one another, and takes them down in order.

import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { reasonOf } from '../shared/errors.ts';
import { createLogger, type Logger } from '../shared/log.ts';
import { makeDataDirectory } from '../shared/program-settings/data-directory.ts';
import { CONFIG_VARIABLES, COORDINATOR_SETTINGS } from '../shared/program-settings/lists.ts';
import { defaultsHere } from '../shared/program-settings/packaged.ts';
import { exitCodeOf } from '../shared/program-settings/read.ts';
import { usageOf } from '../shared/program-settings/usage.ts';
import { IDLE_TIMEOUTS, type SettingValues } from '../shared/settings.ts';
import { certificateNames, reachableHosts } from './addresses.ts';
import { awayLog } from './away-log.ts';
import { besideProgram } from './beside.ts';
import { Bootstraps } from './bootstrap/bootstraps.ts';
import { type Config, isLoopback, readConfig } from './config.ts';
import { enrolmentBundles } from './enrolment-bundles.ts';
import { ensureAdmin } from './first-password.ts';
import { EnrolmentServer } from './gateway/enrolment.ts';
import { takeGrpcLog } from './gateway/grpc-log.ts';
import { Gateway } from './gateway/server.ts';
import { Schedules } from './jobs/schedules.ts';
import { listening } from './listening.ts';
import { openStore } from './open-store.ts';
import { periodically } from './periodically.ts';
import { createApp } from './rest/app.ts';
import { readUiFiles } from './rest/ui-files.ts';
import { listenForRest } from './rest-listener.ts';
import { Scheduler } from './scheduler/loop.ts';
import { LoginGuard } from './security/login-guard.ts';
import { loadMasterKey } from './security/master-key.ts';
import { SealBox } from './security/seal.ts';
import { Alive } from './store/alive.ts';
import { answeringWithin, standingOf } from './store/database.ts';
import { checkMasterKey, loadAuthority, readRunSecrets, renewCertificate } from './store/identities.ts';
import { forgetAnswers } from './store/kept-answers.ts';
import { keepPartitions } from './store/partitions.ts';
import { anyCoordinatorLeft, beat, markOrphans, sayGoodbye } from './store/presence.ts';
import { sealStored } from './store/seal-stored.ts';
import { forgetSessions } from './store/sign-ins.ts';
import { Wakes } from './store/wakes.ts';
import { TIMINGS, type Timings } from './timings.ts';

const PARTITIONS_EVERY_MS = 6 * 3_600_000;
const FORGET_EVERY_MS = 3_600_000;
const SERVER_CERTIFICATE_DAYS = 825;
/** What has not been taken down by then is left to the system, and to the next start. */
const END_WITHIN_MS = 20_000;
/** A running coordinator, as tests and main see it. */
export interface Coordinator {
  restUrl: string;
  grpcPort: number;
  enrolPort: number;
  stop(): Promise<void>;
  /** Resolves with the reason when the embedded database ends by itself; null with a server of the operator's. */
  databaseEnded: Promise<string> | null;
}

/** Starts everything or nothing. @throws when the database, a port or the master key stands against it */
export async function startCoordinator(
  config: Config,
  given: Logger,
  otherTimings: Partial<Timings> = {},
): Promise<Coordinator> {
  const timings = { ...TIMINGS, ...otherTimings };
  const { log, ...away } = awayLog(given);
  const variable = 'RINGMASTER_DATA_DIR';
  const asked = { mode: 0o755, variable, isWritten: false, asAnotherUser: null };
  makeDataDirectory(config.dataDirectory, asked);
  const undo: (() => Promise<void> | void)[] = [];
  /** One part that does not go must not keep the others, the database least of all. */
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) {
      try {
        await step();
      } catch (err) {
        log.warn('a part could not be taken down', { component: 'main', err });
      }
    }
  };
  try {
    const store = await openStore(config, timings.databaseSilentMs, log);
    undo.push(store.close);
    const { db, pool, connection } = store;
    const requestDb = answeringWithin(pool, timings);
    away.watch(() => standingOf(requestDb));
    undo.push(away.stop);

    const box = new SealBox(
      loadMasterKey({
        ...(config.masterKeyFile === null ? {} : { file: config.masterKeyFile }),
        ...(config.masterKey === null ? {} : { value: config.masterKey }),
        ...(config.credentialsDirectory === null
          ? {}
          : { credentialsDirectory: config.credentialsDirectory }),
        defaultFile: join(config.dataDirectory, 'master.key'),
      }),
    );
    await checkMasterKey(db, box);
    const sealed = await sealStored(db, box);
    if (sealed > 0)
      log.info('secrets that were stored in clear are sealed', { component: 'main', count: sealed });
    const authority = await loadAuthority(db, box);
    if (config.auth === 'on') await ensureAdmin(db, config, log);
    if (config.auth === 'on' && !isLoopback(config.restHost) && !config.publicUrl?.startsWith('https:'))
      log.warn('passwords and session ids travel unencrypted: put TLS in front, and say so by public-url', {
        component: 'main',
        address: config.restHost,
      });

    const alive = await Alive.hold(connection, log, {
      mayAnotherLive: () => anyCoordinatorLeft(db),
      onColdStart: async () => {
        const count = await markOrphans(db);
        if (count > 0)
          log.warn('jobs were under way when the last coordinator ended', { component: 'main', count });
      },
      silentMs: timings.databaseSilentMs,
    });
    undo.push(() => alive.close());
    const coordinatorId = randomUUID();
    undo.push(() => sayGoodbye(db, coordinatorId));
    await beat(db, coordinatorId);
    const every = (ms: number, work: () => Promise<unknown>): void => {
      const failed = (err: unknown): void => log.warn('periodic work failed', { component: 'main', err });
      const { stop: end } = periodically(ms, work, failed);
      undo.push(end);
    };
    every(PARTITIONS_EVERY_MS, () => keepPartitions(db));
    every(FORGET_EVERY_MS, () => forgetSessions(db, config.sessionIdleS));
    every(FORGET_EVERY_MS, () => forgetAnswers(db));

    const wakes = new Wakes(connection, pool, log, timings.databaseSilentMs);
    undo.push(() => wakes.close());
    await wakes.listen();
    const settings: SettingValues = {
      ...IDLE_TIMEOUTS,
      'adoption-window': config.adoptionWindowMs / 1_000,
    };
    const limits = {
      orphanGraceMs: config.orphanGraceMs,
      adoptOrphans: config.adoptOrphans,
      bringAgents: config.bootstrap === 'on',
      terminateAwayMs: timings.terminateAwayMs,
      terminateAgainMs: timings.terminateAgainMs,
    };
    const defaults = { settings, limits };
    const scheduler = new Scheduler(db, wakes, { defaults, box, sweepEveryMs: timings.sweepEveryMs }, log);
    undo.push(() => scheduler.stop());
    scheduler.start();
    const schedules = new Schedules(db, wakes, { box, everyMs: timings.schedulesEveryMs }, log);
    undo.push(() => schedules.stop());
    schedules.start();

    const tls = await authority.issueServerCertificate({
      names: certificateNames(config),
      days: SERVER_CERTIFICATE_DAYS,
    });
    const gateway = new Gateway(
      db,
      wakes,
      {
        host: config.grpcHost,
        port: config.grpcPort,
        coordinatorId,
        keepalive: timings.keepalive,
        tls: { authorityPem: authority.certificatePem, ...tls },
        renew: async ({ nodeId, serial }, csrPem) =>
          (await renewCertificate(db, nodeId, serial, () => authority.signAgentRequest({ csrPem, nodeId })))
            .certificatePem,
        secretsOf: (runIds) => readRunSecrets(db, box, runIds),
        agentMoved: (nodeId) =>
          void scheduler
            .lookAtNode(nodeId)
            .catch((err) => log.warn('cannot look at a node', { nodeId, err })),
      },
      log,
    );
    undo.push(() => gateway.stop());
    const grpcHost = { setting: 'grpc-host', address: config.grpcHost };
    const grpcPort = await listening(
      { host: grpcHost, port: { setting: 'grpc-port', number: config.grpcPort } },
      () => gateway.start(),
    );
    every(timings.beatEveryMs, async () => {
      await beat(db, coordinatorId);
      await gateway.reconcile();
    });
    const at = (port: number): string[] => reachableHosts(config).map((host) => `${host}:${port}`);
    const enrolment = new EnrolmentServer(
      db,
      authority,
      { host: config.grpcHost, port: config.enrolPort, tls, coordinatorAddresses: () => at(grpcPort) },
      log,
    );
    undo.push(() => enrolment.stop());
    const enrolPort = await listening(
      { host: grpcHost, port: { setting: 'enrol-port', number: config.enrolPort } },
      () => enrolment.start(),
    );

    const enrolmentBundle = enrolmentBundles(authority.certificatePem, () => at(enrolPort));
    const bootstraps = new Bootstraps(
      db,
      wakes,
      {
        packages: config.agentPackages ?? besideProgram('packages'),
        box,
        makeBundle: async (trx, nodeId) => (await enrolmentBundle(trx, nodeId)).bundle,
        timings,
      },
      log,
    );
    undo.push(() => bootstraps.stop());
    if (config.bootstrap === 'on') bootstraps.start();

    let restPort = config.restPort;
    const app = createApp({
      db: requestDb,
      wakes,
      box,
      settingDefaults: settings,
      enrolmentBundle,
      auth: {
        isOn: config.auth === 'on',
        sessionIdleS: config.sessionIdleS,
        sessionLifetimeS: config.sessionLifetimeS,
        guard: new LoginGuard(),
      },
      hrefs: {
        publicUrl: config.publicUrl,
        hostNames: [...config.hostNames, hostname()],
        listenHost: config.restHost,
        listenPort: () => restPort,
      },
      liveHeartbeatMs: timings.liveHeartbeatMs,
      terminateAgainMs: timings.terminateAgainMs,
      ui: readUiFiles(besideProgram('ui')),
      log,
    });
    const rest = await listenForRest(config, app.callback());
    restPort = rest.port;
    undo.push(rest.close);
    const restUrl = `http://${config.restHost.includes(':') ? `[${config.restHost}]` : config.restHost}:${restPort}`;
    log.info('coordinator ready', { component: 'main', address: restUrl, port: grpcPort });
    return { restUrl, grpcPort, enrolPort, stop, databaseEnded: store.ended };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function main(): Promise<void> {
  if (process.argv.includes('--help')) {
    const headline = 'npm start -- [settings]: the coordinator.';
    const { settings, file } = defaultsHere('coordinator', COORDINATOR_SETTINGS, process.env);
    const from = { variable: CONFIG_VARIABLES.coordinator, fallback: file };
    process.stdout.write(usageOf(headline, settings, from));
    return;
  }
  const config = readConfig(process.argv.slice(2), process.env);
  const log = createLogger(config.logLevel);
  takeGrpcLog(log);
  const coordinator = await startCoordinator(config, log);
  let ending = false;
  const end = (code: number): void => {
    if (ending) process.exit(1);
    ending = true;
    setTimeout(() => process.exit(1), END_WITHIN_MS).unref();
    void coordinator.stop().then(() => process.exit(code));
  };
  process.on('SIGTERM', () => end(0));
  process.on('SIGINT', () => end(0));
  // Whoever supervises us starts us again, and the database with us.
  void coordinator.databaseEnded?.then((reason) => {
    log.error('the embedded database ended by itself', { component: 'main', reason });
    end(1);
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main().catch((error: unknown) => {
    process.stderr.write(`${reasonOf(error)}\n`);
    process.exit(exitCodeOf(error));
  });
}
