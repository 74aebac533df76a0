// Where everything of one node lies below its install directory.
import { posix } from 'node:path';
import type { RunInput } from '../../shared/run-input.ts';
import type { OwnNode } from '../host/host.ts';
import { cassandra } from './cassandra.ts';
import { dse } from './dse.ts';
import type { ProductFacts } from './product.ts';

export const PRODUCTS: Readonly<Record<RunInput['product'], ProductFacts>> = { cassandra, dse };

/** Absolute paths. */
export interface Layout {
  directory: string;
  home: string;
  /** what the paths of the config files are relative to: the first that is there */
  configs: readonly string[];
  /** where the database's own jar may lie */
  libraries: readonly string[];
  /** what starts and stops the node: null when that is done here, by `launchOf` */
  service: string | null;
  /** that may read configuration which is not for everybody; null: the files are this user's own */
  group: string | null;
  launcher: string;
  data: string;
  logs: string;
  systemLog: string;
  outputLog: string;
  run: string;
  pidFile: string;
  /** digest of the config files that the running node was started with */
  startedWith: string;
  /** what jobs wrote last into the config files */
  pushed: string;
  /** what a run that may put it back has replaced, until that run is over, and has put all of it back where it went back */
  replaced: string;
  /** the same of an earlier run that could not put all of it back, once another run keeps what it replaces; until a run succeeds */
  notPutBack: string;
  /** name of the cluster that this node was last configured for, and so that of its data */
  ofCluster: string;
  downloads: string;
  tarball: string;
  pristine: string;
  /** which version this directory holds */
  installed: string;
  /** the snapshot of an upgrade that stopped the node, until that is over or another recipe starts the node */
  snapshot: string;
}

type Installed = Pick<RunInput, 'product' | 'version' | 'install'>;

export const layoutOf = (input: Installed): Layout =>
  input.install.type === 'package' ? packageLayout(input) : tarballLayout(input);

/** Root's own, wherever the agent's other data is: what lies here is installed, or written into the configuration. */
export const KEPT = '/var/lib/ringmaster-agent/database';

/** What an upgrade of packages keeps besides, until the new version answers. Absolute paths. */
export const upgradeFilesOf = ({ product, version }: Installed) => ({
  /** which upgrade has begun to replace packages */
  begun: posix.join(KEPT, product, 'upgrading.json'),
  /** what is read of the new packages before they are installed, as it will lie below / */
  unpacked: posix.join(KEPT, product, 'unpacked', version),
  /** the packages themselves, of a package manager that keeps none */
  packages: posix.join(KEPT, product, 'packages', version),
  /** a package of the version that is there, from which its configuration files are read once more */
  recovered: posix.join(KEPT, product, 'recovered', version),
});

/** What is kept about a node that packages brought lies apart from their own files. */
function packageLayout({ product, version, install }: Installed): Layout {
  const { package: facts } = PRODUCTS[product];
  const kept = (...parts: string[]): string => posix.join(KEPT, product, ...parts);
  return {
    directory: install.directory,
    home: install.directory,
    configs: facts.configDirectories,
    libraries: facts.libraryDirectories,
    service: facts.service,
    group: facts.group,
    launcher: posix.join('/etc/init.d', facts.service),
    data: facts.data,
    logs: facts.logs,
    systemLog: posix.join(facts.logs, 'system.log'),
    outputLog: posix.join(facts.logs, 'stdout.log'),
    run: kept('run'),
    pidFile: kept('run', 'cassandra.pid'),
    startedWith: kept('started-with.sha256'),
    pushed: kept('pushed.json'),
    replaced: kept('replaced.json'),
    notPutBack: kept('not-put-back.json'),
    ofCluster: kept('cluster-name'),
    downloads: kept('downloads'),
    tarball: kept('downloads', `${product}-${version}.tar.gz`),
    pristine: kept('pristine', version),
    installed: kept('installed.json'),
    snapshot: kept('upgrade-snapshot.json'),
  };
}

function tarballLayout(input: Installed): Layout {
  const { product, version } = input;
  const directory = posix.normalize(input.install.directory).replace(/(?<=.)\/+$/, '');
  const at = (...parts: string[]): string => posix.join(directory, ...parts);
  const home = at(`${product}-${version}`);
  const facts = PRODUCTS[product];
  return {
    directory,
    home,
    configs: [posix.join(home, facts.configDirectory)],
    libraries: [posix.join(home, facts.libraryDirectory)],
    service: null,
    group: null,
    launcher: posix.join(home, facts.launcher),
    data: at('data'),
    logs: at('logs'),
    systemLog: at('logs', 'system.log'),
    outputLog: at('logs', 'stdout.log'),
    run: at('run'),
    pidFile: at('run', 'cassandra.pid'),
    startedWith: at('run', 'started-with.sha256'),
    pushed: at('run', 'pushed.json'),
    replaced: at('run', 'replaced.json'),
    notPutBack: at('run', 'not-put-back.json'),
    ofCluster: at('run', 'cluster-name'),
    downloads: at('downloads'),
    tarball: at('downloads', `${product}-${version}.tar.gz`),
    pristine: at('pristine', version),
    installed: at('installed.json'),
    snapshot: at('run', 'upgrade-snapshot.json'),
  };
}

/** @param asRoot Cassandra refuses to start as root unless it is told with -R */
export function launchOf(
  input: RunInput,
  asRoot: boolean,
): { argv: [string, ...string[]]; env: Record<string, string> } {
  const facts = PRODUCTS[input.product];
  const layout = layoutOf(input);
  return {
    argv: [
      layout.launcher,
      ...facts.launcherArguments,
      '-f',
      '-p',
      layout.pidFile,
      ...(asRoot ? ['-R'] : []),
    ],
    env: {
      [facts.homeVariable]: layout.home,
      CASSANDRA_CONF: posix.join(layout.home, facts.cassandraConfigDirectory),
      CASSANDRA_LOG_DIR: layout.logs,
      cassandra_storagedir: layout.data,
    },
  };
}

/** Its database node, for whoever asks that over JMX. */
export const ownNodeOf = (input: RunInput): OwnNode => ({
  directory: layoutOf(input).directory,
  jmxPort: input.ports.jmx,
});
