// What the programs answer to --help: every setting with its variable and default, and no start.
import { execFile } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import {
  AGENT_SETTINGS,
  COORDINATOR_SETTINGS,
  QUICKSTART_SETTINGS,
} from '../shared/program-settings/lists.ts';

const PROGRAMS = {
  'coordinator/main': COORDINATOR_SETTINGS,
  'agent/main': AGENT_SETTINGS,
  'coordinator/cli/quickstart/main': [...QUICKSTART_SETTINGS, ...COORDINATOR_SETTINGS],
};

describe('--help', function () {
  this.timeout(30_000);
  for (const [program, settings] of Object.entries(PROGRAMS)) {
    it(`of ${program} tells every setting by name, variable and default, and ends with 0`, async () => {
      const path = fileURLToPath(new URL(`../${program}${extname(import.meta.url)}`, import.meta.url));
      const argv = [...process.execArgv, path, ...(program === 'agent/main' ? ['run'] : []), '--help'];
      const { stdout } = await promisify(execFile)(process.execPath, argv);
      const words = stdout.split(/[\s,()]+/);
      for (const { name, env } of settings) expect(words).to.include(`--${name}`).and.to.include(env);
      expect(stdout).to.match(/default info\b/);
    });
  }

  it('tells the defaults of a package where the program is from one', async () => {
    const PLACES = {
      'coordinator/main': [/\/etc\/ringmaster\/coordinator\.yaml/, /default\s+\/var\/lib\/ringmaster\n/],
      'agent/main': [/\/etc\/ringmaster\/agent\.yaml/, /default\s+\/var\/lib\/ringmaster-agent\)/],
    };
    for (const [program, places] of Object.entries(PLACES)) {
      const path = fileURLToPath(new URL(`../${program}${extname(import.meta.url)}`, import.meta.url));
      const argv = [...process.execArgv, path, ...(program === 'agent/main' ? ['run'] : []), '--help'];
      const env = { ...process.env, RINGMASTER_PACKAGED: 'true' };
      const { stdout } = await promisify(execFile)(process.execPath, argv, { env });
      for (const place of places) expect(stdout).to.match(place);
    }
  });
});
