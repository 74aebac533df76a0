// Users of a host who log in by its real sshd, and what that sshd is known by.
import type { TestHost } from './host.ts';

/** How a user may become root: by sudo without a password, with one, or not at all. */
export type Sudo = 'free' | 'by-password' | 'none';

/** @param keys public keys in OpenSSH's form, one a line */
export async function addUser(
  host: TestHost,
  { name, password, sudo, keys = '' }: { name: string; password: string; sudo: Sudo; keys?: string },
): Promise<void> {
  if (name !== 'root') await host.run(['useradd', '--create-home', '--shell', '/bin/bash', name]);
  await host.run(['chpasswd'], { input: `${name}:${password}\n` });
  const home = name === 'root' ? '/root' : `/home/${name}`;
  if (keys !== '') {
    await host.put(`${home}/.ssh/authorized_keys`, keys, 0o600);
    await host.run(['chown', '-R', `${name}:`, `${home}/.ssh`]);
  }
  if (sudo !== 'none')
    await host.put(
      `/etc/sudoers.d/${name}`,
      `${name} ALL=(ALL) ${sudo === 'free' ? 'NOPASSWD:' : ''}ALL\n`,
      0o440,
    );
}

/** The fingerprint of the key that the host's sshd shows first, as OpenSSH itself has it. */
export async function hostKey(host: TestHost): Promise<string> {
  const line = await host.run(['ssh-keygen', '-lf', '/etc/ssh/ssh_host_ed25519_key.pub']);
  return line.split(' ')[1] ?? '';
}

export interface KeyPair {
  private: string;
  public: string;
}

/** As OpenSSH itself makes it, on a host that has it: the private one locked by the passphrase. */
export async function keyPair(host: TestHost, passphrase: string): Promise<KeyPair> {
  const directory = (await host.run(['mktemp', '-d'])).trim();
  const path = `${directory}/key`;
  await host.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', passphrase, '-f', path]);
  const pair = {
    private: await host.run(['cat', path]),
    public: await host.run(['cat', `${path}.pub`]),
  };
  await host.run(['rm', '-r', directory]);
  return pair;
}
