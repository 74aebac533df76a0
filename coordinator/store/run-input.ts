// Gathers what a run is told to do from the model: cluster, datacenter, node and the effective profile.
import { sql } from 'kysely';
import { z } from 'zod';
import { isFetching, isLookingJob, type JobType } from '../../shared/actions.ts';
import { withoutCustomMarks } from '../../shared/config-files.ts';
import { InvalidInput } from '../../shared/errors.ts';
import { PACKAGE_DIRECTORY, type RunInput, runInputSchema, withSecrets } from '../../shared/run-input.ts';
import { putIn, type Secrets, takeOut } from '../../shared/secret-settings.ts';
import { stopOptions } from '../../shared/stop-options.ts';
import { partProfile } from '../definitions/written.ts';
import type { SealBox } from '../security/seal.ts';
import type { Executor } from './database.ts';
import { passwordObstacle } from './default-password.ts';
import { nearest } from './nearest.ts';
import { openSecrets, secretsPlace } from './profile-secrets.ts';
import { IS_SEED } from './seeds.ts';

interface ModelRow {
  job_type: JobType;
  job_data: Record<string, unknown>;
  cluster_name: string;
  seeds: string[];
  repo_name: string | null;
  repo_url: string | null;
  repo_username: string | null;
  repo_key_url: string | null;
  deb_dist: string | null;
  deb_components: string | null;
  manual: boolean | null;
  product: RunInput['product'] | null;
  version: string | null;
  profile_id: string;
  json: Record<string, Record<string, unknown>> | null;
  sealed_secrets: Buffer | null;
  /** what the node's agent told last; null: nothing */
  facts: unknown;
  node_name: string;
  datacenter_name: string;
  rack: string;
  ssh_management_address: string;
  listen_address: string | null;
  broadcast_address: string | null;
  native_transport_address: string | null;
  native_transport_broadcast_address: string | null;
  initial_token: string | null;
  auto_bootstrap: boolean | null;
  graph_enabled: boolean;
  solr_enabled: boolean;
  spark_enabled: boolean;
  last: boolean;
  last_node_id: string | null;
  has_password: boolean;
  has_default_password: boolean;
}

const LIMITS = {
  stopMs: 120_000,
  startMs: 600_000,
  peersMs: 120_000,
  downloadMs: 1_800_000,
};

const DEFAULT_DIRECTORY = { cassandra: '/opt/cassandra', dse: '/opt/dse' } as const;

const whole = (value: unknown, otherwise: number): number =>
  typeof value === 'number' && Number.isInteger(value)
    ? value
    : typeof value === 'string' && /^\d+$/.test(value)
      ? Number(value)
      : otherwise;

const isLooking = ({ job_type: type, job_data: data }: ModelRow): boolean => isLookingJob(type, data);

const isPasswordAsked = (row: ModelRow): boolean =>
  row.job_type === 'install' && row.has_password && !isLooking(row);

const defaultPasswordOf = (row: ModelRow): RunInput['defaultPassword'] =>
  !isPasswordAsked(row) || !row.last
    ? 'not-asked'
    : row.has_default_password
      ? 'to-change'
      : 'changed-before';

/** undefined: the agent's own default */
const upgradeOption = ({ job_type: type, job_data: data }: ModelRow, name: string): boolean | undefined =>
  type === 'upgrade' && typeof data[name] === 'boolean' ? data[name] : undefined;

const isOnlyStale = ({ job_data: data }: ModelRow): boolean => data['only-stale'] === true;

/** What an agent that does not know `only-stale`, `revert-on-failure` or dry-runs must not take for a job without it is a recipe of its own. */
function recipeOf(row: ModelRow): RunInput['recipe'] {
  const { job_type: type } = row;
  if (isLooking(row)) return 'check';
  const stale = isOnlyStale(row) ? '-stale' : '';
  if (type === 'configure' && row.job_data['revert-on-failure'] === true)
    return `configure${stale}-reverting`;
  return type === 'restart' || type === 'configure' ? `${type}${stale}` : type;
}

const dryRunOf = (row: ModelRow): RunInput['dryRun'] =>
  row.job_type === 'check' || !isLooking(row) ? undefined : { of: row.job_type, onlyStale: isOnlyStale(row) };

/** Facts of a node on which something is installed. Read here: PostgreSQL looks into no JSON that has a NUL in it, as a fact may. */
const INSTALLED = z.object({
  installed: z.looseObject({}),
  'run-context': z.object({
    'install-options': z.object({ 'install-type': runInputSchema.shape.install.shape.type }),
  }),
});

/**
 * Unless it is given: as the node was installed, and before that what a client of the original, which gives none, means by its
 * repository: packages unless that is a tarball.
 */
function installTypeOf({ product, repo_url: url, facts }: ModelRow, given: unknown): unknown {
  if (given !== undefined) return given;
  const installed = INSTALLED.safeParse(facts);
  if (installed.success) return installed.data['run-context']['install-options']['install-type'];
  if (url === null) return product === 'dse' ? 'package' : 'tarball';
  return /\.(?:tar\.gz|tgz)$/.test(url.replace(/[?#].*$/, '')) ? 'tarball' : 'package';
}

const packageRepositoryOf = (row: ModelRow) => ({
  manual: row.manual === true,
  url: row.repo_url,
  keyUrl: row.repo_key_url,
  username: row.repo_username,
  dist: row.deb_dist ?? 'stable',
  components: (row.deb_components ?? 'main').split(/[\s,]+/).filter((name) => name !== ''),
});

/** Of a profile's secrets those that have a place in what agents are given of it: the others are none of theirs. */
const secretsOf = (profile: RunInput['profile'], all: Secrets): Secrets =>
  takeOut(putIn(profile, all)).secrets;

/**
 * With the secrets that go into the masks of its profile; none where no file is written.
 * @throws InvalidInput naming what the model lacks for this job
 */
export async function readRunInput(
  db: Executor,
  jobNodeId: string,
  box: SealBox,
): Promise<{ input: RunInput; secrets: Secrets }> {
  const answer = await sql<ModelRow>`
    select j.job_type, j.job_data, cl.name as cluster_name,
      (select json_agg(coalesce(seeds.broadcast_address, seeds.listen_address, seeds.ssh_management_address) order by seeds.name)
        from (select n.* from node n join datacenter d on d.id = n.datacenter_id
          where d.cluster_id = cl.id and ${sql.raw(IS_SEED)}) seeds) as seeds,
      r.name as repo_name, r.repo_url, r.username as repo_username, r.repo_key_url, r.deb_dist, r.deb_components,
      r.manual_repository_setup as manual, p.product, p.datastax_version as version,
      p.id as profile_id, p.json, p.sealed_secrets,
      n.facts, n.name as node_name, d.name as datacenter_name, n.rack, n.ssh_management_address, n.listen_address, n.broadcast_address,
      n.native_transport_address, n.native_transport_broadcast_address, n.initial_token, n.auto_bootstrap,
      d.graph_enabled, d.solr_enabled, d.spark_enabled,
      jn.position = ending.position as last, ending.node_id as last_node_id,
      cl.has_default_password, (j.sealed_secrets is not null or cl.sealed_new_password is not null) as has_password
    from job_node jn join job j on j.id = jn.job_id join node n on n.id = jn.node_id
      join datacenter d on d.id = n.datacenter_id join cluster cl on cl.id = d.cluster_id
      cross join lateral (select position, node_id from job_node where job_id = j.id order by position desc limit 1) ending
      left join repository r on r.id = cl.repository_id
      left join config_profile p on p.id = ${sql.raw(nearest('config_profile_id'))}
    where jn.id = ${jobNodeId}`.execute(db);
  const row = answer.rows[0];
  if (row === undefined) throw new InvalidInput('The node was deleted from the model');
  if (row.product === null || row.version === null)
    throw new InvalidInput(`Node ${row.node_name} has no config profile`);
  const { profile, unwritten } = partProfile(row.product, row.version, withoutCustomMarks(row.json ?? {}));
  const options = profile['install-options'] ?? {};
  const yaml = profile['cassandra-yaml'] ?? {};
  const listen = row.listen_address ?? row.ssh_management_address;
  const fetching = isFetching(row.job_type);
  const isOffered = fetching || row.job_type === 'check';
  const installType = installTypeOf(row, options['install-type']);
  const isPackage = installType === 'package';
  const { settleMs, clientsMs, drainMs } = stopOptions(row.job_data);
  const secrets =
    row.job_type === 'restart'
      ? {}
      : secretsOf(
          profile,
          openSecrets(box, row.sealed_secrets, secretsPlace('config_profile', row.profile_id)),
        );
  if (fetching && isPackage && row.manual === null) throw new InvalidInput('The cluster has no repository');
  if (fetching && !isPackage && row.repo_url === null)
    throw new InvalidInput('The cluster has no repository with a repo-url');
  const obstacle =
    isPasswordAsked(row) && row.has_default_password && row.last_node_id !== null
      ? await passwordObstacle(db, row.last_node_id)
      : null;
  if (obstacle !== null) throw new InvalidInput(obstacle);
  const parsed = runInputSchema.safeParse({
    recipe: Object.keys(secrets).length === 0 ? recipeOf(row) : withSecrets(recipeOf(row)),
    dryRun: dryRunOf(row),
    product: row.product,
    version: row.version,
    install: {
      type: installType,
      directory: isPackage
        ? PACKAGE_DIRECTORY[row.product]
        : (options['install-directory'] ?? DEFAULT_DIRECTORY[row.product]),
    },
    repository:
      isOffered && !isPackage && row.repo_url !== null
        ? { name: row.repo_name ?? undefined, url: row.repo_url, username: row.repo_username }
        : null,
    packageRepository: isOffered && isPackage && row.manual !== null ? packageRepositoryOf(row) : undefined,
    cluster: { name: row.cluster_name, seeds: row.seeds },
    node: {
      name: row.node_name,
      datacenter: row.datacenter_name,
      rack: row.rack,
      listenAddress: listen,
      broadcastAddress: row.broadcast_address,
      nativeTransportAddress: row.native_transport_address ?? listen,
      nativeTransportBroadcastAddress: row.native_transport_broadcast_address,
      initialToken: row.initial_token,
      autoBootstrap:
        typeof row.job_data['auto-bootstrap'] === 'boolean'
          ? row.job_data['auto-bootstrap']
          : row.auto_bootstrap,
      workloads: { graph: row.graph_enabled, solr: row.solr_enabled, spark: row.spark_enabled },
    },
    ports: {
      native: whole(yaml['native_transport_port'], 9042),
      storage: whole(yaml['storage_port'], 7000),
      jmx: whole(profile['cassandra-env-sh']?.['jmx-port'], 7199),
    },
    profile,
    unwritten,
    defaultPassword: defaultPasswordOf(row),
    snapshot: upgradeOption(row, 'take-snapshot'),
    sstables: upgradeOption(row, 'upgrade-sstables'),
    settleMs,
    limits: { ...LIMITS, clientsMs, drainMs },
  } satisfies Record<keyof RunInput, unknown>);
  if (!parsed.success) {
    const first = parsed.error.issues[0];
    throw new InvalidInput(
      `The model of node ${row.node_name} cannot be carried out: ${first?.path.join('.')}: ${first?.message}`,
    );
  }
  return { input: parsed.data, secrets };
}
