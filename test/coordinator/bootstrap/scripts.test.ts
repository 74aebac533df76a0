// What is run on hosts, by a shell of this machine and with programs that are made up.
import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import {
  INSTALL,
  LOOK,
  MAKE_UPLOAD_DIRECTORY,
  uploadDirectory,
} from '../../../coordinator/bootstrap/scripts.ts';
import { readHostFacts } from '../../../coordinator/core/bootstrap.ts';

const run = promisify(execFile);

describe('what is run on hosts', () => {
  let bin: string;
  beforeEach(async () => {
    bin = await mkdtemp(join(tmpdir(), 'host-programs-'));
  });
  afterEach(() => rm(bin, { recursive: true, force: true }));

  const program = async (name: string, body: string): Promise<void> => {
    await writeFile(join(bin, name), `#!/bin/sh\n${body}\n`);
    await chmod(join(bin, name), 0o755);
  };
  const look = async () => {
    const env = { PATH: `${bin}:/usr/bin:/bin` };
    return readHostFacts((await run('sh', ['-c', LOOK], { env })).stdout);
  };

  describe('finds an agent', () => {
    beforeEach(async () => {
      await program(
        'ringmaster-agent',
        'case $1 in version) echo 0.1.0;; status) echo "node: not enrolled"; exit 4;; esac',
      );
      await program('rpm', 'exit 1');
    });
    const known = (state: string) =>
      program('dpkg-query', `case "$*" in *'\${db:Status-Abbrev}'*) printf '${state}' ;; *) exit 2 ;; esac`);

    it('that dpkg has wholly installed, or that it knows nothing of', async () => {
      for (const state of ['ii ', 'hi ', 'rc ', '']) {
        await known(state);
        expect((await look()).agentVersion, state).to.equal('0.1.0');
      }
    });

    it('not where dpkg was cut off in the middle of it', async () => {
      for (const state of ['iF ', 'iU ', 'iH ', 'iiR']) {
        await known(state);
        expect((await look()).agentVersion, state).to.equal(null);
      }
    });

    it('not where rpm has one that does not run', async () => {
      await known('');
      await program('rpm', 'exit 0');
      expect((await look()).agentVersion).to.equal('0.1.0');
      await program('ringmaster-agent', 'exit 127');
      expect((await look()).agentVersion).to.equal(null);
    });
  });

  it('finds a service that is masked, also before there is one', async () => {
    await program('systemctl', '[ "$*" = "is-enabled ringmaster-agent" ] && echo masked; exit 1');
    expect((await look()).unmask).to.equal('unmask');
    await program('systemctl', 'echo not-found; exit 4');
    expect((await look()).unmask).to.equal(null);
  });

  it('installs by an apt that asks nothing and restarts no service by itself, and only what was sent', async () => {
    const file = join(bin, 'agent.deb');
    const env = { PATH: `${bin}:/usr/bin:/bin` };
    await program('dpkg', 'exit 0');
    await program('apt-get', `env >${bin}/seen`);
    const install = async (digest: string) => {
      await writeFile(file, 'package');
      return await run('sh', ['-c', INSTALL, 'sh', file, digest, 'deb'], { env });
    };
    await install(createHash('sha256').update('package').digest('hex'));
    expect((await readFile(join(bin, 'seen'), 'utf8')).split('\n')).to.include.members([
      'DEBIAN_FRONTEND=noninteractive',
      'NEEDRESTART_SUSPEND=1',
      'APT_LISTCHANGES_FRONTEND=none',
      'LC_ALL=C',
    ]);
    expect(existsSync(file), 'it is run again where another holds the lock').to.equal(true);
    await rm(join(bin, 'seen'));
    const refused = await install('0'.repeat(64)).catch(({ code }) => code);
    expect(refused).to.equal(90);
    expect(existsSync(join(bin, 'seen'))).to.equal(false);
  });

  it('makes a directory of its own, and removes what was left there hours ago', async () => {
    const [own, other, old] = [0, 1, 2].map(() => uploadDirectory(randomUUID())) as [string, string, string];
    const isThere = (path: string) =>
      stat(path).then(
        () => true,
        () => false,
      );
    try {
      await mkdir(other);
      await mkdir(old);
      await utimes(old, new Date(), new Date(Date.now() - 10_800_000));
      await run('sh', ['-c', MAKE_UPLOAD_DIRECTORY, 'sh', own]);
      expect((await stat(own)).mode & 0o777).to.equal(0o700);
      expect([await isThere(other), await isThere(old)]).to.deep.equal([true, false]);
    } finally {
      for (const path of [own, other, old]) await rm(path, { recursive: true, force: true });
    }
  });
});
