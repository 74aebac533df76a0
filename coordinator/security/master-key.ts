// Where the master key comes from: a value, a file, a systemd credential, or a file made at the first start.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { MASTER_KEY_BYTES } from './seal.ts';
import { makeSecretFile, OWNER_AND_ACL, OWNER_ONLY, readSecretFile } from './secret-file.ts';

/** The name of the credential in a unit: `LoadCredential=ringmaster-master-key:/etc/…`. */
export const MASTER_KEY_CREDENTIAL = 'ringmaster-master-key';

export interface MasterKeySources {
  /** A file that must exist and be readable by its owner alone. */
  file?: string;
  /** The key itself, from the environment. */
  value?: string;
  /** systemd's $CREDENTIALS_DIRECTORY; used when it holds `ringmaster-master-key`. */
  credentialsDirectory?: string;
  /** Read when nothing else is given; made (mode 0600, 32 random bytes in base64) when it is not there. */
  defaultFile: string;
}

const HEX = /^[0-9a-fA-F]{64}$/;
const BASE64 = /^[A-Za-z0-9+/_-]{43}=?$/;

/** Node decodes what it can and skips the rest, so the form is checked first. The text never gets into a message. */
function decode(text: string, source: string): Buffer {
  const trimmed = text.trim();
  const key = HEX.test(trimmed)
    ? Buffer.from(trimmed, 'hex')
    : Buffer.from(BASE64.test(trimmed) ? trimmed : '', 'base64');
  if (key.length === MASTER_KEY_BYTES) return key;
  throw new Error(
    `the master key from ${source} must be ${MASTER_KEY_BYTES} bytes in base64 (44 characters) or hex (64 characters); it has ${trimmed.length} characters`,
  );
}

function readKeyFile(path: string, forbidden: number): Buffer | null {
  const text = readSecretFile('master key', path, forbidden);
  return text === null ? null : decode(text, path);
}

/**
 * The 32 bytes that seal every secret. An explicit value or file comes first (giving both is refused), then the
 * credential, then the default file. Losing the key loses the secrets: it belongs in the backup, apart from the database.
 * @throws Error when the key is missing, has another length, or others may read its file
 */
export function loadMasterKey(sources: MasterKeySources): Buffer {
  const { file, value, credentialsDirectory, defaultFile } = sources;
  if (file !== undefined && value !== undefined) {
    throw new Error('the master key is given twice, as a file and as a value: keep one');
  }
  if (value !== undefined) return decode(value, 'the environment');
  if (file !== undefined) {
    const key = readKeyFile(file, OWNER_ONLY);
    if (key === null) throw new Error(`there is no master key file ${file}`);
    return key;
  }
  if (credentialsDirectory !== undefined) {
    const key = readKeyFile(join(credentialsDirectory, MASTER_KEY_CREDENTIAL), OWNER_AND_ACL);
    if (key !== null) return key;
  }
  const existing = readKeyFile(defaultFile, OWNER_ONLY);
  if (existing !== null) return existing;
  makeSecretFile(defaultFile, `${randomBytes(MASTER_KEY_BYTES).toString('base64')}\n`);
  const made = readKeyFile(defaultFile, OWNER_ONLY);
  if (made === null) throw new Error(`the master key file ${defaultFile} vanished while it was being made`);
  return made;
}
