// The step that installs packages, against apt and dpkg themselves on a host: what goes wrong there is what is tried here.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { apt } from '../../agent/steps/apt-packages.ts';
import { installPackages } from '../../agent/steps/install-packages.ts';
import type { Step } from '../../agent/steps/step.ts';
import type { StepFailed } from '../../shared/errors.ts';
import type { StepEvent } from '../../shared/events.ts';
import { drive, inputFor } from '../agent/steps/step-driver.ts';
import { eventually } from '../support/eventually.ts';
import { failureOf } from '../support/failure-of.ts';
import { CommandsOn } from './bed/commands-on.ts';
import type { TestHost } from './bed/host.ts';
import { type OfferingHost, offeringHost } from './bed/offering-host.ts';
import { Repository } from './packages/repository.ts';
import { stubPackage } from './packages/stub-package.ts';

describe('installing packages on a host', function () {
  this.timeout(180_000);
  let one: OfferingHost;
  let host: TestHost;

  before(async () => {
    one = await offeringHost('deb', 'test');
    host = one.host;
  });
  after(() => one?.stop());

  const install = async (
    wanted: Record<string, string>,
    onEvent?: (event: StepEvent) => Promise<void>,
  ): Promise<StepEvent[]> => {
    const step = installPackages(new Map(Object.entries(wanted)));
    const input = inputFor('install', '/srv/none');
    const machine = new CommandsOn(host);
    return (await drive([step], { host: machine, input, ...(onEvent && { onEvent }) })).events;
  };
  const failure = (wanted: Record<string, string>): Promise<StepFailed> => failureOf(install(wanted));

  it('brings the exact version with what it depends on, and changes nothing the second time', async () => {
    await one.offer(
      { name: 'ring', version: '1.0', depends: { runtime: null } },
      { name: 'ring', version: '1.1', depends: { runtime: null } },
      { name: 'runtime', version: '1.0' },
    );
    const events = await install({ ring: '1.0' });
    expect(events.filter(({ changes }) => changes).map(({ subtype }) => subtype)).to.deep.equal([
      'packages-installed',
    ]);
    expect(await one.state('ring')).to.equal('ii 1.0');
    expect(await one.state('runtime')).to.equal('ii 1.0');
    expect((await install({ ring: '1.0' })).some(({ changes }) => changes)).to.equal(false);
  });

  it('does not change a version that is there, held or not', async () => {
    expect((await failure({ ring: '1.1' })).subtype).to.equal('other-package-version');
    await host.run(['apt-mark', 'hold', 'ring']);
    expect((await failure({ ring: '1.1' })).message).to.equal(
      'ring is installed in version 1.0, and held there; an install does not change it to 1.1',
    );
    expect(await one.state('ring')).to.equal('hi 1.0');
  });

  it('refuses a version that no repository has, and a package that none knows', async () => {
    await one.offer({ name: 'known', version: '1.0' });
    expect((await failure({ known: '9.9' })).subtype).to.equal('no-such-package');
    expect((await failure({ 'never-heard-of': '1.0' })).subtype).to.equal('no-such-package');
  });

  it('installs nothing when something else would be replaced', async () => {
    await one.offer({ name: 'library', version: '1.0' });
    await install({ library: '1.0' });
    await one.offer(
      { name: 'library', version: '2.0' },
      { name: 'greedy', version: '1.0', depends: { library: '2.0' } },
    );
    const { subtype, message } = await failure({ greedy: '1.0' });
    expect(subtype).to.equal('packages-would-change');
    expect(message).to.include('library 1.0 would be replaced by 2.0');
    expect(await one.state('library')).to.equal('ii 1.0');
    expect(await one.state('greedy')).to.include('no packages found');
  });

  it('tells what a failing script said, and repairs the package once it can', async () => {
    const afterInstall = 'test -e /etc/may-be-configured || { echo "the disk is on fire"; exit 7; }';
    await one.offer({ name: 'fragile', version: '1.0', afterInstall });
    const failed = await failure({ fragile: '1.0' });
    expect(failed.subtype).to.equal('packages-failed');
    expect(JSON.stringify(failed.detail)).to.include('exit status 7');
    expect(await one.state('fragile')).to.equal('iF 1.0');
    await host.put('/etc/may-be-configured', '');
    const events = await install({ fragile: '1.0' });
    expect(events.map(({ subtype }) => subtype)).to.include('packages-repaired');
    expect(await one.state('fragile')).to.equal('ii 1.0');
  });

  it('waits for another that holds the lock of dpkg, and says who does', async () => {
    await one.offer({
      name: 'slow',
      version: '1.0',
      afterInstall: 'touch /etc/slow-under-way; until test -e /etc/go-on; do sleep 0.1; done',
    });
    await one.offer({ name: 'patient', version: '1.0' });
    const other = host.run(['apt-get', '-y', '-q', 'install', 'slow']);
    await eventually(() => host.run(['test', '-e', '/etc/slow-under-way']));
    const events = await install({ patient: '1.0' }, async ({ subtype }) => {
      if (subtype !== 'package-lock') return;
      await host.put('/etc/go-on', '');
      await other;
    });
    const waited = events.filter(({ subtype }) => subtype === 'package-lock');
    expect(waited.map(({ message }) => message)).to.have.length(1);
    expect(waited[0]?.message).to.match(/^Waiting for process \d+ \(apt-get\), which holds/);
    expect(await one.state('patient')).to.equal('ii 1.0');
  });

  it('goes on from where a dpkg was killed', async () => {
    const afterInstall = 'touch /etc/under-way; until test -e /etc/not-killed; do sleep 0.1; done';
    await one.offer({ name: 'killed', version: '1.0', afterInstall });
    const other = host.exec(['apt-get', '-y', '-q', 'install', 'killed']);
    await eventually(() => host.run(['test', '-e', '/etc/under-way']));
    // dpkg first: by the end of apt-get or of the script it could tell, and close its journal.
    for (const program of ['dpkg', 'apt-get', 'killed.postinst'])
      await host.exec(['pkill', '-KILL', program]);
    await other;
    expect(await host.run(['sh', '-c', 'apt-get check 2>&1 || :'])).to.include('dpkg was interrupted');
    await host.put('/etc/not-killed', '');
    expect((await install({ killed: '1.0' })).map(({ subtype }) => subtype)).to.include('packages-repaired');
    expect(await one.state('killed')).to.equal('ii 1.0');
  });

  describe('whose repositories have other lists than it has read', () => {
    let elsewhere: Repository;
    before(async () => {
      const packages = [{ name: 'distant', version: '1.0' }].map(stubPackage);
      elsewhere = await Repository.open(one.bed, 'elsewhere', { flavour: 'deb', key: one.key, packages });
      await one.offer(
        { name: 'near', version: '1.0', depends: { distant: null } },
        { name: 'nearer', version: '1.0', depends: { 'also-distant': null } },
        { name: 'lonely', version: '1.0', depends: { 'not-anywhere': null } },
      );
      await elsewhere.makeKnownTo(host, 'elsewhere');
      await host.put('/etc/apt/sources.list.d/away.list', `deb [trusted=yes] ${elsewhere.url}/away ./\n`);
    });
    after(() => host.run(['sh', '-c', 'rm /etc/apt/sources.list.d/away.list']));

    it('reads all of them where a dependency is in none, whatever ails others', async () => {
      const events = await install({ near: '1.0' });
      const told = events.map(({ subtype }) => subtype);
      expect(told.filter((subtype) => subtype.startsWith('package-lists'))).to.deep.equal([
        'package-lists',
        'package-lists-partly-read',
      ]);
      expect(events.find(({ subtype }) => subtype === 'package-lists')?.message).to.match(
        /near : Depends: distant but it is not installable$/,
      );
      expect(await one.state('distant')).to.equal('ii 1.0');
    });

    it('reads all of them where the version of a dependency that they have is gone', async () => {
      await elsewhere.add(stubPackage({ name: 'also-distant', version: '1.0' }));
      await host.exec(['apt-get', '-q', 'update']);
      await rm(join(elsewhere.directory, 'also-distant_1.0_all.deb'));
      await elsewhere.add(stubPackage({ name: 'also-distant', version: '1.1' }));
      const events = await install({ nearer: '1.0' });
      expect(events.find(({ subtype }) => subtype === 'package-lists')?.message).to.match(/ 404 /);
      expect(await one.state('also-distant')).to.equal('ii 1.1');
    });

    it('fails with what is in none of them', async () => {
      const { subtype, message } = await failure({ lonely: '1.0' });
      expect(subtype).to.equal('packages-failed');
      expect(message).to.match(/lonely : Depends: not-anywhere but it is not installable$/);
    });
  });

  it('downloads before a stop what is missing by then, a dependency as well, and nothing where all is there', async () => {
    await one.offer(
      { name: 'extra', version: '1.0' },
      { name: 'kept', version: '1.0', depends: { extra: null } },
    );
    const kept = new Map([['kept', '1.0']]);
    const step = (name: string, work: Step['run']): Step => ({ name, run: work });
    const download = step('download', (context) => apt.download(context, kept, '/srv/none'));
    const rehearse = step('rehearse', (context) => apt.rehearse(context, kept, '/srv/none'));
    const drivenOn = async (...steps: Step[]) =>
      (await drive(steps, { host: new CommandsOn(host), input: inputFor('upgrade', '/srv/none') })).events
        .map(({ subtype }) => subtype)
        .filter((subtype) => subtype === 'packages-downloaded');
    expect(await drivenOn(download, rehearse)).to.have.length(1);
    const archive = '/var/cache/apt/archives/extra_1.0_all.deb';
    await host.run(['rm', archive]);
    expect(await drivenOn(rehearse)).to.have.length(1);
    await host.run(['test', '-f', archive]);
    await rm(join(one.repository.directory, 'kept_1.0_all.deb'));
    await one.offer({ name: 'kept', version: '1.1' });
    expect((await failureOf(drivenOn(rehearse))).subtype).to.equal('no-such-package');
    expect(await one.state('kept')).to.include('no packages found');
  });

  it('is not held up by the question about a changed configuration file', async () => {
    const path = '/etc/asking/settings';
    await one.offer({ name: 'asking', version: '1.0', files: { [path]: 'first\n' } });
    await install({ asking: '1.0' });
    await host.put(path, 'by hand\n');
    await host.run(['apt-get', '-y', '-q', 'remove', 'asking']); // its configuration files stay
    await one.offer({ name: 'asking', version: '2.0', files: { [path]: 'second\n' } });
    await install({ asking: '2.0' });
    expect(await host.run(['cat', path])).to.equal('by hand\n');
    expect(await host.run(['cat', `${path}.dpkg-dist`])).to.equal('second\n');
  });
});
