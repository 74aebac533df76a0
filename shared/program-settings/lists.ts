// Every setting of the coordinator, the agent and the quickstart: its name, variable, default and what it is for.

export interface Setting {
  /** as a flag: --rest-port; in the file: rest-port */
  readonly name: string;
  /** its environment variable */
  readonly env: string;
  readonly kind: 'text' | 'whole' | 'flag' | 'list';
  readonly fallback: string | number | boolean | null;
  /** of a whole number */
  readonly least: number;
  readonly most: number;
  readonly help: string;
}

const variableOf = (name: string): string => `RINGMASTER_${name.toUpperCase().replaceAll('-', '_')}`;

function setting(
  name: string,
  kind: Setting['kind'],
  fallback: Setting['fallback'],
  help: string,
  { range = [0, 65_535], env = variableOf(name) }: { range?: readonly [number, number]; env?: string } = {},
): Setting {
  return { name, env, kind, fallback, least: range[0], most: range[1], help };
}

const LOG_LEVEL = setting('log-level', 'text', 'info', 'debug, info, warn or error');

// biome-ignore format: a table should look like one
export const COORDINATOR_SETTINGS: readonly Setting[] = [
  setting('rest-host', 'text', '127.0.0.1', 'address of the REST listener; anything but loopback needs auth, or open-rest'),
  setting('rest-port', 'whole', 8888, 'port of the REST listener; 0 takes a free one'),
  setting('open-rest', 'flag', false, 'said twice: REST without authentication may listen beyond loopback'),
  setting('auth', 'text', 'off', 'off: whoever reaches REST may do everything; on: whoever has signed in'),
  setting('admin-password-file', 'text', null, 'file with the first password of admin, with auth on; made in data-dir unless given'),
  setting('session-idle', 'whole', 3_600, 'seconds without a request after which a session is over', { range: [1, 2_592_000] }),
  setting('session-lifetime', 'whole', 86_400, 'seconds after which a session is over however much it is used', { range: [1, 31_536_000] }),
  setting('public-url', 'text', null, 'what href begins with, when callers reach us by another name'),
  setting('host-names', 'list', '', 'further names in Host headers that are ours'),
  setting('grpc-host', 'text', '0.0.0.0', "address of the agents' listeners"),
  setting('grpc-port', 'whole', 9000, "port of the agents' listener (mutual TLS)"),
  setting('enrol-port', 'whole', 9001, 'port of the enrolment listener'),
  setting('agent-addresses', 'list', '', 'names or addresses under which agents reach this host; all local ones but loopback unless given'),
  setting('bootstrap', 'text', 'on', 'on: agents are brought over SSH to hosts that have none; off: they wait for one'),
  setting('agent-packages', 'text', null, 'directory of the agent packages that are brought to hosts over SSH; packages beside the program unless given'),
  setting('data-dir', 'text', '.ringmaster/coordinator', 'where the embedded database and the master key live'),
  setting('database-url', 'text', null, 'a PostgreSQL server (14 or newer); the embedded one is started unless given'),
  setting('master-key-file', 'text', null, 'file with the master key of sealed secrets; made in data-dir unless given'),
  setting('orphan-grace', 'whole', 0, 'seconds before a job under way at a cold start shows ORPHANED', { range: [0, 86_400] }),
  setting('adopt-orphans', 'flag', true, 'whether agents that attach again take their orphaned jobs on'),
  setting('adoption-window', 'whole', 900, 'seconds an orphaned job waits for its agents', { range: [1, 86_400] }),
  LOG_LEVEL,
];

// biome-ignore format: a table should look like one
export const AGENT_SETTINGS: readonly Setting[] = [
  setting('data-dir', 'text', '.ringmaster/agent', 'journal, outbox and identity', { env: 'RINGMASTER_AGENT_DATA_DIR' }),
  setting('enrolment', 'text', '', 'an enrolment bundle, or a file that holds one'),
  setting('coordinators', 'list', '', 'host:port,… instead of those told at enrolment'),
  LOG_LEVEL,
];

const ofRing = (name: string, kind: Setting['kind'], fallback: Setting['fallback'], help: string): Setting =>
  setting(name, kind, fallback, help, { env: variableOf(`quickstart-${name}`), range: [1, 65_535] });

/** Besides the coordinator's, which it hands on. */
// biome-ignore format: a table should look like one
export const QUICKSTART_SETTINGS: readonly Setting[] = [
  ofRing('once', 'flag', false, 'end by itself after the restart, with 0 when all went well'),
  ofRing('addresses', 'list', '127.0.0.1,127.0.0.2,127.0.0.3', 'loopback addresses, one for each database node'),
  ofRing('native-port', 'whole', 9042, 'native port (CQL) of the database nodes'),
  ofRing('storage-port', 'whole', 7000, 'storage port of the database nodes'),
  ofRing('jmx-ports', 'list', '7199,7299,7399', 'JMX ports on 127.0.0.1, one for each database node'),
];

/** Which variable names the file with a program's settings. */
export const CONFIG_VARIABLES = {
  coordinator: 'RINGMASTER_CONFIG',
  agent: 'RINGMASTER_AGENT_CONFIG',
} as const;
