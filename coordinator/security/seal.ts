// Secrets at rest: AES-256-GCM under the master key, bound to the row and column that hold them.
import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';

/** Where a sealed value lives; it opens nowhere else, so a value copied to another row or column is refused. */
export interface Place {
  table: string;
  id: string;
  column: string;
}

/**
 * Why a sealed value did not open. `not-sealed`: not this format. `wrong-key`: sealed under another master key.
 * `refused`: changed since, or sealed for another place; the two cannot be told apart.
 */
export type SealFault = 'not-sealed' | 'wrong-key' | 'refused';

/** Neither the caller's nor the network's fault: the database or the master key is not what it was. */
export class SealError extends Error {
  readonly fault: SealFault;
  constructor(fault: SealFault, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'SealError';
    this.fault = fault;
  }
}

export const MASTER_KEY_BYTES = 32;

const VERSION = 1;
const KEY_ID_BYTES = 4;
const NONCE_BYTES = 12; // 96 bits, GCM's own size (NIST SP 800-38D); random, so fewer than 2^32 seals under one key
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + KEY_ID_BYTES;
const SHORTEST = HEAD_BYTES + NONCE_BYTES + TAG_BYTES;

// JSON of the parts as a list: no choice of table, id and column can spell another one's place.
const bindingOf = (head: Buffer, place: Place): Buffer =>
  Buffer.concat([head, Buffer.from(JSON.stringify([place.table, place.id, place.column]))]);

/** Layout: version (1 byte), key id (4), nonce (12), tag (16), ciphertext. Version and key id are authenticated too. */
export class SealBox {
  readonly #key: Buffer;
  readonly #head: Buffer;
  readonly #fingerprintKey: Buffer;
  /** First 8 hex digits of the SHA-256 of the master key: tells keys apart and gives nothing away. */
  readonly keyId: string;

  /** @throws RangeError unless the key has 32 bytes */
  constructor(masterKey: Buffer) {
    if (masterKey.length !== MASTER_KEY_BYTES) {
      throw new RangeError(`a master key has ${MASTER_KEY_BYTES} bytes, not ${masterKey.length}`);
    }
    this.#key = Buffer.from(masterKey);
    const keyId = createHash('sha256').update(masterKey).digest().subarray(0, KEY_ID_BYTES);
    this.keyId = keyId.toString('hex');
    this.#head = Buffer.concat([Buffer.from([VERSION]), keyId]);
    // A key of its own: one that seals is used for nothing else.
    this.#fingerprintKey = Buffer.from(hkdfSync('sha256', masterKey, '', 'ringmaster fingerprint', 32));
  }

  /** Sealing the same text twice gives different bytes. */
  seal(plain: string, place: Place): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(bindingOf(this.#head, place));
    const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
    return Buffer.concat([this.#head, nonce, cipher.getAuthTag(), body]);
  }

  /** The same for the same text; without the master key nobody can tell which text, however short it is. */
  fingerprint(text: string): Buffer {
    return createHmac('sha256', this.#fingerprintKey).update(text, 'utf8').digest();
  }

  /** @throws SealError when the value was not sealed with this key for this place, byte for byte */
  open(sealed: Buffer, place: Place): string {
    if (sealed.length < SHORTEST || sealed[0] !== VERSION) {
      throw new SealError('not-sealed', `${place.table}.${place.column} does not hold a sealed value`);
    }
    if (!sealed.subarray(1, HEAD_BYTES).equals(this.#head.subarray(1))) {
      throw new SealError(
        'wrong-key',
        `${place.table}.${place.column} was sealed with master key ${sealed.toString('hex', 1, HEAD_BYTES)}, this one is ${this.keyId}`,
      );
    }
    const nonce = sealed.subarray(HEAD_BYTES, HEAD_BYTES + NONCE_BYTES);
    const tag = sealed.subarray(HEAD_BYTES + NONCE_BYTES, SHORTEST);
    const decipher = createDecipheriv('aes-256-gcm', this.#key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(bindingOf(this.#head, place));
    decipher.setAuthTag(tag);
    try {
      return Buffer.concat([decipher.update(sealed.subarray(SHORTEST)), decipher.final()]).toString('utf8');
    } catch (cause) {
      throw new SealError(
        'refused',
        `the sealed value in ${place.table}.${place.column} was changed, or belongs to another row`,
        cause,
      );
    }
  }
}

const KEY_CHECK_PLACE: Place = { table: 'key_check', id: 'master-key', column: 'sealed' };
const KEY_CHECK_TEXT = 'ringmaster master key check';

/** What a new database stores once, so that every later start can tell whether it holds the same master key. */
export const makeKeyCheck = (box: SealBox): Buffer => box.seal(KEY_CHECK_TEXT, KEY_CHECK_PLACE);

/** @throws SealError when this master key is not the one that made the check: do not start */
export function verifyKeyCheck(box: SealBox, stored: Buffer): void {
  try {
    box.open(stored, KEY_CHECK_PLACE); // nothing but a key check is ever sealed for that place
  } catch (cause) {
    if (!(cause instanceof SealError)) throw cause;
    throw new SealError(
      cause.fault,
      `master key ${box.keyId} is not the one this database was sealed with`,
      cause,
    );
  }
}
