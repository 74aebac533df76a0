// What a quickstart is told: its own settings and all of the coordinator's, by flag, environment or file.
import { join } from 'node:path';
import { unknownVariables } from '../../../shared/program-settings/known-variables.ts';
import {
  CONFIG_VARIABLES,
  COORDINATOR_SETTINGS,
  QUICKSTART_SETTINGS,
  type Setting,
} from '../../../shared/program-settings/lists.ts';
import {
  type Environment,
  readFlags,
  refuseMistakes,
  SettingReader,
} from '../../../shared/program-settings/read.ts';
import { readConfig } from '../../config.ts';

/** Everything of a quickstart stays on this machine and in a directory of its own. */
const OTHER_DEFAULTS: Readonly<Record<string, string>> = {
  'data-dir': '.ringmaster/quickstart',
  'grpc-host': '127.0.0.1',
};

export const SETTINGS: readonly Setting[] = [
  ...QUICKSTART_SETTINGS,
  ...COORDINATOR_SETTINGS.map((setting) => ({
    ...setting,
    fallback: OTHER_DEFAULTS[setting.name] ?? setting.fallback,
  })),
];

export interface QuickstartConfig {
  once: boolean;
  /** absolute; the coordinator, the agents, the database nodes and all logs are below it */
  directory: string;
  addresses: string[];
  nativePort: number;
  storagePort: number;
  jmxPorts: number[];
  /** the coordinator's settings, checked, as its variables */
  coordinatorEnvironment: Record<string, string>;
}

/** @throws Error with every mistake, one a line */
export function readQuickstartConfig(argv: readonly string[], env: Environment): QuickstartConfig {
  const problems = unknownVariables(env);
  const flags = readFlags(argv, SETTINGS, problems);
  const filePath = flags.get('config') ?? env[CONFIG_VARIABLES.coordinator] ?? '';
  const settings = new SettingReader(SETTINGS, { flags, env, filePath }, problems);
  const addresses = settings.list('addresses');
  const jmxPorts = settings.wholes('jmx-ports');
  if (!addresses.every((address) => /^127\.\d+\.\d+\.\d+$/.test(address)))
    problems.push(
      'addresses: all must be loopback addresses (127.…): no other machine is to reach this ring',
    );
  if (addresses.length === 0 || new Set(addresses).size < addresses.length)
    problems.push('addresses: must be one or more, none of them twice');
  if (jmxPorts.length !== addresses.length || new Set(jmxPorts).size < jmxPorts.length)
    problems.push('jmx-ports: must be as many as the addresses, none of them twice');
  if (settings.text('auth') !== 'off')
    problems.push(`${settings.raw('auth').from}: must be off: a quickstart has no password to log in with`);
  const config = {
    once: settings.flag('once'),
    directory: settings.directory('data-dir'),
    addresses,
    nativePort: settings.whole('native-port'),
    storagePort: settings.whole('storage-port'),
    jmxPorts,
  };
  refuseMistakes(problems, SETTINGS);
  return {
    ...config,
    coordinatorEnvironment: coordinatorEnvironment(settings, config.directory, flags, env),
  };
}

function coordinatorEnvironment(
  settings: SettingReader,
  directory: string,
  flags: ReadonlyMap<string, string>,
  env: Environment,
): Record<string, string> {
  const handed: Record<string, string> = {};
  for (const { name, env: variable, kind } of COORDINATOR_SETTINGS) {
    const value = kind === 'list' ? settings.list(name).join(',') : settings.text(name);
    if (value !== null && value !== '') handed[variable] = value;
  }
  // The file may hold the quickstart's own settings, which the coordinator does not know; its values are in `handed`.
  handed[CONFIG_VARIABLES.coordinator] = '';
  // Checked with the flags as flags, so that a mistake is told by the name that the operator used.
  const said = COORDINATOR_SETTINGS.flatMap(({ name }) => {
    const value = flags.get(name);
    return value === undefined ? [] : [`--${name}=${value}`];
  });
  const { logLevel } = readConfig(said, { ...env, ...handed });
  handed['RINGMASTER_DATA_DIR'] = join(directory, 'coordinator');
  handed['RINGMASTER_LOG_LEVEL'] = logLevel === 'debug' ? 'debug' : 'info'; // its log says when it is ready
  return handed;
}
