// One host, a key that signs repositories for it, and a repository that a test fills as it goes: what tests of packages begin with.
import { Repository } from '../packages/repository.ts';
import { SigningKey } from '../packages/signing-key.ts';
import { type StubSettings, stubPackage } from '../packages/stub-package.ts';
import type { TestHost } from './host.ts';
import type { Flavour } from './image.ts';
import { type Bed, startHosts } from './start-hosts.ts';

export interface KeyedHost {
  bed: Bed<'one'>;
  host: TestHost;
  key: SigningKey;
  stop(): Promise<void>;
}

export async function keyedHost(flavour: Flavour): Promise<KeyedHost> {
  const bed = await startHosts({ one: flavour });
  try {
    const key = await SigningKey.make();
    const stop = async (): Promise<void> => {
      await bed.stop();
      await key.remove();
    };
    return { bed, host: bed.hosts.one, key, stop };
  } catch (error) {
    await bed.stop();
    throw error;
  }
}

export interface OfferingHost extends KeyedHost {
  repository: Repository;
  /** Returns once the host knows that these are to be had besides. */
  offer(...stubs: readonly StubSettings[]): Promise<void>;
  /** In the words of the package manager, with the version. */
  state(name: string): Promise<string>;
}

const MANAGERS = {
  deb: {
    look: ['apt-get', '-q', 'update'],
    ask: ['dpkg-query', '-W', '-f', '$' + '{db:Status-Abbrev}$' + '{Version}'],
  },
  rpm: {
    look: ['dnf', '-y', '-q', '--refresh', 'makecache'],
    ask: ['rpm', '-q', '--queryformat', '%{VERSION}-%{RELEASE}'],
  },
} as const satisfies Record<Flavour, Record<'look' | 'ask', readonly [string, ...string[]]>>;

/** @param known under which name the host has the repository */
export async function offeringHost(flavour: Flavour, known: string): Promise<OfferingHost> {
  const keyed = await keyedHost(flavour);
  const { bed, host, key } = keyed;
  try {
    const repository = await Repository.open(bed, 'offered', { flavour, key, packages: [] });
    await repository.makeKnownTo(host, known);
    const { look, ask } = MANAGERS[flavour];
    return {
      ...keyed,
      repository,
      async offer(...stubs) {
        await repository.add(...stubs.map(stubPackage));
        await host.run(look);
      },
      state: async (name) => (await host.exec([...ask, name])).output,
    };
  } catch (error) {
    await keyed.stop();
    throw error;
  }
}
