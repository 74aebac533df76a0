// A repository of either kind, signed and served to the hosts of a bed, and how a host is told of it.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestHost } from '../bed/host.ts';
import type { Flavour } from '../bed/image.ts';
import type { Bed } from '../bed/start-hosts.ts';
import { indexAptRepository } from './apt-repository.ts';
import { buildDeb } from './deb.ts';
import type { TestPackage } from './package.ts';
import { buildRpm } from './rpm.ts';
import { indexRpmRepository } from './rpm-repository.ts';
import type { SigningKey } from './signing-key.ts';

const BUILD = { deb: buildDeb, rpm: buildRpm } satisfies Record<Flavour, unknown>;
const INDEX = { deb: indexAptRepository, rpm: indexRpmRepository } satisfies Record<Flavour, unknown>;

export class Repository {
  readonly flavour: Flavour;
  readonly directory: string;
  /** without a slash at the end; the public key is at `${url}/key.asc` */
  readonly url: string;
  readonly #key: SigningKey;

  private constructor(flavour: Flavour, directory: string, url: string, key: SigningKey) {
    this.flavour = flavour;
    this.directory = directory;
    this.url = url;
    this.#key = key;
  }

  /** @param name of its directory in the bed's; several repositories may share a key */
  static async open(
    bed: Bed<string>,
    name: string,
    settings: { flavour: Flavour; key: SigningKey; packages: readonly TestPackage[] },
  ): Promise<Repository> {
    const directory = join(bed.directory, name);
    await mkdir(directory);
    for (const made of settings.packages) await BUILD[settings.flavour](made, directory);
    await INDEX[settings.flavour](directory, settings.key);
    return new Repository(settings.flavour, directory, await bed.serve(directory), settings.key);
  }

  /** Builds further packages and indexes all anew. */
  async add(...packages: readonly TestPackage[]): Promise<void> {
    for (const made of packages) await BUILD[this.flavour](made, this.directory);
    await INDEX[this.flavour](this.directory, this.#key);
  }

  /** Writes the repository's file and key on a host as an operator would; nothing is fetched yet. */
  async makeKnownTo(host: TestHost, name = 'test'): Promise<void> {
    if (this.flavour === 'deb') {
      await host.put(`/etc/apt/keyrings/${name}.asc`, this.#key.publicKey);
      const line = `deb [signed-by=/etc/apt/keyrings/${name}.asc] ${this.url} ./\n`;
      await host.put(`/etc/apt/sources.list.d/${name}.list`, line);
    } else {
      const checks = `gpgcheck=1\nrepo_gpgcheck=1\ngpgkey=${this.url}/key.asc\n`;
      const text = `[${name}]\nname=${name}\nbaseurl=${this.url}\nenabled=1\n${checks}`;
      await host.put(`/etc/yum.repos.d/${name}.repo`, text);
    }
  }
}
