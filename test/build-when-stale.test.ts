// What `npm run ringmaster` does before it runs: a build when there is none, or an older one, and nothing otherwise.
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';

const ROOT = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../' : '../../', import.meta.url));

describe('npm run ringmaster', function () {
  this.timeout(30_000);
  let directory: string;
  const at = (path: string): string => join(directory, path);
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'stale-'));
    for (const folder of ['agent', 'coordinator/cli', 'proto', 'shared', '.config'])
      await mkdir(at(folder), { recursive: true });
    await cp(`${ROOT}.config/build-when-stale`, at('.config/build-when-stale'));
    const { scripts } = JSON.parse(await readFile(`${ROOT}package.json`, 'utf8'));
    const { preringmaster, build } = scripts as Record<string, string>;
    expect(build).to.match(
      /^mkdir -p dist && rm -f dist\/built && touch dist\/building && .* && mv dist\/building dist\/built$/,
    );
    const stub =
      'mkdir -p dist && touch dist/building && echo builds && test ! -e broken && mv dist/building dist/built';
    await writeFile(
      at('package.json'),
      JSON.stringify({ scripts: { preringmaster, build: stub, ringmaster: 'echo runs' } }),
    );
    for (const file of [
      'package-lock.json',
      'tsconfig.json',
      'coordinator/cli/main.ts',
      'coordinator/cli/run.ts',
    ])
      await writeFile(at(file), '');
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));
  const run = async (): Promise<string> =>
    (
      await promisify(execFile)('npm', ['run', '-s', 'ringmaster'], { cwd: directory }).catch(
        (error) => error,
      )
    ).stdout;

  it('builds what is not built yet, and then no more', async () => {
    expect(await run()).to.equal('builds\nruns\n');
    expect(await run()).to.equal('runs\n');
  });

  it('builds again once a source was changed or is gone, and after a build that failed', async () => {
    await run();
    const later = new Date(Date.now() + 60_000);
    await utimes(at('coordinator/cli/main.ts'), later, later);
    expect(await run()).to.equal('builds\nruns\n');
    const before = new Date(Date.now() - 60_000);
    await utimes(at('coordinator/cli/main.ts'), before, before);
    expect(await run()).to.equal('runs\n');
    await rm(at('coordinator/cli/run.ts'));
    await writeFile(at('broken'), '');
    expect(await run()).to.equal('builds\n');
    await rm(at('broken'));
    expect(await run()).to.equal('builds\nruns\n');
  });
});
