// What a repository may be told as, against apt itself: a distribution with components, behind a login, and one set up by hand.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { apt } from '../../agent/steps/apt-packages.ts';
import { setUpRepository } from '../../agent/steps/set-up-repository.ts';
import type { Step } from '../../agent/steps/step.ts';
import type { RunInput } from '../../shared/run-input.ts';
import { drive, inputFor } from '../agent/steps/step-driver.ts';
import { failureOf } from '../support/failure-of.ts';
import { CommandsOn } from './bed/commands-on.ts';
import type { TestHost } from './bed/host.ts';
import { type KeyedHost, keyedHost } from './bed/offering-host.ts';
import { indexAptDistribution } from './packages/apt-repository.ts';
import { buildDeb } from './packages/deb.ts';
import { stubPackage } from './packages/stub-package.ts';

// Of what may be in a password whatever means something in a URL or in a file of settings.
const LOGIN = { username: 'reader', password: 'p%40ss:w@rd#/"1' };

/** Its files of apt's settings are those of the host, where apt reads them. */
class SettingsOn extends CommandsOn {
  readonly #settingsOf: TestHost;
  constructor(host: TestHost) {
    super(host);
    this.#settingsOf = host;
    this.files.set('/usr/bin/apt-get', '');
  }
  override async replaceText(path: string, text: string, mode = 0o644): Promise<void> {
    await super.replaceText(path, text, mode);
    await this.#settingsOf.put(path, text, mode);
  }
}

describe('repositories that a host is told of', function () {
  this.timeout(180_000);
  let one: KeyedHost;
  let host: TestHost;
  let url: string;

  before(async () => {
    one = await keyedHost('deb');
    host = one.host;
    const { bed, key } = one;
    const directory = join(bed.directory, 'vendor', 'enterprise');
    await mkdir(directory, { recursive: true });
    await buildDeb(stubPackage({ name: 'vendors', version: '1.0' }), join(directory, 'pool'));
    const architecture = (await host.run(['dpkg', '--print-architecture'])).trim();
    await indexAptDistribution(directory, key, { distribution: 'stable', component: 'main', architecture });
    url = `${await bed.serve(join(bed.directory, 'vendor'), LOGIN)}/enterprise`;
  });
  after(() => one?.stop());

  const bring: Step = {
    name: 'bring',
    async *run(context) {
      yield* apt.readRepository(context);
      const offered = yield* apt.offered(context, ['vendors']);
      yield* apt.install(new Map([['vendors', offered.get('vendors')?.[0] ?? 'none']])).run(context);
    },
  };
  const install = async (manual: boolean, repositoryPassword: string) => {
    const packageRepository: RunInput['packageRepository'] = {
      manual,
      url,
      keyUrl: `${url}/key.asc`,
      username: LOGIN.username,
      dist: 'stable',
      components: ['main'],
    };
    const machine = new SettingsOn(host);
    machine.remote.set(`${url}/key.asc`, one.key.publicKey);
    return await drive([setUpRepository, bring], {
      host: machine,
      input: { ...inputFor('install', '/usr/share/cassandra'), packageRepository },
      secrets: { repositoryPassword },
    });
  };
  const state = async (): Promise<string> =>
    (await host.exec(['dpkg-query', '-W', '-f', '$' + '{db:Status-Abbrev}$' + '{Version}', 'vendors']))
      .output;

  it('are not read with another password, and say so', async () => {
    const { subtype, message } = await failureOf(install(false, 'wrong'));
    expect(subtype).to.equal('packages-failed');
    expect(message).to.match(/^apt-get could not read the repository: .* 401 {2}Unauthorized/);
  });

  it('are installed from behind a login, in the distribution and component of the vendor', async () => {
    await install(false, LOGIN.password);
    expect(await state()).to.equal('ii 1.0');
    expect(await host.run(['stat', '-c', '%a %U', '/etc/apt/auth.conf.d/opsc.conf'])).to.equal('600 root\n');
    expect(await host.run(['cat', '/etc/apt/sources.list.d/opsc.list'])).to.equal(
      `deb [signed-by=/etc/apt/keyrings/opsc.asc] ${url} stable main\n`,
    );
  });

  it('are installed from as they were set up by hand, and nothing is written then', async () => {
    await host.run(['apt-get', '-y', '-q', 'purge', 'vendors']);
    const line = await host.run(['cat', '/etc/apt/sources.list.d/opsc.list']);
    await host.run(['rm', '/etc/apt/sources.list.d/opsc.list']);
    await host.put('/etc/apt/sources.list', line);
    const { events } = await install(true, LOGIN.password);
    expect(events.filter(({ changes }) => changes).map(({ subtype }) => subtype)).to.deep.equal([
      'package-lists',
      'packages-installed',
    ]);
    expect(await state()).to.equal('ii 1.0');
  });
});
