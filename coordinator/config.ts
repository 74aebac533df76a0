// The coordinator's settings as values, parsed once and whole: flag > environment > file > default, every mistake in one message.
import { unknownVariables } from '../shared/program-settings/known-variables.ts';
import { CONFIG_VARIABLES, COORDINATOR_SETTINGS } from '../shared/program-settings/lists.ts';
import { defaultsHere } from '../shared/program-settings/packaged.ts';
import {
  type Environment,
  readFlags,
  refuseMistakes,
  SettingReader,
} from '../shared/program-settings/read.ts';

export interface Config {
  restHost: string;
  restPort: number;
  auth: 'off' | 'on';
  adminPasswordFile: string | null;
  sessionIdleS: number;
  sessionLifetimeS: number;
  publicUrl: string | null;
  hostNames: string[];
  grpcHost: string;
  grpcPort: number;
  enrolPort: number;
  agentAddresses: string[];
  /** null: beside the installation */
  agentPackages: string | null;
  dataDirectory: string;
  databaseUrl: string | null;
  masterKeyFile: string | null;
  masterKey: string | null;
  credentialsDirectory: string | null;
  orphanGraceMs: number;
  /** whether agents are brought to hosts that have none, over SSH */
  bootstrap: 'off' | 'on';
  adoptOrphans: boolean;
  adoptionWindowMs: number;
  logLevel: 'debug' | 'info' | 'warn' | 'error';
}

const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

const OFF_OR_ON = ['off', 'on'] as const;

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host.startsWith('127.');

function publicUrlOf(settings: SettingReader, problems: string[]): string | null {
  const { value, from } = settings.raw('public-url');
  if (value === null) return null;
  const url = URL.canParse(String(value)) ? new URL(String(value)) : null;
  const isBase =
    url !== null && /^https?:$/.test(url.protocol) && `${url.search}${url.hash}${url.username}` === '';
  if (!isBase)
    problems.push(
      `${from}: "${String(value)}" must be a URL such as https://lcm.example.com, without a query or a password`,
    );
  return String(value).replace(/\/+$/, '');
}

/** As the driver takes it, which says nothing of what it cannot: a URL, its host perhaps left out for a socket's folder in the query, or that folder. */
function databaseUrlOf(settings: SettingReader, problems: string[]): string | null {
  const url = settings.text('database-url');
  if (url === null) return null;
  const isServer = /^(postgres(ql)?:\/\/|socket:)./.test(url) && URL.canParse(url.replace('@/', '@socket/'));
  // What was given is not repeated: there may be a password in it.
  if (!isServer && !/^\/./.test(url))
    problems.push(
      `${settings.raw('database-url').from}: must be a URL such as postgres://user:password@db.example.com:5432/ringmaster, with %40 for an @ in a password, and so on`,
    );
  return url;
}

/** @throws Error with every mistake, one a line */
export function readConfig(argv: readonly string[], env: Environment): Config {
  const problems = unknownVariables(env);
  const flags = readFlags(argv, COORDINATOR_SETTINGS, problems);
  const here = defaultsHere('coordinator', COORDINATOR_SETTINGS, env);
  const filePath = flags.get('config') ?? env[CONFIG_VARIABLES.coordinator] ?? here.file;
  const settings = new SettingReader(here.settings, { flags, env, filePath }, problems);
  const config: Config = {
    restHost: settings.text('rest-host') ?? '127.0.0.1',
    restPort: settings.whole('rest-port'),
    auth: settings.word('auth', OFF_OR_ON, 'on'),
    adminPasswordFile: settings.text('admin-password-file'),
    sessionIdleS: settings.whole('session-idle'),
    sessionLifetimeS: settings.whole('session-lifetime'),
    publicUrl: publicUrlOf(settings, problems),
    hostNames: settings.list('host-names'),
    grpcHost: settings.text('grpc-host') ?? '0.0.0.0',
    grpcPort: settings.whole('grpc-port'),
    enrolPort: settings.whole('enrol-port'),
    agentAddresses: settings.list('agent-addresses'),
    agentPackages: settings.text('agent-packages'),
    bootstrap: settings.word('bootstrap', OFF_OR_ON, 'on'),
    dataDirectory: settings.directory('data-dir'),
    databaseUrl: databaseUrlOf(settings, problems),
    masterKeyFile: settings.text('master-key-file'),
    masterKey: env['RINGMASTER_MASTER_KEY'] ?? null,
    credentialsDirectory: env['CREDENTIALS_DIRECTORY'] ?? null,
    orphanGraceMs: settings.whole('orphan-grace') * 1_000,
    adoptOrphans: settings.flag('adopt-orphans'),
    adoptionWindowMs: settings.whole('adoption-window') * 1_000,
    logLevel: settings.word('log-level', LOG_LEVELS, 'info'),
  };
  const isOpen = settings.flag('open-rest');
  if (config.auth === 'off' && !isOpen && !isLoopback(config.restHost)) {
    problems.push(
      `${settings.raw('rest-host').from}: ${config.restHost} is not loopback, and whoever reaches the API is root on the nodes: set auth to on, or open-rest to true if that is meant`,
    );
  }
  refuseMistakes(problems, COORDINATOR_SETTINGS);
  return config;
}
