// The repository of packages as it is written on a host: which rights its files have, and which passwords cannot stand in them.
import { expect } from 'chai';
import { apt } from '../../../agent/steps/apt-packages.ts';
import { setUpRepository } from '../../../agent/steps/set-up-repository.ts';
import type { Step } from '../../../agent/steps/step.ts';
import { AptHost } from '../../support/apt-host.ts';
import { failureOf } from '../../support/failure-of.ts';
import { drive, inputFor } from './step-driver.ts';

const URL_OF = 'http://127.0.0.1:1/debian';
const KEY = '-----BEGIN PGP PUBLIC KEY BLOCK-----';

/** Remembers which rights a file may have at most. */
class StrictHost extends AptHost {
  readonly most = new Map<string, number | undefined>();
  override async replaceText(path: string, text: string, _mode?: number, most?: number): Promise<void> {
    this.most.set(path, most);
    await super.replaceText(path, text);
  }
}

describe('setting up a repository', () => {
  const write = (host: AptHost, repositoryPassword: string, username = 'buyer') => {
    host.remote.set(`${URL_OF}/key.asc`, KEY);
    const input = inputFor('install', '/usr/share/cassandra', {
      install: { type: 'package', directory: '/usr/share/cassandra' },
      packageRepository: {
        manual: false,
        url: URL_OF,
        keyUrl: `${URL_OF}/key.asc`,
        username,
        dist: 'stable',
        components: ['main'],
      },
    });
    return drive([setUpRepository], { host, input, secrets: { repositoryPassword } });
  };

  it('lets nobody else read a password, also in a file that others could read before', async () => {
    const host = new StrictHost();
    await write(host, 's3cret');
    const [path = ''] = [...host.files].find(([, text]) => text.includes('s3cret')) ?? [];
    expect(path).to.match(/auth\.conf\.d/);
    expect(host.most.get(path)).to.equal(0o600);
  });

  it('writes nothing about one that was set up by hand, and reads all that the host knows', async () => {
    const host = new AptHost();
    const ran: string[][] = [];
    const run = host.run.bind(host);
    host.run = async (argv, options) => {
      ran.push([...argv]);
      return await run(argv, options);
    };
    const packageRepository = {
      manual: true,
      url: URL_OF,
      keyUrl: `${URL_OF}/key.asc`,
      username: 'buyer',
      dist: 'stable',
      components: ['main'],
    };
    const reading: Step = { name: 'read', run: (context) => apt.readRepository(context) };
    const input = inputFor('install', '/usr/share/cassandra', {
      install: { type: 'package', directory: '/usr/share/cassandra' },
      packageRepository,
    });
    await drive([setUpRepository, reading], { host, input, secrets: { repositoryPassword: 's3cret' } });
    expect(host.done).to.deep.equal([]);
    expect(ran).to.deep.equal([['apt-get', '--quiet', 'update']]);
  });

  it('writes nothing of a user name or a password that would be read as something else', async () => {
    for (const password of ['two words', 'x\ngpgcheck=0', 'tab\there']) {
      const host = new AptHost();
      const failure = await failureOf(write(host, password));
      expect(failure.subtype).to.equal('repository-password-unusable');
      expect(failure.message).to.not.contain(password);
      expect(host.done).to.deep.equal([]);
      const named = await failureOf(write(host, 's3cret', password));
      expect(named.subtype).to.equal('repository-username-unusable');
      expect(named.message).to.match(/^The repository's username has blanks/);
      expect(host.done).to.deep.equal([]);
    }
  });
});
