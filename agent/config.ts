// The agent's settings, parsed once and whole: flag > environment > file > default, every mistake in one message.
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { isEndpoint } from '../shared/pki/endpoint.ts';

/** By the name in the file; a flag is --data-dir, the environment's name is beside it. */
const SETTINGS = {
  'data-dir': { env: 'RINGMASTER_AGENT_DATA_DIR', fallback: '.ringmaster/agent' },
  enrolment: { env: 'RINGMASTER_ENROLMENT', fallback: '' },
  coordinators: { env: 'RINGMASTER_COORDINATORS', fallback: '' },
  'log-level': { env: 'RINGMASTER_LOG_LEVEL', fallback: 'info' },
} as const;
type Name = keyof typeof SETTINGS;

const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/** As commander gives them: undefined when not said. */
export interface Flags {
  config?: string;
  dataDir?: string;
  enrolment?: string;
  coordinators?: string;
  logLevel?: string;
}

export interface AgentConfig {
  /** absolute */
  dataDirectory: string;
  /** the bundle's text; null: none given, the agent must be enrolled already */
  enrolment: string | null;
  /** host:port, in place of those told at enrolment; null: those */
  coordinators: string[] | null;
  logLevel: (typeof LOG_LEVELS)[number];
  /** what the programs we start find programs, home and Java by; null: not set */
  environment: { path: string | null; home: string | null; javaHome: string | null };
}

function fileSettings(path: string, problems: string[]): Partial<Record<Name, unknown>> {
  if (path === '') return {};
  try {
    const value: unknown = parse(readFileSync(path, 'utf8'));
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new Error('it must be a map of settings');
    for (const name of Object.keys(value))
      if (!Object.hasOwn(SETTINGS, name)) problems.push(`${path}: unknown setting ${name}`);
    return value;
  } catch (error) {
    problems.push(`${path}: ${error instanceof Error ? error.message : String(error)}`);
    return {};
  }
}

/** A bundle, or the path of a file that holds one. */
function bundleFrom(given: string, problems: string[]): string | null {
  if (given === '') return null;
  try {
    return existsSync(given) ? readFileSync(given, 'utf8') : given;
  } catch {
    problems.push('enrolment: the file cannot be read'); // without its path: it may be the bundle, a secret
    return null;
  }
}

/** @throws Error with every mistake, one a line */
export function readConfig(flags: Flags, env: Readonly<Record<string, string | undefined>>): AgentConfig {
  const problems: string[] = [];
  const file = fileSettings(flags.config ?? env['RINGMASTER_CONFIG'] ?? '', problems);
  const said: Record<Name, string | undefined> = {
    'data-dir': flags.dataDir,
    enrolment: flags.enrolment,
    coordinators: flags.coordinators,
    'log-level': flags.logLevel,
  };
  const text = (name: Name): string => {
    const { env: variable, fallback } = SETTINGS[name];
    const fromEnv = env[variable] === '' ? undefined : env[variable];
    return String(said[name] ?? fromEnv ?? file[name] ?? fallback);
  };
  const addresses = text('coordinators')
    .split(',')
    .map((address) => address.trim())
    .filter((address) => address !== '');
  for (const address of addresses)
    if (!isEndpoint(address)) problems.push(`coordinators: "${address}" must be host:port`);
  const logLevel = LOG_LEVELS.find((level) => level === text('log-level'));
  if (logLevel === undefined)
    problems.push(`log-level: "${text('log-level')}" must be one of ${LOG_LEVELS.join(', ')}`);
  const config: AgentConfig = {
    dataDirectory: resolve(text('data-dir')),
    enrolment: bundleFrom(text('enrolment'), problems),
    coordinators: addresses.length === 0 ? null : addresses,
    logLevel: logLevel ?? 'info',
    environment: {
      path: env['PATH'] ?? null,
      home: env['HOME'] ?? null,
      javaHome: env['JAVA_HOME'] ?? null,
    },
  };
  if (problems.length > 0) throw new Error(`bad configuration:\n  ${problems.join('\n  ')}`);
  return config;
}
