// The agent's command line: what it says and ends with where a word of it is wrong, and of each command.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const MAIN = fileURLToPath(new URL(`../../agent/main${extname(import.meta.url)}`, import.meta.url));

describe('the command line of the agent', function () {
  this.timeout(20_000);

  const said = async (argv: readonly string[]): Promise<{ code: number; err: string }> => {
    const child = spawn(process.execPath, [...process.execArgv, MAIN, ...argv], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const [err, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    return { code, err };
  };

  it('ends with 2 where it is wrong, whatever is wrong about it', async () => {
    for (const argv of [
      ['--colour', 'red'],
      ['enrol', 'one', 'two'],
      ['status', '--log-level', 'loud'],
    ])
      expect(await said(argv), argv.join(' ')).to.have.property('code', 2);
  });
});
