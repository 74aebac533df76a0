// Repositories of a bed are taken as those of a vendor are: by their signature, by apt and by dnf, or not at all.
import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { TestHost } from './bed/host.ts';
import { type Bed, startHosts } from './bed/start-hosts.ts';
import { dsePackages } from './packages/database-packages.ts';
import { Repository } from './packages/repository.ts';
import { SigningKey } from './packages/signing-key.ts';
import { stubPackage } from './packages/stub-package.ts';

const APT = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', '-y'] as const;

const dpkgKnows = (host: TestHost, name: string, field: string): Promise<string> =>
  host.run(['dpkg-query', '-W', '-f', `\${${field}}`, name]);

describe('test repositories', function () {
  this.timeout(180_000);
  let bed: Bed<'debian' | 'rocky'>;
  let key: SigningKey;

  before(async () => {
    bed = await startHosts({ debian: 'deb', rocky: 'rpm' });
    key = await SigningKey.make();
  });
  after(async () => {
    await bed?.stop();
    await key?.remove();
  });

  /** A repository with one small package, which only this host is told of. */
  async function oneStub(host: TestHost, name: string, flavour: 'deb' | 'rpm'): Promise<Repository> {
    const files = { [`/etc/${name}/settings`]: 'first\n', [`/usr/share/${name}/program`]: 'bytes\n' };
    const packages = [stubPackage({ name, version: '1.0', files })];
    const repository = await Repository.open(bed, name, { flavour, key, packages });
    await host.run(['sh', '-c', 'rm -f /etc/apt/sources.list.d/* /etc/yum.repos.d/*']);
    await repository.makeKnownTo(host);
    return repository;
  }

  describe('for apt', () => {
    it('are installed from when their signature is good', async () => {
      const { debian } = bed.hosts;
      await oneStub(debian, 'good-stub', 'deb');
      await debian.run([...APT, 'update']);
      await debian.run([...APT, 'install', 'good-stub=1.0']);
      expect(await dpkgKnows(debian, 'good-stub', 'Status')).to.equal('install ok installed');
      expect(await dpkgKnows(debian, 'good-stub', 'Conffiles')).to.include('/etc/good-stub/settings');
    });

    it('are refused when they are not signed', async () => {
      const { debian } = bed.hosts;
      const { directory } = await oneStub(debian, 'unsigned-stub', 'deb');
      await writeFile(join(directory, 'InRelease'), await readFile(join(directory, 'Release')));
      await writeFile(join(directory, 'Release.gpg'), '');
      const { exitCode, output } = await debian.exec([...APT, 'update']);
      expect(exitCode).to.equal(100);
      expect(output).to.match(/not signed|NOSPLIT|no longer signed/i);
      expect((await debian.exec([...APT, 'install', 'unsigned-stub'])).exitCode).to.equal(100);
    });

    it('are refused when another key has signed them', async () => {
      const { debian } = bed.hosts;
      const { directory } = await oneStub(debian, 'strange-stub', 'deb');
      const another = await SigningKey.make();
      try {
        await another.sign('--clearsign', join(directory, 'Release'), join(directory, 'InRelease'));
      } finally {
        await another.remove();
      }
      const { exitCode, output } = await debian.exec([...APT, 'update']);
      expect(exitCode).to.equal(100);
      expect(output).to.include('NO_PUBKEY');
    });

    it('are refused when a package is not the one that was signed', async () => {
      const { debian } = bed.hosts;
      const { directory } = await oneStub(debian, 'damaged-stub', 'deb');
      await debian.run([...APT, 'update']);
      const deb = join(directory, 'damaged-stub_1.0_all.deb');
      const bytes = await readFile(deb);
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1; // of the same length, as only a hash can tell
      await writeFile(deb, bytes);
      const { exitCode, output } = await debian.exec([...APT, 'install', 'damaged-stub']);
      expect(exitCode).to.equal(100);
      expect(output).to.include('Hash Sum mismatch');
    });

    it('offer a new version once it was added, and the failures that a test asks for', async () => {
      const { debian } = bed.hosts;
      const repository = await oneStub(debian, 'growing-stub', 'deb');
      await debian.run([...APT, 'update']);
      await debian.run([...APT, 'install', 'growing-stub']);
      await repository.add(stubPackage({ name: 'growing-stub', version: '2.0', afterInstall: 'exit 7' }));
      await debian.run([...APT, 'update']);
      const { exitCode, output } = await debian.exec([...APT, 'install', 'growing-stub=2.0']);
      expect(exitCode).to.equal(100);
      expect(output).to.match(/post-installation script.*exit status 7/);
      expect(await dpkgKnows(debian, 'growing-stub', 'db:Status-Abbrev')).to.equal('iF ');
      await debian.run(['dpkg', '--purge', 'growing-stub']);
    });

    it('bring DSE under its own names and paths', async () => {
      const { debian } = bed.hosts;
      const packages = await dsePackages('6.8.50', '4.1.7', 'deb');
      await debian.run(['sh', '-c', 'rm /etc/apt/sources.list.d/*']);
      const repository = await Repository.open(bed, 'dse', { flavour: 'deb', key, packages });
      await repository.makeKnownTo(debian, 'dse');
      await debian.run([...APT, 'update']);
      await debian.run([...APT, 'install', 'dse-full=6.8.50']);
      expect((await debian.run(['dse', '-v'])).trim()).to.equal('6.8.50');
      await debian.run(['test', '-f', '/etc/dse/dse.yaml', '-a', '-f', '/etc/dse/cassandra/cassandra.yaml']);
      expect((await debian.run(['stat', '-c', '%U', '/var/lib/cassandra'])).trim()).to.equal('cassandra');
      expect((await debian.exec(['systemctl', 'is-active', 'dse'])).output.trim()).to.equal('inactive');
    });
  });

  describe('for dnf', () => {
    it('are installed from when their signatures are good', async () => {
      const { rocky } = bed.hosts;
      await oneStub(rocky, 'good-rpm', 'rpm');
      await rocky.run(['dnf', '-y', 'install', 'good-rpm-1.0']);
      expect((await rocky.run(['rpm', '-qc', 'good-rpm'])).trim()).to.equal('/etc/good-rpm/settings');
      await rocky.run(['rpm', '-V', 'good-rpm']);
    });

    it('are refused when their index is not the one that was signed', async () => {
      const { rocky } = bed.hosts;
      const { directory } = await oneStub(rocky, 'changed-rpm', 'rpm');
      await appendFile(join(directory, 'repodata', 'repomd.xml'), '\n');
      const { exitCode, output } = await rocky.exec(['dnf', '-y', 'install', 'changed-rpm']);
      expect(exitCode).to.equal(1);
      expect(output).to.match(/GPG verification|Bad PGP signature|repomd.xml GPG signature/);
    });

    it('are refused when a package is damaged', async () => {
      const { rocky } = bed.hosts;
      const { directory } = await oneStub(rocky, 'damaged-rpm', 'rpm');
      const name = (await readdir(directory)).find((entry) => entry.endsWith('.rpm')) ?? '';
      const bytes = await readFile(join(directory, name));
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
      await writeFile(join(directory, name), bytes);
      const { exitCode, output } = await rocky.exec(['dnf', '-y', 'install', 'damaged-rpm']);
      expect(exitCode).to.equal(1);
      expect(output).to.match(/checksum|digest/i);
    });

    it('are what yum installs from, on a host that has no apt', async () => {
      const { rocky } = bed.hosts;
      await oneStub(rocky, 'yum-rpm', 'rpm');
      await rocky.run(['yum', '-y', 'install', 'yum-rpm']);
      expect((await rocky.exec(['which', 'apt-get'])).exitCode).to.equal(1);
      expect(await rocky.run(['cat', '/etc/os-release'])).to.include('ID="rocky"');
    });
  });
});
