// The class that loads a configuration, given to a real JVM.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { LinuxHost } from '../../../agent/host/linux-host.ts';
import { type ConfigLoader, LOADER, loaderClass, REFUSED } from '../../../agent/trial/loader-class.ts';

describe('the class that loads a configuration', function () {
  this.timeout(30_000);
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'loader-'));
  });
  after(() => rm(directory, { recursive: true }));

  const load = async (loader: ConfigLoader) => {
    await writeFile(join(directory, `${LOADER}.class`), loaderClass(loader));
    const argv = ['java', '-Xshare:auto', '-XX:TieredStopAtLevel=1', '-cp', directory, LOADER] as const;
    return await new LinuxHost().run(argv, { withinMs: 20_000 });
  };

  it('ends well where what it calls does', async () => {
    expect(await load({ className: 'java/lang/System', method: 'gc' })).to.deep.equal({
      exitCode: 0,
      stdout: '',
      stderr: '',
    });
  });

  it('tells what was thrown, and ends as nothing else does', async () => {
    const { exitCode, stderr } = await load({ className: 'java/util/Objects', method: 'noSuchMethod' });
    expect(exitCode).to.equal(REFUSED);
    expect(stderr).to.match(/^java\.lang\.NoSuchMethodError: .*noSuchMethod/);
  });
});
