// A whole coordinator in this process, on port 0 and a database of its own.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../coordinator/config.ts';
import { type Coordinator, startCoordinator } from '../../coordinator/main.ts';
import { SealBox } from '../../coordinator/security/seal.ts';
import type { Timings } from '../../coordinator/timings.ts';
import { type Logger, silentLogger } from '../../shared/log.ts';
import { createTestDatabase } from './database.ts';

export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any shape
  body: any;
}

export interface TestCoordinator extends Coordinator {
  databaseUrl: string;
  /** @param path below /api/v1/lcm/, or absolute with a leading slash */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  remove(): Promise<void>;
}

export interface TestCoordinatorOptions {
  /** one that several coordinators share, say, and that its maker drops; one of its own unless given */
  databaseUrl?: string;
  timings?: Partial<Timings>;
  /** a silent one unless given */
  log?: Logger;
}

/** The same for all coordinators of a test, so that they may share a database. */
export const MASTER_KEY = 'f'.repeat(64);
/** What those seal with. */
export const masterBox = (): SealBox => new SealBox(Buffer.from(MASTER_KEY, 'hex'));

export async function startTestCoordinator(
  env: Record<string, string> = {},
  { databaseUrl, timings = {}, log = silentLogger }: TestCoordinatorOptions = {},
): Promise<TestCoordinator> {
  const database =
    databaseUrl === undefined ? await createTestDatabase() : { url: databaseUrl, drop: async () => {} };
  const directory = await mkdtemp(join(tmpdir(), 'coordinator-'));
  const config = readConfig([], {
    RINGMASTER_DATABASE_URL: database.url,
    RINGMASTER_DATA_DIR: directory,
    RINGMASTER_REST_PORT: '0',
    RINGMASTER_GRPC_PORT: '0',
    RINGMASTER_ENROL_PORT: '0',
    RINGMASTER_GRPC_HOST: '127.0.0.1',
    RINGMASTER_MASTER_KEY: MASTER_KEY,
    RINGMASTER_BOOTSTRAP: 'off', // models here name hosts that are nobody's
    ...env,
  });
  const coordinator = await startCoordinator(config, log, timings);
  return {
    ...coordinator,
    databaseUrl: database.url,
    call: async (method, path, body, headers = {}) => {
      const url = path.startsWith('/')
        ? `${coordinator.restUrl}${path}`
        : `${coordinator.restUrl}/api/v1/lcm/${path}`;
      const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
      const answer = await fetch(url, { method, headers, ...(text === undefined ? {} : { body: text }) });
      return { status: answer.status, headers: answer.headers, body: await answer.json() };
    },
    remove: async () => {
      await coordinator.stop();
      await database.drop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** What a profile says where roles are to have passwords. */
export const WITH_PASSWORDS = { 'cassandra-yaml': { authenticator: 'PasswordAuthenticator' } };

/** A cluster of one datacenter with nodes of these names; all that a job needs, and no agent. */
export async function modelCluster(
  coordinator: Pick<TestCoordinator, 'call'>,
  name: string,
  nodes: readonly string[],
  json: Record<string, unknown> = {},
) {
  const made = async (path: string, body: unknown): Promise<string> =>
    (await coordinator.call('POST', path, body)).body.id;
  const repositoryId = await made('repositories/', {
    name: `${name}-repository`,
    'repo-url': 'file:///nowhere/cassandra.tar.gz',
  });
  const profileId = await made('config_profiles/', {
    name: `${name}-profile`,
    'datastax-version': '5.0.8',
    product: 'cassandra',
    json,
  });
  const clusterId = await made('clusters/', {
    name,
    'repository-id': repositoryId,
    'config-profile-id': profileId,
  });
  const datacenterId = await made('datacenters/', { name: 'dc1', 'cluster-id': clusterId });
  const nodeIds: string[] = [];
  for (const [at, node] of nodes.entries()) {
    nodeIds.push(
      await made('nodes/', {
        name: node,
        'datacenter-id': datacenterId,
        'ssh-management-address': `127.0.0.${at + 1}`,
        seed: at === 0,
      }),
    );
  }
  return { repositoryId, profileId, clusterId, datacenterId, nodeIds };
}
