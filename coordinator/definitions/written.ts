// Parts what of a profile is written to files from what is kept for its clients alone, so that jobs can say so.
import { CUSTOM_FILE_IDS, manageKey, type Product, UNWRITTEN_FILE_IDS } from '../../shared/config-files.ts';
import { writableOf } from './series.ts';

/** File id -> settings, as the operator gave them. */
type Profile = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export interface Parted {
  /** what agents are given */
  profile: Record<string, Record<string, unknown>>;
  /** file id -> names of settings without effect, none for a file that the operator keeps himself */
  unwritten: Record<string, string[]>;
}

const JMX_PORT = 'jmx-port';
const PORT_HOLDERS = ['jvm-server-options', 'jvm-options'];

/** DSE's profiles have JMX's port among the options of the JVM; it is cassandra-env.sh that sets it. */
function withJmxPort(profile: Profile): Profile {
  const port = PORT_HOLDERS.map((fileId) => profile[fileId]?.[JMX_PORT] ?? null).find((one) => one !== null);
  const moved = PORT_HOLDERS.filter((fileId) => Object.hasOwn(profile[fileId] ?? {}, JMX_PORT)).map(
    (fileId) => {
      const { [JMX_PORT]: _port, ...rest } = profile[fileId] ?? {};
      return [fileId, rest] as const;
    },
  );
  const env = profile['cassandra-env-sh'] ?? {};
  return {
    ...profile,
    ...Object.fromEntries(moved),
    ...(port === undefined || (env[JMX_PORT] ?? null) !== null
      ? {}
      : { 'cassandra-env-sh': { ...env, [JMX_PORT]: port } }),
  };
}

export function partProfile(product: Product, version: string, given: Profile): Parted {
  const definitions = writableOf(product, version);
  const parted: Parted = { profile: {}, unwritten: {} };
  for (const [fileId, settings] of Object.entries(withJmxPort(given))) {
    const known = Object.hasOwn(definitions, fileId) ? definitions[fileId] : undefined;
    const isWritten = (name: string): boolean =>
      CUSTOM_FILE_IDS.includes(fileId) ||
      name === manageKey(fileId) ||
      (known !== undefined && Object.hasOwn(known, name) && known[name]?.unwritten !== true);
    const written = Object.entries(settings).filter(([name]) => isWritten(name));
    const others = Object.keys(settings).filter((name) => !isWritten(name) && settings[name] !== null);
    if (!UNWRITTEN_FILE_IDS[product].includes(fileId)) parted.profile[fileId] = Object.fromEntries(written);
    if (others.length > 0 && settings[manageKey(fileId)] !== false) parted.unwritten[fileId] = others;
  }
  return parted;
}
