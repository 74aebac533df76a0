// Cassandra from Maven's jars, laid out as Apache's packages have it, or under the names and paths of DSE's.
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  makeCassandraTarball,
  tarballCacheDirectory,
} from '../../../coordinator/cli/quickstart/cassandra-tarball.ts';
import type { Flavour } from '../bed/image.ts';
import { run } from '../bed/program.ts';
import type { TestPackage } from './package.ts';
import { stubPackage } from './stub-package.ts';

/** Paths below the root, without a slash at either end. */
interface Layout {
  service: string;
  home: string;
  /** where the files of the configuration lie, and where they are found */
  configFiles: string;
  config: string;
  launcher: string;
}

const APACHE = {
  deb: {
    service: 'cassandra',
    home: 'usr/share/cassandra',
    configFiles: 'etc/cassandra',
    config: 'etc/cassandra',
    launcher: 'usr/sbin/cassandra',
  },
  // Apache's RPM reaches its configuration through alternatives(8).
  rpm: {
    service: 'cassandra',
    home: 'usr/share/cassandra',
    configFiles: 'etc/cassandra/default.conf',
    config: 'etc/cassandra/conf',
    launcher: 'usr/sbin/cassandra',
  },
} satisfies Record<Flavour, Layout>;

const DSE = {
  service: 'dse',
  home: 'usr/share/dse/cassandra',
  configFiles: 'etc/dse/cassandra',
  config: 'etc/dse/cassandra',
  launcher: 'usr/share/dse/cassandra/bin/cassandra',
} satisfies Layout;

const JAVA: Record<Flavour, string> = { deb: 'openjdk-17-jre-headless', rpm: 'java-17-openjdk-headless' };
const WORK = ['var/lib/cassandra', 'var/log/cassandra'];

/** The package `cassandra`. Like Apache's, the one for Debian starts the node when it is installed, and the RPM does not. */
export async function cassandraPackage(version: string, flavour: Flavour): Promise<TestPackage> {
  const tarball = await tarballOf(version);
  const layout = APACHE[flavour];
  const start = flavour === 'deb' ? 'invoke-rc.d cassandra start' : ALTERNATIVE;
  return {
    name: 'cassandra',
    version,
    depends: { [JAVA[flavour]]: null },
    directories: WORK,
    scripts: serviceScripts(layout.service, flavour, start),
    async fill(root) {
      await fillDatabase(root, tarball, layout);
      await fillConfiguration(root, layout);
      await fillService(root, layout.service, layout.launcher, '');
    },
  };
}

const ALTERNATIVE =
  'alternatives --install /etc/cassandra/conf cassandra /etc/cassandra/default.conf 0 >/dev/null';

/**
 * `dse-full`, and what it depends on: `dse` with configuration and service, `dse-libcassandra` with the database. A
 * choice of the many packages of the real one. It does not start the node when it is installed.
 * @param holds the version of Cassandra that stands in for the database
 */
export async function dsePackages(version: string, holds: string, flavour: Flavour): Promise<TestPackage[]> {
  const tarball = await tarballOf(holds);
  const database: TestPackage = {
    name: 'dse-libcassandra',
    version,
    depends: { [JAVA[flavour]]: null },
    directories: [],
    scripts: { afterInstall: ':', beforeRemoval: ':' },
    async fill(root) {
      await fillDatabase(root, tarball, DSE);
      await rm(join(root, DSE.configFiles), { recursive: true });
    },
  };
  const service: TestPackage = {
    name: 'dse',
    version,
    depends: { 'dse-libcassandra': version },
    directories: WORK,
    scripts: serviceScripts(DSE.service, flavour, ':'),
    async fill(root) {
      await fillDatabase(root, tarball, DSE);
      for (const path of ['usr/share', 'usr/bin']) await rm(join(root, path), { recursive: true });
      await fillConfiguration(root, DSE);
      await fillService(root, DSE.service, 'usr/bin/dse', 'cassandra ');
      await place(
        root,
        'usr/bin/dse',
        await fromFile('dse.launcher', { start: `/${DSE.launcher}`, version }),
        0o755,
      );
      await place(root, 'etc/dse/dse.yaml', await fromFile('dse.yaml', {}));
      await place(root, 'etc/dse/dse-env.sh', '# Sourced by /usr/bin/dse.\n');
      await place(root, 'etc/default/dse', await fromFile('dse.default', {}));
    },
  };
  return [database, service, stubPackage({ name: 'dse-full', version, depends: { dse: version } })];
}

const tarballOf = async (version: string): Promise<string> =>
  (await makeCassandraTarball({ version, cacheDirectory: tarballCacheDirectory(), log: () => {} })).path;

/** Jars, launchers and pristine configuration. */
async function fillDatabase(root: string, tarball: string, layout: Layout): Promise<void> {
  const home = join(root, layout.home);
  await mkdir(home, { recursive: true });
  await run(['tar', '-xzf', tarball, '-C', home, '--strip-components=1', '--no-same-owner']);
  await move(join(home, 'conf'), join(root, layout.configFiles));
  const include = `/${layout.home}/cassandra.in.sh`;
  const settings = `CASSANDRA_HOME=/${layout.home}
: "\${CASSANDRA_CONF:=/${layout.config}}"
: "\${CASSANDRA_LOG_DIR:=/var/log/cassandra}"
cassandra_storagedir=/var/lib/cassandra
`;
  const finder = await readFile(join(home, 'bin', 'cassandra.in.sh'), 'utf8');
  await place(root, include, settings + finder);
  await rm(join(home, 'bin', 'cassandra.in.sh'));
  for (const [name, at] of [
    ['cassandra', layout.launcher],
    ['nodetool', 'usr/bin/nodetool'],
  ] as const) {
    const text = await readFile(join(home, 'bin', name), 'utf8');
    await rm(join(home, 'bin', name));
    await place(root, at, text.replace('$(dirname "$0")/cassandra.in.sh', include), 0o755);
  }
}

/** What the tarball's configuration leaves to its directory, and a package has to say. */
async function fillConfiguration(root: string, layout: Layout): Promise<void> {
  const path = join(root, layout.configFiles, 'cassandra.yaml');
  const directories = `
data_file_directories:
  - /var/lib/cassandra/data
commitlog_directory: /var/lib/cassandra/commitlog
saved_caches_directory: /var/lib/cassandra/saved_caches
hints_directory: /var/lib/cassandra/hints
cdc_raw_directory: /var/lib/cassandra/cdc_raw
`;
  await writeFile(path, (await readFile(path, 'utf8')) + directories);
}

async function fillService(root: string, service: string, launcher: string, words: string): Promise<void> {
  const init = await fromFile('service.init', { service, program: `/${launcher}`, words });
  await place(root, `etc/init.d/${service}`, init, 0o755);
  await place(root, `etc/default/${service}`, `# Sourced by /etc/init.d/${service}.\n`);
  await place(root, `etc/security/limits.d/${service}.conf`, 'cassandra - nofile 100000\n');
  for (const path of WORK) await mkdir(join(root, path), { recursive: true });
}

function serviceScripts(service: string, flavour: Flavour, afterwards: string): TestPackage['scripts'] {
  const user = `getent group cassandra >/dev/null || groupadd --system cassandra
getent passwd cassandra >/dev/null ||
  useradd --system --gid cassandra --home-dir /var/lib/cassandra --no-create-home --shell /usr/sbin/nologin cassandra
chown cassandra: /var/lib/cassandra /var/log/cassandra`;
  const registered = flavour === 'deb' ? `update-rc.d ${service} defaults >/dev/null` : ':';
  return {
    afterInstall: `${user}\n${registered}\n${afterwards}`,
    beforeRemoval: `/etc/init.d/${service} stop`,
  };
}

const FILES = fileURLToPath(new URL('files/', import.meta.url));

/** A file of ours with each `@name@` replaced. */
async function fromFile(name: string, values: Readonly<Record<string, string>>): Promise<string> {
  let text = await readFile(join(FILES, name), 'utf8');
  for (const [key, value] of Object.entries(values)) text = text.replaceAll(`@${key}@`, () => value);
  return text;
}

async function place(root: string, path: string, text: string, mode = 0o644): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
  await chmod(join(root, path), mode);
}

async function move(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await rename(from, to);
}
