// Private keys as operators have them, in a form that ssh2 reads.
import { createPrivateKey } from 'node:crypto';
import ssh2 from 'ssh2';
import { BootstrapFault } from './fault.ts';

interface LockedKey {
  user: string;
  host: string;
  privateKey: string | null;
  passphrase: string | null;
}

/** PKCS #8, as clouds hand keys out: OpenSSH takes it and ssh2 does not, but for the form that each kind of key has of its own. */
function inOwnForm({ privateKey, passphrase }: LockedKey): string | null {
  if (privateKey === null || !/-----BEGIN (ENCRYPTED )?PRIVATE KEY-----/.test(privateKey)) return privateKey;
  const key = createPrivateKey({ key: privateKey, ...(passphrase === null ? {} : { passphrase }) });
  if (key.asymmetricKeyType === 'rsa') return key.export({ type: 'pkcs1', format: 'pem' }).toString();
  if (key.asymmetricKeyType === 'ec') return key.export({ type: 'sec1', format: 'pem' }).toString();
  throw new Error(
    `${key.asymmetricKeyType} in PKCS #8 is not known; ssh-keygen -p -f KEY writes it in the form of OpenSSH`,
  );
}

/** @returns null where there is none @throws BootstrapFault when the key cannot be used; nothing of it is in the message */
export function readableKey(login: LockedKey): string | null {
  try {
    const key = inOwnForm(login);
    const parsed = key === null ? null : ssh2.utils.parseKey(key, login.passphrase ?? undefined);
    if (parsed instanceof Error) throw parsed;
    if (parsed?.isPrivateKey() === false) throw new Error('it is a public key');
    return key;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new BootstrapFault(
      'bad-key',
      `The private key for ${login.user}@${login.host} cannot be used: ${reason}. Look at ssh-private-key and ssh-unlock of the machine credential`,
    );
  }
}
