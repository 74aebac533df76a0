// Programs that the host runs: argv only, no environment of ours, bounded output and time, and why one could not be started.
import { extname } from 'node:path';
import { expect } from 'chai';
import { LinuxHost } from '../../../agent/host/linux-host.ts';
import { failureOf } from '../../support/failure-of.ts';

const HOST_MODULE = new URL(`../../../agent/host/linux-host${extname(import.meta.url)}`, import.meta.url);

describe('the Linux host', () => {
  const host = new LinuxHost();

  describe('programs', () => {
    it('never goes through a shell, and shows programs none of its own variables', async () => {
      const { stdout } = await host.run(['printf', '%s', '$HOME; $(id)'], { withinMs: 5_000 });
      expect(stdout).to.equal('$HOME; $(id)');
      const shown = (await host.run(['env'], { withinMs: 5_000 })).stdout.trim().split('\n');
      const names = shown.map((line) => line.split('=')[0]);
      // Node itself hands this one on while coverage is measured.
      expect(names.filter((name) => name !== 'NODE_V8_COVERAGE').sort()).to.deep.equal([
        'HOME',
        'LANG',
        'PATH',
      ]);
    });

    it('keeps the end of an output that is too long', async () => {
      const { stdout } = await host.run(['seq', '1', '100000'], { withinMs: 10_000 });
      expect(stdout.length).to.be.at.most(64 * 1024);
      expect(stdout.endsWith('100000\n')).to.equal(true);
    });

    it('ends a program that takes too long', async () => {
      const failure = await failureOf(host.run(['sleep', '60'], { withinMs: 50 }));
      expect(failure.subtype).to.equal('command-timed-out');
    });

    it('says so when there is no such program', async () => {
      expect((await failureOf(host.run(['no-such-program'], { withinMs: 50 }))).subtype).to.equal(
        'program-not-found',
      );
    });

    it('tells a missing folder to start it in from a missing program', async () => {
      const failure = await failureOf(host.run(['true'], { withinMs: 5_000, cwd: '/no/such/folder' }));
      expect(failure.subtype).to.equal('program-not-started');
      expect(failure.message).to.equal(`There is no folder /no/such/folder to start true in`);
    });

    it('says so of a file that is no folder to start it in', async () => {
      const failure = await failureOf(host.run(['true'], { withinMs: 5_000, cwd: '/etc/passwd' }));
      expect(failure).to.include({
        subtype: 'program-not-started',
        message: 'true could not be started: ENOTDIR',
      });
    });

    it('says so when no more files can be opened, and lives', async () => {
      const script = `import { openSync, writeSync } from 'node:fs';
        import { LinuxHost } from ${JSON.stringify(HOST_MODULE)};
        const host = new LinuxHost();
        try { for (;;) openSync('/dev/null'); } catch {}
        host.run(['true'], { withinMs: 5000 }).catch(({ subtype, message }) => writeSync(1, subtype + ': ' + message));`;
      const argv = [...process.execArgv, '--input-type=module', '--eval', script];
      const { stdout } = await host.run(
        ['sh', '-c', 'ulimit -n 64; exec "$@"', 'sh', process.execPath, ...argv],
        { withinMs: 30_000, cwd: process.cwd() },
      );
      expect(stdout).to.equal('program-not-started: true could not be started: EMFILE');
    });
  });
});
