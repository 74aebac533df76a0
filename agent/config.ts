// The agent's settings, parsed once and whole: flag > environment > file > default, every mistake in one message.
import { readFileSync } from 'node:fs';
import { isEndpoint } from '../shared/pki/endpoint.ts';
import { unknownVariables } from '../shared/program-settings/known-variables.ts';
import { AGENT_SETTINGS, CONFIG_VARIABLES } from '../shared/program-settings/lists.ts';
import { defaultsHere } from '../shared/program-settings/packaged.ts';
import { type Environment, refuseMistakes, SettingReader } from '../shared/program-settings/read.ts';

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

/** A bundle is one long word of base64url, and a file's name is not. */
const looksLikeBundle = (text: string): boolean => /^[\w-]{200,}$/.test(text);

/** A bundle, or the path of a file that holds one. */
function bundleFrom(settings: SettingReader, problems: string[]): string | null {
  const { from } = settings.raw('enrolment');
  const given = settings.text('enrolment') ?? '';
  if (given === '') return null;
  const word = given.replaceAll(/\s/g, ''); // a terminal may have broken it into lines
  if (looksLikeBundle(word)) return word;
  try {
    return readFileSync(given, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Said whole only when it can be no bundle cut short: that would be a secret.
    const shown = /[/.]/.test(given) && given.length < 200 ? ` ${given}` : '';
    problems.push(
      code === 'ENOENT' || code === 'ENAMETOOLONG'
        ? `${from}: no such file${shown}, and not a bundle`
        : `${from}: the file${shown} cannot be read (${code ?? 'unknown'})`,
    );
    return null;
  }
}

/** @throws Error with every mistake, one a line */
export function readConfig(said: Flags, env: Environment): AgentConfig {
  const problems = unknownVariables(env);
  const flags = new Map(
    AGENT_SETTINGS.flatMap(({ name }) => {
      const value = said[name.replace(/-./g, (letters) => letters.slice(1).toUpperCase()) as keyof Flags];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
  const here = defaultsHere('agent', AGENT_SETTINGS, env);
  const filePath = said.config ?? env[CONFIG_VARIABLES.agent] ?? here.file;
  const settings = new SettingReader(here.settings, { flags, env, filePath }, problems);
  const addresses = settings.list('coordinators');
  for (const address of addresses)
    if (!isEndpoint(address))
      problems.push(`${settings.raw('coordinators').from}: "${address}" must be host:port`);
  const config: AgentConfig = {
    dataDirectory: settings.directory('data-dir'),
    enrolment: bundleFrom(settings, problems),
    coordinators: addresses.length === 0 ? null : addresses,
    logLevel: settings.word('log-level', LOG_LEVELS, 'info'),
    environment: {
      path: env['PATH'] ?? null,
      home: env['HOME'] ?? null,
      javaHome: env['JAVA_HOME'] ?? null,
    },
  };
  refuseMistakes(problems);
  return config;
}
