// The tarball's cache: made once, whole or not at all, whoever asks and however they end.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import {
  type JarSource,
  makeCassandraTarball,
  tarballCacheDirectory,
} from '../../../../coordinator/cli/quickstart/cassandra-tarball.ts';
import { suitsThisMachine } from '../../../../coordinator/cli/quickstart/tarball/maven-jars.ts';
import { recipeKey } from '../../../../coordinator/cli/quickstart/tarball/recipe.ts';
import { InvalidInput } from '../../../../shared/errors.ts';

const run = promisify(execFile);

describe('the Cassandra tarball', () => {
  let cacheDirectory: string;
  let fetches = 0;
  const jars: JarSource = async (version, into) => {
    fetches++;
    await mkdir(into, { recursive: true });
    for (const name of [
      `cassandra-all-${version}.jar`,
      'epoll-1-linux-x86_64.jar',
      'kqueue-1-osx-x86_64.jar',
    ]) {
      await writeFile(join(into, name), name);
    }
  };
  const make = (source: JarSource = jars) =>
    makeCassandraTarball({ version: '5.0.1', cacheDirectory, log: () => {} }, source);

  beforeEach(async () => {
    cacheDirectory = await mkdtemp(join(tmpdir(), 'tarballs-'));
    fetches = 0;
  });
  afterEach(() => rm(cacheDirectory, { recursive: true, force: true }));

  it("is laid out as Apache's is, with launchers that can be run", async () => {
    const { path } = await make();
    const { stdout } = await run('tar', ['-tvzf', path]);
    const modes = new Map(
      stdout
        .trim()
        .split('\n')
        .map((line) => [line.split(' ').at(-1) ?? '', line.slice(0, 10)]),
    );
    expect(modes.get('apache-cassandra-5.0.1/bin/cassandra')).to.equal('-rwxr-xr-x');
    expect(modes.get('apache-cassandra-5.0.1/bin/nodetool')).to.equal('-rwxr-xr-x');
    expect(modes.get('apache-cassandra-5.0.1/conf/cassandra.yaml')).to.equal('-rw-r--r--');
    expect([...modes.keys()]).to.include('apache-cassandra-5.0.1/lib/cassandra-all-5.0.1.jar');
    expect([...modes.keys()].join()).not.to.include('osx');
  });

  it('has a checksum beside it that sha256sum accepts', async () => {
    const { path, sha256 } = await make();
    await run('sha256sum', ['-c', `${basename(path)}.sha256`], { cwd: dirname(path) });
    expect(await readFile(`${path}.sha256`, 'utf8')).to.equal(`${sha256}  ${basename(path)}\n`);
  });

  it('is made once, and found the next time', async () => {
    const first = await make();
    expect(await make()).to.deep.equal(first);
    expect(fetches).to.equal(1);
  });

  it('carries no time, owner or mode of the machine that made it', async () => {
    const { path } = await make();
    const { stdout } = await run('tar', ['--utc', '-tvzf', path]);
    for (const line of stdout.trim().split('\n')) {
      expect(line).to.match(/^(-rw-r--r--|[-d]rwxr-xr-x) 0\/0 +\d+ 2020-01-01 00:00 /);
    }
  });

  it('has the same bytes when it is made again', async () => {
    const first = await make();
    await rm(dirname(first.path), { recursive: true });
    expect((await make()).sha256).to.equal(first.sha256);
    expect(fetches).to.equal(2);
  });

  it('is made again when what is kept is damaged', async () => {
    const first = await make();
    await truncate(first.path, 100);
    expect(await make()).to.deep.equal(first);
    expect(fetches).to.equal(2);
  });

  it('is made once by two that ask at the same time', async () => {
    const [one, other] = await Promise.all([make(), make()]);
    expect(one).to.deep.equal(other);
    expect(fetches).to.equal(1);
  });

  it('leaves nothing behind when the jars cannot be had', async () => {
    const failure = await make(() => Promise.reject(new Error('offline'))).catch((error: unknown) => error);
    expect(failure).to.have.property('message', 'offline');
    expect(await readdir(cacheDirectory)).to.deep.equal(['.lock']);
  });

  it('clears away what a killed run left', async () => {
    await mkdir(join(cacheDirectory, '.making-abc', 'lib'), { recursive: true });
    await make();
    expect((await readdir(cacheDirectory)).filter((name) => name.startsWith('.making-'))).to.deep.equal([]);
  });

  it('refuses what is no version before it reaches a path or a pom', async () => {
    for (const version of ['latest', '../5.0.1', '5.0', '']) {
      const failure = await makeCassandraTarball({ version, cacheDirectory, log: () => {} }, jars).catch(
        (e) => e,
      );
      expect(failure, version).to.be.instanceOf(InvalidInput);
    }
  });

  it('keeps jars of this processor and jars without native code', () => {
    const kept = (architecture: string) =>
      ['a-1.2.jar', 'e-linux-x86_64.jar', 'e-linux-aarch_64.jar', 'e-linux-riscv64.jar', 'k-osx-aarch_64.jar']
        .concat('w-windows-x86_64.jar')
        .filter((jar) => suitsThisMachine(jar, architecture));
    expect(kept('x64')).to.deep.equal(['a-1.2.jar', 'e-linux-x86_64.jar']);
    expect(kept('arm64')).to.deep.equal(['a-1.2.jar', 'e-linux-aarch_64.jar']);
  });

  it('gets another key for another version, processor, file or content', () => {
    const asset = { path: 'conf/a', bytes: Buffer.from('x'), isProgram: false };
    const keys = [
      recipeKey('5.0.1', 'x64', [asset]),
      recipeKey('5.0.2', 'x64', [asset]),
      recipeKey('5.0.1', 'arm64', [asset]),
      recipeKey('5.0.1', 'x64', [{ ...asset, path: 'conf/b' }]),
      recipeKey('5.0.1', 'x64', [{ ...asset, bytes: Buffer.from('y') }]),
    ];
    expect(new Set(keys).size).to.equal(keys.length);
  });

  it('lives in the cache directory of the user', () => {
    expect(tarballCacheDirectory({ XDG_CACHE_HOME: '/c' })).to.equal('/c/ringmaster/tarballs');
    expect(tarballCacheDirectory({ HOME: '/h' })).to.equal('/h/.cache/ringmaster/tarballs');
    expect(tarballCacheDirectory({ HOME: '/h', XDG_CACHE_HOME: 'relative' })).to.equal(
      '/h/.cache/ringmaster/tarballs',
    );
  });
});
