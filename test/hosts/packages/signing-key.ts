// A key of OpenPGP that signs a repository, in a keyring that is gone with it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../bed/program.ts';

const OWNER = 'test repository';

export class SigningKey {
  readonly #home: string;
  /** ASCII-armoured, as a repository publishes it */
  readonly publicKey: string;

  private constructor(home: string, publicKey: string) {
    this.#home = home;
    this.publicKey = publicKey;
  }

  static async make(): Promise<SigningKey> {
    const home = await mkdtemp(join(tmpdir(), 'gpg-')); // short: it holds the agent's socket
    const gpg = ['gpg', '--homedir', home, '--batch', '--quiet'] as const;
    // RSA, since RPM of this age verifies no other kind dependably
    await run([...gpg, '--passphrase', '', '--quick-gen-key', OWNER, 'rsa3072', 'sign', 'never']);
    return new SigningKey(home, await run([...gpg, '--armor', '--export', OWNER]));
  }

  /** @param kind `--clearsign` puts the text within, `--detach-sign` writes the signature alone */
  async sign(kind: '--clearsign' | '--detach-sign', path: string, into: string): Promise<void> {
    const gpg = ['gpg', '--homedir', this.#home, '--batch', '--yes', '--armor'] as const;
    await run([...gpg, '--output', into, kind, path]);
  }

  async signRpm(path: string): Promise<void> {
    // Debian's rpm looks for gpg under a name that Debian does not give it.
    const defined = ['--define', `_gpg_name ${OWNER}`, '--define', '__gpg /usr/bin/gpg'];
    await run(['rpmsign', '--addsign', ...defined, path], {
      env: { ...process.env, GNUPGHOME: this.#home },
    });
  }

  async remove(): Promise<void> {
    await run(['gpgconf', '--homedir', this.#home, '--kill', 'all']);
    await rm(this.#home, { recursive: true, force: true });
  }
}
