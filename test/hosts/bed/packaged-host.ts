// One host whose database comes from packages of a signed repository, in a cluster of its own: what the tests of such hosts begin with.
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cassandraPackage } from '../packages/database-packages.ts';
import type { TestPackage } from '../packages/package.ts';
import { Repository } from '../packages/repository.ts';
import { SigningKey } from '../packages/signing-key.ts';
import { AGENT_FILES } from './agents.ts';
import type { TestHost } from './host.ts';
import { packagedAgents } from './packaged-agent.ts';
import { type ClusterSettings, PackagedCluster } from './packaged-cluster.ts';
import { type Bed, startHosts } from './start-hosts.ts';

export interface PackagedHostSettings extends Pick<ClusterSettings, 'version'> {
  kind: 'deb' | 'deb-without-systemd' | 'rpm';
  product?: ClusterSettings['product'];
  /** what the repository has */
  packages: readonly TestPackage[];
  /** its agent is our own package, as on a host of an operator; else the built one of this checkout */
  hasAgentPackage?: boolean;
  /** before it is modelled */
  prepare?: (host: TestHost) => Promise<void>;
}

export class PackagedHost {
  readonly host: TestHost;
  readonly cluster: PackagedCluster;
  readonly #bed: Bed<'one'>;
  readonly #key: SigningKey;

  private constructor(bed: Bed<'one'>, key: SigningKey, cluster: PackagedCluster) {
    this.host = bed.hosts.one;
    this.cluster = cluster;
    this.#bed = bed;
    this.#key = key;
  }

  /** Returns once its agent is enrolled; nothing is installed. */
  static async start(settings: PackagedHostSettings): Promise<PackagedHost> {
    const { kind, product = 'cassandra', version, packages, prepare, hasAgentPackage = false } = settings;
    const bed = await startHosts({ one: kind }, hasAgentPackage ? {} : AGENT_FILES);
    try {
      await prepare?.(bed.hosts.one);
      const key = await SigningKey.make();
      const [name, flavour] = kind === 'rpm' ? (['rpm', 'rpm'] as const) : (['apt', 'deb'] as const);
      const { url } = await Repository.open(bed, name, { flavour, key, packages });
      const repository = {
        'repo-url': url,
        'repo-key-url': `${url}/key.asc`,
        ...(flavour === 'deb' ? { 'deb-dist': './' } : {}),
      };
      const cluster = await PackagedCluster.make(bed, [bed.hosts.one], {
        product,
        version,
        repository,
        ...(hasAgentPackage ? { startsAgent: packagedAgents(bed, flavour) } : {}),
      });
      return new PackagedHost(bed, key, cluster);
    } catch (error) {
      await bed.stop();
      throw error;
    }
  }

  /** Of the database node; '' when none runs. */
  readonly pid = async (): Promise<string> =>
    (await this.host.exec(['pgrep', '-u', 'cassandra', 'java'])).output.trim();

  async stop(): Promise<void> {
    await this.cluster.stop();
    await this.#bed.stop();
    await this.#key.remove();
  }
}

/** The files of Cassandra 5.0.8 as a later version, with a script of its own. @param yaml a line of its own in cassandra.yaml */
export async function laterCassandra(
  flavour: 'deb' | 'rpm',
  version: string,
  afterInstall: string,
  yaml = '',
): Promise<TestPackage> {
  const made = await cassandraPackage('5.0.8', flavour);
  const directory = flavour === 'deb' ? '/etc/cassandra' : '/etc/cassandra/default.conf';
  return {
    ...made,
    version,
    async fill(root) {
      await made.fill(root);
      await appendFile(join(root, directory, 'cassandra.yaml'), yaml);
    },
    scripts: { ...made.scripts, afterInstall: `${made.scripts.afterInstall}\n${afterInstall}` },
  };
}
