// What a dpkg that was killed, or a script that failed, left half-way on a host is finished by the step that installs packages.
import { expect } from 'chai';
import { apt } from '../../agent/steps/apt-packages.ts';
import type { Step } from '../../agent/steps/step.ts';
import type { StepEvent } from '../../shared/events.ts';
import { drive, inputFor } from '../agent/steps/step-driver.ts';
import { eventually } from '../support/eventually.ts';
import { failureOf } from '../support/failure-of.ts';
import { CommandsOn } from './bed/commands-on.ts';
import type { TestHost } from './bed/host.ts';
import { type OfferingHost, offeringHost } from './bed/offering-host.ts';
import type { StubSettings } from './packages/stub-package.ts';

describe('packages that were left half-way on a host', function () {
  this.timeout(180_000);
  let one: OfferingHost;
  let host: TestHost;

  before(async () => {
    one = await offeringHost('deb', 'test');
    host = one.host;
  });
  after(() => one?.stop());

  const input = inputFor('install', '/srv/none');
  const install = async (wanted: Record<string, string>): Promise<StepEvent[]> =>
    (await drive([apt.install(new Map(Object.entries(wanted)))], { host: new CommandsOn(host), input }))
      .events;

  /** Has dpkg killed in the script that precedes the unpacking of a package, on the way to `installed`. */
  const killWhileUnpacked = async (installed: readonly string[], under: string): Promise<void> => {
    const other = host.exec(['apt-get', '-y', '-q', 'install', ...installed]);
    await eventually(() => host.run(['test', '-e', `/etc/${under}-under-way`]));
    for (const program of ['dpkg', 'apt-get']) await host.exec(['pkill', '-KILL', program]);
    await host.put(`/etc/${under}-may-go-on`, ''); // of nobody who would notice
    await other;
    expect(await one.state(under)).to.match(/^iHR/);
  };
  const slowToUnpack = (name: string): StubSettings => ({
    name,
    version: '1.0',
    files: { [`/usr/share/${name}`]: 'whole\n' },
    beforeInstall: `touch /etc/${name}-under-way; until test -e /etc/${name}-may-go-on; do sleep 0.1; done`,
  });

  it('are unpacked anew where dpkg was killed as it unpacked them', async () => {
    await one.offer(slowToUnpack('torn'));
    await killWhileUnpacked(['torn=1.0'], 'torn');
    const events = await install({ torn: '1.0' });
    expect(events.map(({ message }) => message)).to.include('Unpacked anew what was left half-way: torn');
    expect(await one.state('torn')).to.equal('ii 1.0');
    expect(await host.run(['cat', '/usr/share/torn'])).to.equal('whole\n');
    expect((await install({ torn: '1.0' })).some(({ changes }) => changes)).to.equal(false);
  });

  it('are so as dependencies too, whatever became of the packages that are wanted', async () => {
    await one.offer(
      slowToUnpack('torn-part'),
      { name: 'upper', version: '1.0', depends: { 'torn-part': null } },
      { name: 'lower', version: '1.0', depends: { 'torn-part': null } },
    );
    await killWhileUnpacked(['torn-part'], 'torn-part');
    await host.exec(['dpkg', '--configure', '--pending']);
    await host.exec(['apt-get', '-y', '-q', 'install', 'lower']); // to no avail, as apt takes the other for installed
    expect(
      [await one.state('lower'), await one.state('upper')].map((told) => told.slice(0, 2)),
    ).to.deep.equal(['iU', 'dp']);
    await install({ lower: '1.0', upper: '1.0' });
    for (const name of ['torn-part', 'lower', 'upper']) expect(await one.state(name)).to.equal('ii 1.0');
  });

  it('are so in an upgrade, where what depends on the new version is unpacked already', async () => {
    await one.offer(
      { name: 'main', version: '0.9', files: { '/usr/share/main': 'old\n' } },
      { name: 'tools', version: '0.9', depends: { main: '0.9' } },
    );
    await install({ main: '0.9', tools: '0.9' });
    await one.offer(slowToUnpack('main'), { name: 'tools', version: '1.0', depends: { main: '1.0' } });
    await killWhileUnpacked(['main=1.0', 'tools=1.0'], 'main');
    expect([await one.state('main'), await one.state('tools')]).to.deep.equal(['iHR0.9', 'iU 1.0']);
    const wanted = new Map([
      ['main', '1.0'],
      ['tools', '1.0'],
    ]);
    const download: Step = {
      name: 'download',
      run: (context) => apt.download(context, wanted, '/srv/none'),
    };
    await drive([download, apt.replace(wanted, '/srv/none')], { host: new CommandsOn(host), input });
    expect([await one.state('main'), await one.state('tools')]).to.deep.equal(['ii 1.0', 'ii 1.0']);
    expect(await host.run(['cat', '/usr/share/main'])).to.equal('whole\n');
  });

  it('are configured as dependencies, and no other packages are', async () => {
    const afterInstall = (path: string) => `test -e ${path} || exit 7`;
    await one.offer(
      { name: 'part', version: '1.0', afterInstall: afterInstall('/etc/part-may') },
      { name: 'whole', version: '1.0', depends: { part: null } },
      { name: 'foreign', version: '1.0', afterInstall: afterInstall('/etc/foreign-may') },
    );
    await failureOf(install({ whole: '1.0' }));
    await host.exec(['apt-get', '-y', '-q', 'install', 'foreign']);
    expect([await one.state('part'), await one.state('foreign')]).to.deep.equal(['iF 1.0', 'iF 1.0']);
    await host.put('/etc/part-may', '');
    const events = await install({ whole: '1.0' });
    expect(events.map(({ subtype }) => subtype)).to.include('packages-repaired');
    expect(await one.state('whole')).to.equal('ii 1.0');
    expect(await one.state('foreign')).to.equal('iF 1.0');
    await host.put('/etc/foreign-may', '');
    await host.run(['dpkg', '--configure', 'foreign']);
  });
});
