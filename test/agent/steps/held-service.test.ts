// A database node that packages bring is started by nobody before it is configured: neither by their scripts nor by a boot of the host.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { nodeLeft, wordsOfFailure, wordsOfStop } from '../../../agent/node-left.ts';
import { recipes } from '../../../agent/recipes/index.ts';
import { StepFailed } from '../../../shared/errors.ts';
import type { RunInput } from '../../../shared/run-input.ts';
import { AptHost } from '../../support/apt-host.ts';
import { failureOf } from '../../support/failure-of.ts';
import { Scratch } from '../disk/scratch.ts';
import { Mortal } from '../mortal.ts';
import { beginIn, endOf, stepsOf } from '../reverting-rig.ts';
import { type DriveOptions, drive, packagedInputFor } from './step-driver.ts';

const STARTED_WITH = '/var/lib/ringmaster-agent/database/cassandra/started-with.sha256';
const POLICY = '/usr/sbin/policy-rc.d';
const REFUSED: Partial<RunInput> = { profile: { 'no-such-file': { a: 1 } } };

describe('a service that packages bring', () => {
  const scratch = new Scratch();
  let host: AptHost;
  const inputOf = (recipe: RunInput['recipe'], given: Partial<RunInput> = {}) =>
    packagedInputFor(recipe, given);
  const run = (
    recipe: RunInput['recipe'],
    given: Partial<RunInput> = {},
    onEvent: DriveOptions['onEvent'] = () => {},
  ) => {
    const input = inputOf(recipe, given);
    return drive(recipes[recipe](input), { host, input, onEvent });
  };
  const touches = () => host.done.filter((done) => !/^(write|remove|download) /.test(done));

  beforeEach(() => {
    host = new AptHost();
    host.offered.set('cassandra', ['5.0.9-1', '5.0.8-1', '5.0.7-1']);
  });
  afterEach(() => scratch.end());

  const installed = async (): Promise<void> => {
    await run('install', { version: '5.0.7' });
    host.done.length = 0;
  };

  it('stays down over a boot where its configuration is refused, until an install that writes one', async () => {
    expect((await failureOf(run('install', REFUSED))).subtype).to.equal('config-invalid');
    expect(host.packages.get('cassandra')?.state).to.equal('ii');
    host.boot();
    expect(host.running).to.equal(null);
    await run('install');
    expect([host.running === null, host.isHeld]).to.deep.equal([false, false]);
    host.boot();
    expect(host.running).to.not.equal(null);
  });

  it('is told as held down by a run that failed, or was stopped as asked', async () => {
    await failureOf(run('install', REFUSED));
    const input = inputOf('install');
    const left = await nodeLeft(host, input, recipes.install(input), { steps: [] });
    expect(wordsOfFailure(left, input)).to.equal(
      'The service cassandra is held down until a job has written the configuration of what was installed',
    );
    expect(wordsOfStop(left, input, 'validate-config')).to.equal(
      'Stopped as asked before the step validate-config was done: the database node does not run. Run install again for the rest, which starts it. The service cassandra is held down until a job has written the configuration of what was installed',
    );
  });

  it('is not started by a restart while it is held down', async () => {
    await failureOf(run('install', REFUSED));
    host.done.length = 0;
    const failure = await failureOf(run('restart'));
    expect([failure.subtype, touches()]).to.deep.equal(['service-held', []]);
    await run('configure');
    expect(host.running).to.not.equal(null);
  });

  it('is told as half-installed where its unit is not there: by an install again, and by nothing else', async () => {
    await failureOf(run('install', REFUSED));
    host.hasUnit = false;
    host.done.length = 0;
    for (const recipe of ['restart', 'configure'] as const) {
      const failure = await failureOf(run(recipe));
      expect([failure.subtype, touches()]).to.deep.equal(['service-held', []]);
      expect(failure.message).to.contain('left them half-installed. Run that job, or an install, again');
    }
    host.files.delete('/etc/systemd/system/cassandra.service.d/ringmaster-hold.conf');
    expect((await failureOf(run('restart'))).subtype, 'taken away by hand').to.equal('service-missing');
  });

  it('stays down over a boot in the middle of an upgrade', async () => {
    await installed();
    const running: boolean[] = [];
    await run('upgrade', {}, ({ subtype }) => {
      if (subtype !== 'config-files' || host.packages.get('cassandra')?.version !== '5.0.8-1') return;
      host.boot();
      running.push(host.running !== null);
    });
    expect(running).to.deep.equal([false]);
    expect([host.running === null, host.isHeld]).to.deep.equal([false, false]);
  });

  it('is let go where no package was changed: it starts as it was', async () => {
    await installed();
    const failure = await failureOf(
      run('upgrade', {}, ({ subtype }) => {
        if (subtype === 'node-stopped') host.alsoReplaces = 'libc6 [2.36] (2.37 Debian)';
      }),
    );
    expect(failure.subtype).to.equal('packages-would-change');
    expect([host.running, host.isHeld]).to.deep.equal([null, false]);
  });

  it('is let go as well where the agent that held it was killed before a package was changed', async () => {
    for (const recipe of ['install', 'upgrade'] as const) {
      host = new AptHost();
      host.offered.set('cassandra', ['5.0.8-1', '5.0.7-1']);
      if (recipe === 'upgrade') await installed();
      const input = inputOf(recipe);
      const directory = await scratch.directory();
      const { run: runs } = host;
      const mortal = new Mortal(Number.POSITIVE_INFINITY);
      host.run = async (argv, options) =>
        await (argv[0] === 'apt-get' && host.isHeld ? mortal.dies() : runs.call(host, argv, options));
      const before = await beginIn(scratch, () => mortal.reach(host))(stepsOf(input), input, directory);
      await mortal.death;
      await before.close();
      host.run = runs;
      host.alsoReplaces = 'libc6 [2.36] (2.37 Debian)';
      const after = await beginIn(scratch, () => host)(stepsOf(input), input, directory);
      const { events } = await endOf(after);
      expect(events.find(({ type }) => type === 'error')?.subtype, recipe).to.equal('packages-would-change');
      expect(host.isHeld, recipe).to.equal(false);
    }
  });

  it("keeps an operator's own mask, and fails by it", async () => {
    host.isMasked = true;
    expect((await failureOf(run('install'))).subtype).to.equal('service-masked');
    expect(host.isMasked).to.equal(true);
  });

  it('says how a mask is taken away that an agent of an earlier version may have left', async () => {
    host.isMasked = 'until-boot';
    expect((await failureOf(run('install'))).message).to.equal(
      'cassandra.service is masked on this host until its next boot, by an operator or by an earlier agent that ended in the middle of an installation: `systemctl unmask --runtime cassandra.service` allows it to be started',
    );
  });

  it('is not taken for one with the new files where somebody else has started it before these were written', async () => {
    await installed();
    const before = host.files.get(STARTED_WITH);
    const { events } = await run('upgrade', {}, async ({ message }, step) => {
      if (step !== 'write-config-files' || message !== 'Rendering the configuration files') return;
      host.startNode();
      await host.wait(20);
    });
    const told = events.find(({ subtype }) => subtype === 'started-too-early');
    expect(told?.after?.['files']).to.include('/etc/cassandra/cassandra.yaml');
    expect([host.files.get(STARTED_WITH), host.isHeld]).to.deep.equal([before, false]);
    host.done.length = 0;
    await run('install');
    expect(touches(), 'the next install sees it').to.include.members(['stop service', 'start service']);
  });

  it('is managed by jobs where the policy for starts is a link, as alternatives have it', async () => {
    const linkToPolicy = (): void => {
      const { readText } = host;
      host.readText = async (path, ...rest) => {
        if (path !== POLICY) return await readText.call(host, path, ...rest);
        throw new StepFailed('symlink-refused', `${path} is a symbolic link`);
      };
    };
    for (const isBooted of [true, false]) {
      host = new AptHost();
      host.offered.set('cassandra', ['5.0.8-1', '5.0.7-1']);
      if (!isBooted) {
        host.directories.delete('/run/systemd/system');
        host.files.set('/etc/init.d/cassandra', '');
      }
      host.files.set(POLICY, '#!/bin/sh\nexit 0\n');
      linkToPolicy();
      await installed();
      await run('restart', { version: '5.0.7' });
      await run('upgrade');
      expect(host.running, String(isBooted)).to.not.equal(null);
      expect(host.files.get(POLICY)).to.equal('#!/bin/sh\nexit 0\n');
    }
  });

  describe('without systemd', () => {
    let directory: string;
    beforeEach(() => {
      host.directories.delete('/run/systemd/system');
      host.files.set('/etc/init.d/cassandra', '');
      directory = mkdtempSync(join(tmpdir(), 'policy-'));
    });
    afterEach(() => rmSync(directory, { recursive: true }));
    const answer = (...words: string[]): number | null => {
      const path = join(directory, 'policy-rc.d');
      writeFileSync(path, host.files.get(POLICY) ?? '', { mode: 0o755 });
      execFileSync('sh', ['-n', path]);
      return spawnSync(path, words).status;
    };

    it('is the only one that packages may not start, until it is configured', async () => {
      await failureOf(run('install', REFUSED));
      expect([answer('cassandra', 'start'), answer('--quiet', 'cassandra', 'restart', '2')]).to.deep.equal([
        101, 101,
      ]);
      expect([answer('ssh', 'start'), answer('cassandra-reaper', 'start')]).to.deep.equal([0, 0]);
      await run('install');
      expect([host.files.has(POLICY), host.running === null]).to.deep.equal([false, false]);
    });

    it("keeps an operator's own policy", async () => {
      host.files.set(POLICY, '#!/bin/sh\nexit 101\n');
      await run('install');
      expect(host.files.get(POLICY)).to.equal('#!/bin/sh\nexit 101\n');
    });
  });
});
