// Where a program of a package has its settings and its state: the packages' launchers say by a variable that it is one.
import type { Setting } from './lists.ts';
import type { Environment } from './read.ts';

export const PACKAGED_VARIABLE = 'RINGMASTER_PACKAGED';

const PLACES = {
  agent: { file: '/etc/ringmaster/agent.yaml', state: '/var/lib/ringmaster-agent' },
  coordinator: { file: '/etc/ringmaster/coordinator.yaml', state: '/var/lib/ringmaster' },
} as const;

export const isPackaged = (env: Environment): boolean => env[PACKAGED_VARIABLE] === 'true';

/** The settings with the defaults that hold here, and the file they are read from unless another is named; '' for none. */
export function defaultsHere(
  program: keyof typeof PLACES,
  settings: readonly Setting[],
  env: Environment,
): { settings: readonly Setting[]; file: string } {
  if (!isPackaged(env)) return { settings, file: '' };
  const { file, state } = PLACES[program];
  return {
    settings: settings.map((known) => (known.name === 'data-dir' ? { ...known, fallback: state } : known)),
    file,
  };
}
