// Users of a host who log in by its real sshd, and what that sshd is known by.
import ssh2 from 'ssh2';
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

/** An ed25519 key pair, the private one locked by the passphrase. */
export const keyPair = (passphrase: string): { private: string; public: string } =>
  ssh2.utils.generateKeyPairSync('ed25519', { passphrase, cipher: 'aes256-cbc', rounds: 4 });
