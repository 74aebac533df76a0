// The whole family of RINGMASTER_ variables, so that one environment serves every program and a mistyped name is told.
import { nearestWord } from '../nearest-word.ts';
import { AGENT_SETTINGS, CONFIG_VARIABLES, COORDINATOR_SETTINGS, QUICKSTART_SETTINGS } from './lists.ts';
import { PACKAGED_VARIABLE } from './packaged.ts';
import type { Environment } from './read.ts';

/** What an operator may have meant. */
const GIVEN: readonly string[] = [
  ...[...COORDINATOR_SETTINGS, ...AGENT_SETTINGS, ...QUICKSTART_SETTINGS].map(({ env }) => env),
  ...Object.values(CONFIG_VARIABLES),
  'RINGMASTER_MASTER_KEY',
  // of the command line
  'RINGMASTER_URL',
  'RINGMASTER_TOKEN',
];
const KNOWN: readonly string[] = [...GIVEN, PACKAGED_VARIABLE];
const PREFIX = 'RINGMASTER_';
/** What tests are told is theirs alone. */
const OF_TESTS = 'RINGMASTER_TEST_';

/** One problem a name that no program of ours knows; without its value, which may be a secret. */
export function unknownVariables(env: Environment): string[] {
  return Object.keys(env)
    .filter((name) => name.startsWith(PREFIX) && !name.startsWith(OF_TESTS) && !KNOWN.includes(name))
    .map((name) => {
      // What all of them begin with would make any word look near.
      const words = GIVEN.map((known) => known.slice(PREFIX.length));
      const near = nearestWord(name.slice(PREFIX.length), words);
      return `unknown environment variable ${name}${near === null ? '' : `; did you mean ${PREFIX}${near}?`}`;
    });
}
