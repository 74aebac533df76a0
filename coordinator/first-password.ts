// The account that the first administrator signs in with: its password from a file, a systemd credential, or made once.
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '../shared/log.ts';
import type { Config } from './config.ts';
import { hashPassword, verifyPassword } from './security/password-hash.ts';
import { makeSecretFile, OWNER_AND_ACL, OWNER_ONLY, readSecretFile } from './security/secret-file.ts';
import type { Database } from './store/database.ts';
import { addAccount, readPasswordHash } from './store/sign-ins.ts';

const ADMIN = 'admin';
/** The name of the credential in a unit: `LoadCredential=ringmaster-admin-password:/etc/…`. */
const CREDENTIAL = 'ringmaster-admin-password';
const WHAT = 'admin password';

type Sources = Pick<Config, 'adminPasswordFile' | 'credentialsDirectory' | 'dataDirectory'>;

/** What the operator gave; null when nothing was given. */
function given({ adminPasswordFile, credentialsDirectory }: Sources): { text: string; from: string } | null {
  if (adminPasswordFile !== null) {
    const text = readSecretFile(WHAT, adminPasswordFile, OWNER_ONLY);
    if (text === null) throw new Error(`there is no ${WHAT} file ${adminPasswordFile}`);
    return { text, from: adminPasswordFile };
  }
  if (credentialsDirectory === null) return null;
  const from = join(credentialsDirectory, CREDENTIAL);
  const text = readSecretFile(WHAT, from, OWNER_AND_ACL);
  return text === null ? null : { text, from };
}

/** One that a start before this one made, and did not come to store, is used again. */
function made(path: string): { text: string; from: string } {
  if (readSecretFile(WHAT, path, OWNER_ONLY) === null)
    makeSecretFile(path, `${randomBytes(18).toString('base64url')}\n`);
  return { text: readSecretFile(WHAT, path, OWNER_ONLY) ?? '', from: path };
}

/**
 * Makes the account admin unless there is one: the password is what it is from then on, whatever the file says.
 * @throws Error when the file is missing, empty, or others may read it
 */
export async function ensureAdmin(db: Database, sources: Sources, log: Logger): Promise<void> {
  if ((await readPasswordHash(db, ADMIN)) !== null) return;
  const found = given(sources);
  const { text, from } = found ?? made(join(sources.dataDirectory, 'admin-password'));
  const password = text.replace(/\r?\n$/, '');
  if (password === '') throw new Error(`the ${WHAT} from ${from} is empty`);
  if (await addAccount(db, ADMIN, await hashPassword(password))) {
    if (found === null) log.warn('the first password of admin was made, and is in this file', { path: from });
    return;
  }
  // Another coordinator was first. A password that we made and that is not the one would only mislead.
  if (found === null && !(await verifyPassword(await readPasswordHash(db, ADMIN), password))) rmSync(from);
}
