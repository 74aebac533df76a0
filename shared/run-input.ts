// What a run is told to do: the JSON that travels in StartRun and is journalled by the agent. No secret is in it; those travel beside it.
import { z } from 'zod';
import { FORMATS, formatProblem } from './formats.ts';

const address = z.string().min(1).max(255);
const port = z.int().min(1).max(65_535);
/** Of a line in apt's list of sources. */
const word = z.string().regex(/^[\w./+~-]{1,255}$/);

/**
 * One for each job type, and names of their own for what an agent that does not know it must not pass over, and so refuses: secrets
 * in configuration files, of which it would write the masks, to leave alone what is not stale, to put back files with which the node
 * does not come back, and to look without touching anything.
 */
const RECIPES = [
  'install',
  'configure',
  'restart',
  'install-with-secrets',
  'configure-with-secrets',
  'upgrade',
  'upgrade-with-secrets',
  'restart-stale',
  'configure-stale',
  'configure-stale-with-secrets',
  'configure-reverting',
  'configure-reverting-with-secrets',
  'configure-stale-reverting',
  'configure-stale-reverting-with-secrets',
  'check',
  'check-with-secrets',
] as const;
/** Of these there are dry-runs. */
const DRY_RUNS = ['install', 'configure', 'restart', 'upgrade'] as const;
type RecipeName = (typeof RECIPES)[number];

/** The recipe of a job for a profile that holds secrets. A restart writes no files. */
export const withSecrets = (recipe: RecipeName): RecipeName =>
  RECIPES.find((one) => one === `${recipe}-with-secrets`) ?? recipe;

/** Where packages have the product's programs: the processes of their database node name it. */
export const PACKAGE_DIRECTORY = { cassandra: '/usr/share/cassandra', dse: '/usr/share/dse' } as const;

const inputOf = (object: typeof z.strictObject) =>
  object({
    recipe: z.enum(RECIPES),
    /** of a check: the job that it looks at as if it were carried out; absent: it looks at what is there, and at what the model wants */
    dryRun: object({ of: z.enum(DRY_RUNS), onlyStale: z.boolean() }).optional(),
    product: z.enum(['cassandra', 'dse']),
    version: z.string().regex(/^[0-9][A-Za-z0-9.+~-]{0,63}$/),
    install: object({
      type: z.enum(['tarball', 'package']),
      /**
       * Absolute, normalised, not a system directory. Of a tarball it holds <product>-<version>/, data/ and logs/; of a package
       * it is where the package has its programs (PACKAGE_DIRECTORY), and the rest is where the package puts it.
       */
      directory: z.string().refine((path) => formatProblem('install-directory', path) === null, {
        error: FORMATS['install-directory'].must,
      }),
    }),
    /** null on configure and restart: nothing is fetched */
    repository: object({
      /** what the model calls it; absent from coordinators that do not tell */
      name: z.string().optional(),
      url: z.url(),
      username: z.string().nullable(),
    }).nullable(),
    /** in place of `repository` for an install of packages; null URLs: those of the product's own vendor */
    packageRepository: object({
      /** the operator has made it known to the host: nothing is written about it */
      manual: z.boolean(),
      url: z.url().nullable(),
      keyUrl: z.url().nullable(),
      username: z.string().nullable(),
      /** of apt: `stable`, or a directory that ends in a slash */
      dist: word,
      components: z.array(word),
    })
      .nullable()
      .optional(),
    cluster: object({ name: z.string().min(1).max(255), seeds: z.array(address) }),
    node: object({
      name: z.string().max(255),
      datacenter: z.string().min(1).max(255),
      rack: z.string().min(1).max(255),
      listenAddress: address,
      broadcastAddress: address.nullable(),
      nativeTransportAddress: address,
      nativeTransportBroadcastAddress: address.nullable(),
      initialToken: z.string().max(65_536).nullable(),
      autoBootstrap: z.boolean().nullable(),
      workloads: object({ graph: z.boolean(), solr: z.boolean(), spark: z.boolean() }),
    }),
    /** where the node answers, from the effective profile or the product's defaults */
    ports: object({ native: port, storage: port, jmx: port }),
    /** file-id -> settings, as the operator gave them; masks where a secret of the run belongs */
    profile: z.record(z.string(), z.record(z.string(), z.unknown())),
    /** file-id -> names of settings that the profile has besides, and that are written nowhere: told, not done */
    unwritten: z.record(z.string(), z.array(z.string())).optional(),
    /**
     * What the last step of an install does about the default `cassandra` password: nothing was asked for on this node;
     * it is to be changed; one is given, but an earlier install changed the default already, and once is the promise.
     */
    defaultPassword: z.enum(['not-asked', 'to-change', 'changed-before']),
    /** of an upgrade: whether all tables are to have a snapshot before the node is stopped; absent: where the series changes */
    snapshot: z.boolean().optional(),
    /**
     * Of an upgrade: whether sstables of earlier formats are rewritten at its end; absent: no. Agents that do not know this
     * refuse every upgrade after which there are such.
     */
    sstables: z.boolean().optional(),
    /** for which a node that was started is left in peace before the run ends; absent: not at all */
    settleMs: z.int().min(0).optional(),
    limits: object({
      /** for its clients to be gone; absent from coordinators of earlier versions */
      clientsMs: z.int().min(1).optional(),
      drainMs: z.int().min(1),
      stopMs: z.int().min(1),
      startMs: z.int().min(1),
      peersMs: z.int().min(1),
      downloadMs: z.int().min(1),
    }),
  });

/**
 * Fixed facts about the database node, from the model (cluster, datacenter, node) and the effective profile. Strict, so that
 * a coordinator sends nothing by mistake, a password least of all.
 */
export const runInputSchema = inputOf(z.strictObject);
/** Journals and rows of earlier versions say of the default password only whether it is to be changed, under another name. */
function withTodaysNames(came: unknown): unknown {
  if (typeof came !== 'object' || came === null || !('changeDefaultPassword' in came)) return came;
  return { defaultPassword: came.changeDefaultPassword === true ? 'to-change' : 'not-asked', ...came };
}

/**
 * The same as an agent reads it: without what only a later coordinator knows. What an older agent must not pass over
 * needs a recipe of its own, which it refuses.
 */
export const cameRunInputSchema = z.preprocess(withTodaysNames, inputOf(z.object));
export type RunInput = z.infer<typeof runInputSchema>;

/** What a run needs and no disk may keep; sent beside the input, and again after each reconnect. Agents pass over unknown ones. */
export const runSecretsSchema = z.object({
  repositoryPassword: z.string().nullable().default(null),
  /** for a default password that is to be changed */
  newCassandraPassword: z.string().nullable().default(null),
  /** what it is until then; null: what a first start gives it */
  oldCassandraPassword: z.string().nullable().default(null),
  /** what belongs in the places of masks, by JSON pointer into the profile */
  profile: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
});
export type RunSecrets = z.infer<typeof runSecretsSchema>;
/** As they are sent: without those that there are not, so that an older agent has no key to stumble over. */
export type SentSecrets = z.input<typeof runSecretsSchema>;
