// Installing by dnf, against dnf and rpm themselves on a host: what goes wrong there is what is tried here.
import { expect } from 'chai';
import { dnf } from '../../agent/steps/dnf-packages.ts';
import { StepFailed } from '../../shared/errors.ts';
import type { StepEvent } from '../../shared/events.ts';
import { drive, inputFor } from '../agent/steps/step-driver.ts';
import { eventually } from '../support/eventually.ts';
import { CommandsOn } from './bed/commands-on.ts';
import type { TestHost } from './bed/host.ts';
import { type OfferingHost, offeringHost } from './bed/offering-host.ts';

describe('installing packages by dnf on a host', function () {
  this.timeout(180_000);
  let one: OfferingHost;
  let host: TestHost;

  before(async () => {
    one = await offeringHost('rpm', 'opsc');
    host = one.host;
  });
  after(() => one?.stop());

  const install = async (
    wanted: Record<string, string>,
    onEvent?: (event: StepEvent) => Promise<void>,
  ): Promise<StepEvent[]> => {
    const input = inputFor('install', '/srv/none');
    const machine = new CommandsOn(host);
    const step = dnf.install(new Map(Object.entries(wanted)));
    return (await drive([step], { host: machine, input, ...(onEvent && { onEvent }) })).events;
  };
  const failure = async (wanted: Record<string, string>): Promise<StepFailed> => {
    try {
      await install(wanted);
    } catch (error) {
      if (error instanceof StepFailed) return error;
      throw error;
    }
    throw new Error('the step went well');
  };

  it('brings the exact version with what it depends on, and changes nothing the second time', async () => {
    await one.offer(
      { name: 'ring', version: '1.0', depends: { runtime: null } },
      { name: 'ring', version: '1.1', depends: { runtime: null } },
      { name: 'runtime', version: '1.0' },
    );
    const events = await install({ ring: '1.0-1' });
    expect(events.filter(({ changes }) => changes).map(({ subtype }) => subtype)).to.deep.equal([
      'packages-installed',
    ]);
    expect([await one.state('ring'), await one.state('runtime')]).to.deep.equal(['1.0-1', '1.0-1']);
    expect((await install({ ring: '1.0-1' })).some(({ changes }) => changes)).to.equal(false);
  });

  it('does not change a version that is there', async () => {
    expect((await failure({ ring: '1.1-1' })).message).to.equal(
      'ring is installed in version 1.0-1; an install does not change it to 1.1-1',
    );
    expect(await one.state('ring')).to.equal('1.0-1');
  });

  it('refuses a version that no repository has, and what is excluded', async () => {
    await one.offer({ name: 'known', version: '1.0' });
    expect((await failure({ known: '9.9-1' })).subtype).to.equal('no-such-package');
    const settings = await host.run(['cat', '/etc/dnf/dnf.conf']);
    await host.put('/etc/dnf/dnf.conf', `${settings}\nexcludepkgs=known\n`);
    expect((await failure({ known: '1.0-1' })).subtype).to.equal('package-held');
    const input = inputFor('install', '/srv/none');
    const { results } = await drive(
      [
        {
          name: 'look',
          async *run(context) {
            return [...(yield* dnf.offered(context, ['known', 'ring']))];
          },
        },
      ],
      { host: new CommandsOn(host), input },
    );
    expect(results.get('look')).to.deep.equal([
      ['known', ['1.0-1']],
      ['ring', ['1.1-1', '1.0-1']],
    ]);
    await host.put('/etc/dnf/dnf.conf', settings);
    await install({ known: '1.0-1' });
  });

  it('installs nothing when something else would be replaced', async () => {
    await one.offer({ name: 'library', version: '1.0' });
    await install({ library: '1.0-1' });
    await one.offer(
      { name: 'library', version: '2.0' },
      { name: 'greedy', version: '1.0', depends: { library: '2.0' } },
    );
    const { subtype, message } = await failure({ greedy: '1.0-1' });
    expect(subtype).to.equal('packages-would-change');
    expect(message).to.include('library 2.0-1 would take the place of another');
    expect(await one.state('library')).to.equal('1.0-1');
    expect(await one.state('greedy')).to.include('not installed');
  });

  it('installs nothing in whose place another package would go', async () => {
    await one.offer({ name: 'old-tool', version: '1.0' }, { name: 'old-tool-of-others', version: '1.0' });
    await host.run(['dnf', '-y', '-q', 'install', 'old-tool', 'old-tool-of-others']);
    await one.offer({ name: 'new-tool', version: '1.0', obsoletes: ['old-tool', 'old-tool-of-others'] });
    const { subtype, message } = await failure({ 'new-tool': '1.0-1' });
    expect(subtype).to.equal('packages-would-change');
    expect(message).to.include('old-tool 1.0-1 would be removed; old-tool-of-others 1.0-1 would be removed');
    expect([await one.state('old-tool'), await one.state('old-tool-of-others')]).to.deep.equal([
      '1.0-1',
      '1.0-1',
    ]);
  });

  it('tells of a script that failed, of a package that rpm takes for installed', async () => {
    await one.offer({ name: 'fragile', version: '1.0', afterInstall: 'echo "the disk is on fire"; exit 7' });
    const events = await install({ fragile: '1.0-1' });
    const told = events.find(({ subtype }) => subtype === 'package-script-failed');
    expect(JSON.stringify(told?.after)).to.match(/fragile/);
    expect(await one.state('fragile')).to.equal('1.0-1');
    expect((await install({ fragile: '1.0-1' })).some(({ changes }) => changes)).to.equal(false);
  });

  it('knows which package brought a file, and has that package once more though it is excluded', async () => {
    const path = '/etc/kept/settings';
    await one.offer({ name: 'kept', version: '1.0', files: { [path]: 'first\n' } });
    await install({ kept: '1.0-1' });
    const settings = await host.run(['cat', '/etc/dnf/dnf.conf']);
    await host.put('/etc/dnf/dnf.conf', `${settings}\nexcludepkgs=kept\n`);
    await host.run(['mkdir', '-p', '/var/tmp/again']);
    const { results } = await drive(
      [
        {
          name: 'again',
          async *run(context) {
            yield* dnf.downloadAgain(context, 'kept', '1.0-1', '/var/tmp/again');
            return await dnf.ownerOf(context, path);
          },
        },
      ],
      { host: new CommandsOn(host), input: inputFor('install', '/srv/none') },
    );
    await host.put('/etc/dnf/dnf.conf', settings);
    expect(results.get('again')).to.deep.equal(['kept', '1.0-1']);
    expect((await host.run(['ls', '/var/tmp/again'])).trim()).to.equal('kept-1.0-1.noarch.rpm');
  });

  it('waits for another that holds the lock of rpm, and says who does', async () => {
    const afterInstall = 'touch /etc/under-way; until test -e /etc/go-on; do sleep 0.1; done';
    await one.offer({ name: 'slow', version: '1.0', afterInstall }, { name: 'patient', version: '1.0' });
    const other = host.run(['dnf', '-y', '-q', 'install', 'slow']);
    await eventually(() => host.run(['test', '-e', '/etc/under-way']));
    const events = await install({ patient: '1.0-1' }, async ({ subtype }) => {
      if (subtype !== 'package-lock') return;
      await host.put('/etc/go-on', '');
      await other;
    });
    const waited = events.filter(({ subtype }) => subtype === 'package-lock');
    expect(waited.map(({ message }) => message)).to.have.length(1);
    expect(waited[0]?.message).to.match(/^Waiting for process \d+ \(dnf\), which holds/);
    expect(await one.state('patient')).to.equal('1.0-1');
  });
});
