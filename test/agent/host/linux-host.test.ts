// The real host in temporary directories: files, programs, tarballs, downloads.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { LinuxHost } from '../../../agent/host/linux-host.ts';
import { unpackTarball } from '../../../agent/host/tarball.ts';
import { shownUrl } from '../../../shared/mask.ts';
import { failureOf } from '../../support/failure-of.ts';
import { freePort } from '../../support/free-port.ts';

describe('the Linux host', () => {
  const host = new LinuxHost();
  let directory: string;
  const at = (name: string): string => join(directory, name);
  const tar = async (...argv: string[]): Promise<void> => {
    const { exitCode, stderr } = await host.run(['tar', ...argv], { withinMs: 10_000, cwd: directory });
    expect(exitCode, stderr).to.equal(0);
  };

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ringmaster-host-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  describe('files', () => {
    it('keeps the mode of a file that it replaces, and leaves no temporary file', async () => {
      await writeFile(at('a'), 'old');
      await chmod(at('a'), 0o604);
      await host.replaceText(at('a'), 'new', 0o600);
      expect(await readFile(at('a'), 'utf8')).to.equal('new');
      expect((await stat(at('a'))).mode & 0o7777).to.equal(0o604);
      expect(await readdir(directory)).to.deep.equal(['a']);
    });

    it('takes rights from a file that may not have them any more', async () => {
      await writeFile(at('a'), 'old');
      await chmod(at('a'), 0o654);
      await host.replaceText(at('a'), 'new', 0o640, 0o7770);
      expect((await stat(at('a'))).mode & 0o7777).to.equal(0o650);
    });

    it('gives a new file the mode that was asked for', async () => {
      await host.replaceText(at('a'), 'new', 0o640);
      expect((await stat(at('a'))).mode & 0o7777).to.equal(0o640);
    });

    it('neither reads nor writes through a symbolic link', async () => {
      await writeFile(at('target'), 'theirs');
      await symlink(at('target'), at('link'));
      expect((await failureOf(host.readText(at('link')))).subtype).to.equal('symlink-refused');
      expect((await failureOf(host.replaceText(at('link'), 'x'))).subtype).to.equal('symlink-refused');
      expect(await readFile(at('target'), 'utf8')).to.equal('theirs');
    });

    it('waits for nobody at the other end of a pipe that was put in the place of a file', async () => {
      execFileSync('mkfifo', [at('system.log')]);
      expect((await failureOf(host.readText(at('system.log')))).subtype).to.equal('not-a-file');
      expect((await failureOf(host.sha256(at('system.log')))).message).to.contain('is no regular file');
      expect(await host.readTail(at('system.log'), 10)).to.equal('');
      expect(await host.zipEntry(at('system.log'), 'any')).to.equal(null);
      const output = { cwd: '/', env: {}, outputPath: at('system.log') };
      expect((await failureOf(host.spawnDetached(['true'], output))).subtype).to.equal('not-a-file');
    });

    it('says null for a file that is not there, and an empty tail', async () => {
      expect(await host.readText(at('none'))).to.equal(null);
      expect(await host.readTail(at('none'), 10)).to.equal('');
    });

    it('reads the last bytes of a log', async () => {
      await writeFile(at('log'), 'first\nlast\n');
      expect(await host.readTail(at('log'), 5)).to.equal('last\n');
      const size = await host.sizeOf(at('log'));
      expect(await host.readTail(at('log'), 100, size - 3)).to.equal('st\n');
      expect((await host.readTail(at('log'), 5, size + 1)).length, 'a log begun anew').to.equal(5);
    });

    it('makes a directory once', async () => {
      expect(await host.ensureDirectory(at('x/y'), 0o750)).to.equal(true);
      expect(await host.ensureDirectory(at('x/y'), 0o750)).to.equal(false);
    });

    it('makes no directory where a file is, or below one, and names that file', async () => {
      await writeFile(at('file'), '');
      const there = await failureOf(host.ensureDirectory(at('file'), 0o750));
      expect(there).to.include({ subtype: 'not-a-directory', resource: at('file') });
      const below = await failureOf(host.ensureDirectory(at('file/x/y'), 0o750));
      expect(below).to.include({ subtype: 'not-a-directory', resource: at('file') });
      expect(below.message).to.equal(
        `The directory ${at('file/x/y')} cannot be made, since ${at('file')} is a file`,
      );
    });

    it('takes a directory that cannot be looked at for no missing one', async () => {
      expect(await host.realDirectory(at('nowhere'))).to.equal(null);
      await symlink(at('loop'), at('loop'));
      expect((await failureOf(host.realDirectory(at('loop')))).subtype).to.equal('symlink-refused');
    });
  });

  it('removes a directory with all below it, of a link only itself, and what is not there without a word', async () => {
    await mkdir(at('old/conf'), { recursive: true });
    await mkdir(at('data'));
    await writeFile(at('data/rows'), 'kept');
    await symlink(at('data'), at('old/conf/data'));
    await host.remove(at('old'));
    await symlink(at('data'), at('link'));
    for (const name of ['link', 'old']) await host.remove(at(name));
    expect(await readdir(directory)).to.deep.equal(['data']);
    expect(await readFile(at('data/rows'), 'utf8')).to.equal('kept');
  });

  describe('tarballs', () => {
    it('unpacks the one folder of a tarball as the directory', async () => {
      await mkdir(at('top/bin'), { recursive: true });
      await writeFile(at('top/bin/run'), 'x', { mode: 0o755 });
      await tar('-czf', 'good.tar.gz', 'top');
      await host.unpackTarball(at('good.tar.gz'), at('home'), { withinMs: 10_000 });
      expect((await stat(at('home/bin/run'))).mode & 0o100).to.equal(0o100);
      expect(await readdir(directory)).to.not.include('home.partial');
    });

    it('leaves nothing behind of a tarball that is damaged', async () => {
      await writeFile(at('bad.tar.gz'), 'this is no tarball');
      const failure = await failureOf(host.unpackTarball(at('bad.tar.gz'), at('home'), { withinMs: 10_000 }));
      expect(failure.subtype).to.equal('unpack-failed');
      expect(failure.message).to.equal(
        `Could not unpack ${at('bad.tar.gz')}: gzip: stdin: not in gzip format`,
      );
      expect(await readdir(directory)).to.deep.equal(['bad.tar.gz']);
    });

    it('says of a disk that is full how much room there was, and for what', async () => {
      await writeFile(at('big.tar.gz'), 'x'.repeat(1_234));
      const full = async () => ({
        exitCode: 2,
        stdout: '',
        stderr: 'tar: a: Cannot write: No space left on device\n',
      });
      const failure = await failureOf(
        unpackTarball(full, at('big.tar.gz'), at('home'), { withinMs: 10_000 }),
      );
      expect(failure).to.include({ subtype: 'disk-full', resource: at('home') });
      expect(failure.message).to.match(/\d{4,} bytes were free, and 1234 bytes packed take more$/);
    });

    it('lets no member of a hostile tarball out of the directory', async () => {
      await mkdir(at('top'));
      await writeFile(at('evil'), 'x');
      await tar('-czPf', 'hostile.tar.gz', '--transform=s,^evil$,top/../../escaped,', 'top', 'evil');
      const failure = await failureOf(
        host.unpackTarball(at('hostile.tar.gz'), at('a/home'), { withinMs: 10_000 }),
      );
      expect(failure.subtype).to.equal('unpack-failed');
      expect(await host.exists(at('escaped'))).to.equal(false);
      expect(await host.exists(at('a/escaped'))).to.equal(false);
    });

    it('writes through no link that a hostile tarball brings along', async () => {
      await mkdir(at('outside'));
      await mkdir(at('top'));
      await symlink(at('outside'), at('top/link'));
      await writeFile(at('evil'), 'x');
      await tar('-cf', 'h.tar', 'top');
      await tar('-rf', 'h.tar', '--transform=s,^evil$,top/link/evil,', 'evil');
      await host.run(['gzip', at('h.tar')], { withinMs: 5_000 });
      await host.unpackTarball(at('h.tar.gz'), at('home'), { withinMs: 10_000 }).catch(() => {});
      expect(await readdir(at('outside'))).to.deep.equal([]);
    });
  });

  it('knows on which addresses a database node could listen here', async () => {
    for (const own of ['127.0.0.1', '127.0.0.7', '0.0.0.0', '::', 'localhost'])
      expect(await host.listenFault(own), own).to.equal(null);
    expect(await host.listenFault('192.0.2.7')).to.equal('EADDRNOTAVAIL'); // RFC 5737
    expect(await host.listenFault('no-such-host.invalid')).to.match(/^(ENOTFOUND|EAI_AGAIN)$/); // RFC 2606
  });

  describe('downloads', () => {
    let server: Server;
    let url: string;
    let asked: (string | undefined)[];
    beforeEach(async () => {
      asked = [];
      server = createServer((request, response) => {
        asked.push(request.headers.authorization);
        if (request.url === '/silent') return;
        if (request.url === '/short') {
          response.writeHead(200, { 'content-length': '100' }).write('abc', () => response.destroy());
          return;
        }
        response.writeHead(request.url === '/file' ? 200 : 404).end('abc');
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const address = server.address();
      url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
    });
    afterEach(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });

    it('fetches a file with credentials and counts its bytes', async () => {
      let bytes = 0;
      const onBytes = (n: number) => {
        bytes += n;
      };
      const options = { withinMs: 5_000, username: 'me', password: 'secret', onBytes };
      await host.download(`${url}/file`, at('got'), options);
      expect(bytes).to.equal(3);
      expect(asked).to.deep.equal([`Basic ${Buffer.from('me:secret').toString('base64')}`]);
      expect(await host.sha256(at('got'))).to.equal(createHash('sha256').update('abc').digest('hex'));
    });

    it('fetches from a file URL', async () => {
      await writeFile(at('here'), 'abc');
      await host.download(`file://${at('here')}`, at('got'), { withinMs: 5_000 });
      expect(await readFile(at('got'), 'utf8')).to.equal('abc');
    });

    it('writes through no link that lies in its way', async () => {
      await writeFile(at('precious'), 'kept');
      await symlink(at('precious'), at('got.part'));
      await host.download(`${url}/file`, at('got'), { withinMs: 5_000 });
      await symlink(at('precious'), at('stdout.log'));
      const options = { cwd: directory, env: {}, outputPath: at('stdout.log') };
      const failure = await failureOf(host.spawnDetached(['/bin/echo', 'hi'], options));
      expect(failure.subtype).to.equal('symlink-refused');
      expect(await readFile(at('precious'), 'utf8')).to.equal('kept');
      expect(await readFile(at('got'), 'utf8')).to.equal('abc');
    });

    it('tells the status when the server refuses', async () => {
      const failure = await failureOf(host.download(`${url}/none`, at('got'), { withinMs: 5_000 }));
      expect(failure).to.include({ subtype: 'download-failed' });
      expect(failure.detail['status']).to.equal(404);
    });

    it('leaves no file when the body breaks off or the server is silent', async () => {
      expect(
        (await failureOf(host.download(`${url}/short`, at('got'), { withinMs: 5_000 }))).subtype,
      ).to.equal('download-failed');
      const silent = await failureOf(host.download(`${url}/silent`, at('got'), { withinMs: 100 }));
      expect(silent.message).to.equal(`Could not download ${url}/silent: not within 0.1 s`);
      expect(await readdir(directory)).to.deep.equal([]);
    });

    it('says why nothing came', async () => {
      const port = await freePort();
      const refused = await failureOf(
        host.download(`http://127.0.0.1:${port}/a`, at('got'), { withinMs: 5_000 }),
      );
      expect(refused.message).to.contain(`connect ECONNREFUSED 127.0.0.1:${port}`);
      const missing = await failureOf(host.download('file:///no/such/file', at('got'), { withinMs: 5_000 }));
      expect(missing.message).to.contain('ENOENT');
    });

    it('shows no credentials and no query of a URL', () => {
      expect(shownUrl('https://me:pw@h:1/a?token=x')).to.equal('https://h:1/a');
    });
  });

  it('knows the free space of a directory that is yet to be made', async () => {
    const facts = await host.facts(at('a/b/c'));
    expect(facts['free-disk-bytes']).to.be.above(0);
    expect(facts).to.include.keys('os', 'kernel', 'cpus', 'memory-bytes', 'time-zone');
  });
});
