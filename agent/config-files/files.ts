// Which configuration files there are, where they lie, and whether a profile wants each written.
import {
  CONFIG_FILE_IDS,
  type ConfigFileId,
  manageKey,
  PROFILE_FILE_IDS,
  type Product,
} from '../../shared/config-files.ts';
import { InvalidInput, pointerTo } from '../../shared/errors.ts';
import type { Profile, RenderInput } from './render-input.ts';
import { settingsOf } from './settings.ts';

/**
 * What to do when there is no pristine file: `fail`; `create`, rendering from ''; `skip`, since this version has no such
 * file (jvm17-server.options of 4.0), unless the profile sets something in it, which is then a mistake.
 */
export type WhenMissing = 'fail' | 'create' | 'skip';

export interface ConfigFile {
  /** relative to the configuration directory: `conf` of a Cassandra, the install's own directory of a DSE tarball */
  path: string;
  /** the same of packages, relative to the first of their directories that is there: /etc for DSE; as `path` unless given */
  packagePath?: string;
  whenMissing: WhenMissing;
}

function cassandraFiles(folder: string, packageFolder: string) {
  const file = <W extends WhenMissing>(name: string, whenMissing: W) => ({
    path: `${folder}${name}`,
    packagePath: `${packageFolder}${name}`,
    whenMissing,
  });
  return {
    'cassandra-yaml': file('cassandra.yaml', 'fail'),
    'cassandra-env-sh': file('cassandra-env.sh', 'fail'),
    'cassandra-rackdc-properties': file('cassandra-rackdc.properties', 'create'),
    'jvm-options': file('jvm.options', 'skip'),
    'jvm-server-options': file('jvm-server.options', 'skip'),
    'jvm8-server-options': file('jvm8-server.options', 'skip'),
    'jvm11-server-options': file('jvm11-server.options', 'skip'),
    'logback-xml': file('logback.xml', 'skip'),
  };
}

/** By product; the compiler holds it complete against the shared names. */
export const FILES = {
  cassandra: {
    ...cassandraFiles('', ''),
    'jvm17-server-options': { path: 'jvm17-server.options', whenMissing: 'skip' },
  },
  dse: {
    ...cassandraFiles('resources/cassandra/conf/', 'dse/cassandra/'),
    'dse-yaml': {
      path: 'resources/dse/conf/dse.yaml',
      packagePath: 'dse/dse.yaml',
      whenMissing: 'fail',
    },
    'dse-default': {
      path: 'resources/dse/conf/dse.default',
      packagePath: 'default/dse',
      whenMissing: 'create',
    },
    'dse-env-sh': { path: 'bin/dse-env.sh', packagePath: 'dse/dse-env.sh', whenMissing: 'skip' },
  },
} satisfies { [P in Product]: Record<(typeof CONFIG_FILE_IDS)[P][number], ConfigFile> };

/** The files of a product in a fixed order. */
export const filesOf = (product: Product): readonly [ConfigFileId, ConfigFile][] =>
  CONFIG_FILE_IDS[product].map(
    (id) => [id, (FILES[product] as Readonly<Record<string, ConfigFile>>)[id]] as [ConfigFileId, ConfigFile],
  );

/** Relative to the configuration directory of a tarball, or of packages. */
export const pathOf = ({ path, packagePath = path }: ConfigFile, type: 'tarball' | 'package'): string =>
  type === 'package' ? packagePath : path;

/** False when the profile says `lcm-manage--<file-id>: false`: the file is left alone. */
export function isManaged(fileId: string, profile: Profile): boolean {
  const own = Object.hasOwn(profile, fileId) ? profile[fileId] : undefined;
  return own === undefined || !Object.hasOwn(own, manageKey(fileId)) || own[manageKey(fileId)] !== false;
}

/** `whenMissing` for this profile: never `skip` a file that the profile sets something in. */
export function whenMissing(file: ConfigFile, fileId: string, profile: Profile): WhenMissing {
  return file.whenMissing === 'skip' && settingsOf(profile, fileId).size > 0 ? 'fail' : file.whenMissing;
}

/** @throws InvalidInput naming the known ones when the profile has a file id that this product does not */
export function checkFileIds({ product, profile }: Pick<RenderInput, 'product' | 'profile'>): void {
  const known = PROFILE_FILE_IDS[product];
  const problems = Object.keys(profile)
    .filter((id) => !known.includes(id))
    .map((id) => ({
      pointer: pointerTo(id),
      message: `is no configuration file of ${product}; known: ${known.join(', ')}`,
    }));
  if (problems.length > 0) throw new InvalidInput('The configuration cannot be rendered', problems);
}
