// Where everything of one node lies below its install directory.
import { posix } from 'node:path';
import type { RunInput } from '../../shared/run-input.ts';
import { cassandra } from './cassandra.ts';
import { dse } from './dse.ts';
import type { ProductFacts } from './product.ts';

export const PRODUCTS: Readonly<Record<RunInput['product'], ProductFacts>> = { cassandra, dse };

/** Absolute paths. */
export interface Layout {
  directory: string;
  home: string;
  config: string;
  launcher: string;
  data: string;
  logs: string;
  systemLog: string;
  outputLog: string;
  run: string;
  pidFile: string;
  /** digest of the config files that the running node was started with */
  startedWith: string;
  downloads: string;
  tarball: string;
  pristine: string;
  /** which version this directory holds */
  installed: string;
}

export function layoutOf(input: Pick<RunInput, 'product' | 'version' | 'install'>): Layout {
  const { product, version } = input;
  const directory = posix.normalize(input.install.directory).replace(/(?<=.)\/+$/, '');
  const at = (...parts: string[]): string => posix.join(directory, ...parts);
  const home = at(`${product}-${version}`);
  const facts = PRODUCTS[product];
  return {
    directory,
    home,
    config: posix.join(home, facts.configDirectory),
    launcher: posix.join(home, facts.launcher),
    data: at('data'),
    logs: at('logs'),
    systemLog: at('logs', 'system.log'),
    outputLog: at('logs', 'stdout.log'),
    run: at('run'),
    pidFile: at('run', 'cassandra.pid'),
    startedWith: at('run', 'started-with.sha256'),
    downloads: at('downloads'),
    tarball: at('downloads', `${product}-${version}.tar.gz`),
    pristine: at('pristine', version),
    installed: at('installed.json'),
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
