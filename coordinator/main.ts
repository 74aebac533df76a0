// Builds the coordinator's parts once, introduces them to one another, and takes them down in order.

import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createLogger, type Logger } from '../shared/log.ts';
import { encodeBundle } from '../shared/pki/enrolment-bundle.ts';
import { IDLE_TIMEOUTS, type SettingValues } from '../shared/settings.ts';
import { KEEPALIVE, type Keepalive } from '../shared/wire/service.ts';
import { certificateNames, reachableHosts } from './addresses.ts';
import { type Config, readConfig } from './config.ts';
import { EnrolmentServer } from './gateway/enrolment.ts';
import { Gateway } from './gateway/server.ts';
import { createApp } from './rest/app.ts';
import { Scheduler } from './scheduler/loop.ts';
import { makeEnrolmentSecret } from './security/enrolment-token.ts';
import { loadMasterKey } from './security/master-key.ts';
import { SealBox } from './security/seal.ts';
import { Alive } from './store/alive.ts';
import { type Connection, openDatabase } from './store/database.ts';
import { startEmbeddedPostgres } from './store/embedded/embedded-postgres.ts';
import { checkMasterKey, loadAuthority, readRunSecrets, storeEnrolment } from './store/identities.ts';
import { migrate } from './store/migrate.ts';
import { keepPartitions } from './store/partitions.ts';
import { beat, markOrphans } from './store/presence.ts';
import { Wakes } from './store/wakes.ts';

const PARTITIONS_EVERY_MS = 6 * 3_600_000;
const SERVER_CERTIFICATE_DAYS = 825;
const MOST_CONNECTIONS = 16;

/** What waits how long, in milliseconds. */
export interface Timings {
  beatEveryMs: number;
  /** how often every open job is looked at although nothing woke it */
  sweepEveryMs: number;
  /** an agent away this long after a terminate request no longer holds its node up */
  terminateAwayMs: number;
  /** how often a live stream gives a sign of life */
  liveHeartbeatMs: number;
  keepalive: Keepalive;
  /** a database connection on which nothing moves for so long is given up */
  databaseSilentMs: number;
}

const TIMINGS: Timings = {
  beatEveryMs: 5_000,
  sweepEveryMs: 5_000,
  terminateAwayMs: 60_000,
  liveHeartbeatMs: 15_000,
  keepalive: KEEPALIVE,
  databaseSilentMs: 60_000,
};

/** A running coordinator, as tests and main see it. */
export interface Coordinator {
  restUrl: string;
  grpcPort: number;
  enrolPort: number;
  stop(): Promise<void>;
  /** Resolves with the reason when the embedded database ends by itself; null with a server of the operator's. */
  databaseEnded: Promise<string> | null;
}

async function databaseOf(
  config: Config,
  log: Logger,
): Promise<{ connection: Connection; stop: () => Promise<void>; exited: Promise<string> | null }> {
  if (config.databaseUrl !== null)
    return { connection: { url: config.databaseUrl }, stop: async () => {}, exited: null };
  const embedded = await startEmbeddedPostgres({
    dataDirectory: join(config.dataDirectory, 'postgres'),
    log,
  });
  return { connection: embedded.connection, stop: () => embedded.stop(), exited: embedded.exited };
}

/** Starts everything or nothing. @throws when the database, a port or the master key stands against it */
export async function startCoordinator(
  config: Config,
  log: Logger,
  given: Partial<Timings> = {},
): Promise<Coordinator> {
  const timings = { ...TIMINGS, ...given };
  mkdirSync(config.dataDirectory, { recursive: true, mode: 0o755 });
  const undo: (() => Promise<void> | void)[] = [];
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const database = await databaseOf(config, log);
    undo.push(database.stop);
    // A migration may take as long as it takes.
    const patient = openDatabase(database.connection, log, 1, 0).db;
    const applied = await migrate(patient).finally(() => patient.destroy());
    const { db, pool } = openDatabase(database.connection, log, MOST_CONNECTIONS, timings.databaseSilentMs);
    undo.push(() => db.destroy());
    if (applied.length > 0)
      log.info('schema brought up to date', { component: 'main', count: applied.length });
    await keepPartitions(db);

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
    const authority = await loadAuthority(db, box);

    const alive = await Alive.hold(database.connection, log, async () => {
      const orphans = await markOrphans(db);
      if (orphans > 0)
        log.warn('jobs were under way when the last coordinator ended', {
          component: 'main',
          count: orphans,
        });
    });
    undo.push(() => alive.close());
    const coordinatorId = randomUUID();
    await beat(db, coordinatorId);
    const every = (ms: number, work: () => Promise<unknown>): void => {
      const timer = setInterval(
        () => void work().catch((err) => log.warn('periodic work failed', { component: 'main', err })),
        ms,
      );
      undo.push(() => clearInterval(timer));
    };
    every(PARTITIONS_EVERY_MS, () => keepPartitions(db));

    const wakes = new Wakes(database.connection, pool, log);
    undo.push(() => wakes.close());
    await wakes.listen();
    const settings: SettingValues = {
      ...IDLE_TIMEOUTS,
      'adoption-window': config.adoptionWindowMs / 1_000,
    };
    const limits = {
      orphanGraceMs: config.orphanGraceMs,
      adoptOrphans: config.adoptOrphans,
      terminateAwayMs: timings.terminateAwayMs,
    };
    const defaults = { settings, limits };
    const scheduler = new Scheduler(db, wakes, { defaults, sweepEveryMs: timings.sweepEveryMs }, log);
    undo.push(() => scheduler.stop());
    scheduler.start();

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
        secretsOf: async (runId) => JSON.stringify(await readRunSecrets(db, box, runId)),
        agentMoved: (nodeId) =>
          void scheduler
            .lookAtNode(nodeId)
            .catch((err) => log.warn('cannot look at a node', { nodeId, err })),
      },
      log,
    );
    const grpcPort = await gateway.start();
    undo.push(() => gateway.stop());
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
    const enrolPort = await enrolment.start();
    undo.push(() => enrolment.stop());

    let restPort = config.restPort;
    const app = createApp({
      db,
      wakes,
      box,
      settingDefaults: settings,
      enrolmentBundle: async (nodeId) => {
        const { secret, hash } = makeEnrolmentSecret();
        const expiresOn = await storeEnrolment(db, nodeId, hash);
        return {
          bundle: encodeBundle({
            v: 1,
            nodeId,
            secret,
            ca: authority.certificatePem,
            enrolAddresses: at(enrolPort).slice(0, 32),
          }),
          expiresOn,
        };
      },
      hrefs: {
        publicUrl: config.publicUrl,
        hostNames: [...config.hostNames, hostname()],
        listenHost: config.restHost,
        listenPort: () => restPort,
      },
      liveHeartbeatMs: timings.liveHeartbeatMs,
      log,
    });
    const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 }, app.callback());
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(config.restPort, config.restHost, resolve);
    });
    restPort = (server.address() as AddressInfo).port;
    undo.push(async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    });
    const restUrl = `http://${config.restHost.includes(':') ? `[${config.restHost}]` : config.restHost}:${restPort}`;
    log.info('coordinator ready', { component: 'main', address: restUrl, port: grpcPort });
    return { restUrl, grpcPort, enrolPort, stop, databaseEnded: database.exited };
  } catch (error) {
    await stop().catch((err) => log.warn('not everything could be taken down', { component: 'main', err }));
    throw error;
  }
}

async function main(): Promise<void> {
  const config = readConfig(process.argv.slice(2), process.env);
  const log = createLogger(config.logLevel);
  const coordinator = await startCoordinator(config, log);
  let ending = false;
  const end = (code: number): void => {
    if (ending) process.exit(1);
    ending = true;
    coordinator.stop().then(
      () => process.exit(code),
      () => process.exit(1),
    );
  };
  process.on('SIGTERM', () => end(0));
  process.on('SIGINT', () => end(0));
  // Whoever supervises us starts us again, and the database with us.
  void coordinator.databaseEnded?.then((reason) => {
    log.error('the embedded database ended by itself', { component: 'main', reason });
    end(1);
  });
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  main().catch((error: unknown) => {
    const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : '';
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(
      code === 'EADDRINUSE'
        ? `A port is in use: ${reason}. Choose another with --rest-port, --grpc-port or --enrol-port.\n`
        : `${reason}\n`,
    );
    process.exit(1);
  });
}
