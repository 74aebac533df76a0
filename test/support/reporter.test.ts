// The line that machines read at the end of a run: there whatever the outcome, alone and last.
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect } from 'chai';

describe('the reporter', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'reporter-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const lastLineOf = async (tests: string): Promise<string | undefined> => {
    const suite = join(directory, 'suite.test.cjs');
    await writeFile(suite, tests);
    const mocha = resolve('node_modules/mocha/bin/mocha.js');
    const argv = [mocha, '--no-config', '--reporter', resolve('test/support/reporter.mjs'), suite];
    return spawnSync(process.execPath, argv, { encoding: 'utf8' }).stdout.split('\n').at(-2);
  };

  it('counts what passed, failed and was skipped', async () => {
    const tests = `
      it('a', () => {}); it('b', () => {}); it('c', () => { throw new Error('no'); }); it.skip('d', () => {});`;
    expect(await lastLineOf(tests)).to.equal('2 passed, 1 failed, 1 skipped');
  });

  it('counts a hook that fails', async () => {
    expect(await lastLineOf(`before(() => { throw new Error('no'); }); it('a', () => {});`)).to.equal(
      '0 passed, 1 failed, 0 skipped',
    );
  });

  it('says so when there was nothing to run', async () => {
    expect(await lastLineOf('')).to.equal('0 passed, 0 failed, 0 skipped');
  });
});
