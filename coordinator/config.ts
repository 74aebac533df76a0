// The coordinator's settings, parsed once and whole: flag > environment > file > default, every mistake in one message.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'yaml';

interface Setting {
  env: string;
  /** as a flag: --rest-port; in the file: rest-port */
  name: string;
  kind: 'text' | 'whole' | 'flag' | 'list';
  fallback: string | number | boolean | null;
  least?: number;
  most?: number;
  help: string;
}

const setting = (
  name: string,
  kind: Setting['kind'],
  fallback: Setting['fallback'],
  help: string,
  range: [number, number] = [0, 65_535],
): Setting => ({
  env: `RINGMASTER_${name.toUpperCase().replaceAll('-', '_')}`,
  name,
  kind,
  fallback,
  help,
  least: range[0],
  most: range[1],
});

/** Every setting with its default; the README's table is this list. */
export const SETTINGS: readonly Setting[] = [
  setting(
    'rest-host',
    'text',
    '127.0.0.1',
    'address of the REST listener; anything but loopback needs open-rest as well',
  ),
  setting('rest-port', 'whole', 8888, 'port of the REST listener; 0 takes a free one'),
  setting('open-rest', 'flag', false, 'said twice: REST without authentication may listen beyond loopback'),
  setting('public-url', 'text', null, 'what href begins with, when callers reach us by another name'),
  setting('host-names', 'list', '', 'further names in Host headers that are ours'),
  setting('grpc-host', 'text', '0.0.0.0', "address of the agents' listeners"),
  setting('grpc-port', 'whole', 9000, "port of the agents' listener (mutual TLS)"),
  setting('enrol-port', 'whole', 9001, 'port of the enrolment listener'),
  setting(
    'agent-addresses',
    'list',
    '',
    'names or addresses under which agents reach this host; loopback and all local ones unless given',
  ),
  setting(
    'data-dir',
    'text',
    '.ringmaster/coordinator',
    'where the embedded database and the master key live',
  ),
  setting(
    'database-url',
    'text',
    null,
    'a PostgreSQL server (14 or newer); the embedded one is started unless given',
  ),
  setting(
    'master-key-file',
    'text',
    null,
    'file with the master key of sealed secrets; made in data-dir unless given',
  ),
  setting(
    'orphan-grace',
    'whole',
    0,
    'seconds before a job under way at a cold start shows ORPHANED',
    [0, 86_400],
  ),
  setting('adopt-orphans', 'flag', true, 'whether agents that attach again take their orphaned jobs on'),
  setting('adoption-window', 'whole', 900, 'seconds an orphaned job waits for its agents', [1, 86_400]),
  setting('log-level', 'text', 'info', 'debug, info, warn or error'),
];

export interface Config {
  restHost: string;
  restPort: number;
  publicUrl: string | null;
  hostNames: string[];
  grpcHost: string;
  grpcPort: number;
  enrolPort: number;
  agentAddresses: string[];
  dataDirectory: string;
  databaseUrl: string | null;
  masterKeyFile: string | null;
  masterKey: string | null;
  credentialsDirectory: string | null;
  orphanGraceMs: number;
  adoptOrphans: boolean;
  adoptionWindowMs: number;
  logLevel: 'debug' | 'info' | 'warn' | 'error';
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host.startsWith('127.');

/** `--name value`, `--name=value`, and `--name` alone for flags. */
function readFlags(argv: readonly string[], problems: string[]): Map<string, string> {
  const flags = new Map<string, string>();
  for (let at = 0; at < argv.length; at += 1) {
    const match = /^--([a-z-]+)(?:=(.*))?$/s.exec(argv[at] ?? '');
    const known = SETTINGS.find(({ name }) => name === match?.[1]);
    if (match?.[1] === 'config') flags.set('config', match[2] ?? argv[++at] ?? '');
    else if (known === undefined) problems.push(`unknown option ${argv[at]}`);
    else if (match?.[2] !== undefined) flags.set(known.name, match[2]);
    else if (known.kind === 'flag') flags.set(known.name, 'true');
    else flags.set(known.name, argv[++at] ?? '');
  }
  return flags;
}

function readFileSettings(path: string | undefined, problems: string[]): Record<string, unknown> {
  if (path === undefined || path === '') return {};
  try {
    const value: unknown = parse(readFileSync(path, 'utf8'));
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new Error('it must be a map of settings');
    for (const name of Object.keys(value)) {
      if (!SETTINGS.some((known) => known.name === name)) problems.push(`${path}: unknown setting ${name}`);
    }
    return value as Record<string, unknown>;
  } catch (error) {
    problems.push(`${path}: ${error instanceof Error ? error.message : String(error)}`);
    return {};
  }
}

/** @throws Error with every mistake, one a line */
export function readConfig(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Config {
  const problems: string[] = [];
  const flags = readFlags(argv, problems);
  const file = readFileSettings(flags.get('config') ?? env['RINGMASTER_CONFIG'], problems);
  const raw = (name: string): { value: unknown; from: string } => {
    const known = SETTINGS.find((candidate) => candidate.name === name);
    if (known === undefined) throw new Error(`no setting ${name}`);
    const flag = flags.get(name);
    if (flag !== undefined) return { value: flag, from: `--${name}` };
    const fromEnv = env[known.env];
    if (fromEnv !== undefined && fromEnv !== '') return { value: fromEnv, from: known.env };
    return name in file ? { value: file[name], from: name } : { value: known.fallback, from: name };
  };
  const text = (name: string): string | null => {
    const { value } = raw(name);
    return value === null ? null : String(value);
  };
  const whole = (name: string): number => {
    const { value, from } = raw(name);
    const { least = 0, most = 0 } = SETTINGS.find((known) => known.name === name) ?? {};
    const number = /^\d{1,9}$/.test(String(value)) ? Number(value) : Number.NaN;
    if (!(number >= least && number <= most))
      problems.push(`${from}: "${String(value)}" must be a whole number from ${least} to ${most}`);
    return number;
  };
  const flag = (name: string): boolean => {
    const { value, from } = raw(name);
    if (!['true', 'false'].includes(String(value)))
      problems.push(`${from}: "${String(value)}" must be true or false`);
    return String(value) === 'true';
  };
  const list = (name: string): string[] => {
    const { value } = raw(name);
    const parts = Array.isArray(value) ? value.map(String) : String(value ?? '').split(',');
    return parts.map((part) => part.trim()).filter((part) => part !== '');
  };
  const publicUrl = (): string | null => {
    const { value, from } = raw('public-url');
    if (value === null) return null;
    const url = URL.canParse(String(value)) ? new URL(String(value)) : null;
    const isBase =
      url !== null && /^https?:$/.test(url.protocol) && `${url.search}${url.hash}${url.username}` === '';
    if (!isBase)
      problems.push(
        `${from}: "${String(value)}" must be a URL such as https://lcm.example.com, without a query or a password`,
      );
    return String(value).replace(/\/+$/, '');
  };
  const level = text('log-level') ?? 'info';
  if (!['debug', 'info', 'warn', 'error'].includes(level))
    problems.push(`log-level: "${level}" must be debug, info, warn or error`);
  const config: Config = {
    restHost: text('rest-host') ?? '127.0.0.1',
    restPort: whole('rest-port'),
    publicUrl: publicUrl(),
    hostNames: list('host-names'),
    grpcHost: text('grpc-host') ?? '0.0.0.0',
    grpcPort: whole('grpc-port'),
    enrolPort: whole('enrol-port'),
    agentAddresses: list('agent-addresses'),
    dataDirectory: resolve(text('data-dir') ?? ''),
    databaseUrl: text('database-url'),
    masterKeyFile: text('master-key-file'),
    masterKey: env['RINGMASTER_MASTER_KEY'] ?? null,
    credentialsDirectory: env['CREDENTIALS_DIRECTORY'] ?? null,
    orphanGraceMs: whole('orphan-grace') * 1_000,
    adoptOrphans: flag('adopt-orphans'),
    adoptionWindowMs: whole('adoption-window') * 1_000,
    logLevel: level as Config['logLevel'],
  };
  if (!flag('open-rest') && !isLoopback(config.restHost)) {
    problems.push(
      `rest-host: ${config.restHost} is not loopback, and whoever reaches the API is root on the nodes: set open-rest too if that is meant`,
    );
  }
  if (problems.length > 0) throw new Error(`bad configuration:\n  ${problems.join('\n  ')}`);
  return config;
}
