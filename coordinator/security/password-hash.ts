// Passwords as scrypt hashes in PHC form: each names its own cost, so that the cost can rise and old hashes still hold.
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

interface Cost {
  /** log2 of N */
  ln: number;
  r: number;
  p: number;
}

/** As dear as N = 2^17 with p = 1, in a quarter of the memory: 32 MiB while one is checked. */
const COST: Cost = { ln: 15, r: 8, p: 3 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;
const PHC = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

function derive(password: string, salt: Buffer, { ln, r, p }: Cost, bytes: number): Promise<Buffer> {
  const N = 2 ** ln;
  const maxmem = 128 * r * (N + p + 2);
  return new Promise((resolve, reject) =>
    // Normalised: the same password typed on another keyboard is the same.
    scrypt(password.normalize('NFKC'), salt, bytes, { N, r, p, maxmem }, (error, derived) =>
      error === null ? resolve(derived) : reject(error),
    ),
  );
}

const unpadded = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, COST, HASH_BYTES);
  return `$scrypt$ln=${COST.ln},r=${COST.r},p=${COST.p}$${unpadded(salt)}$${unpadded(hash)}`;
}

/** @param phc null for an account that does not exist: that takes as long, and is false @throws Error when `phc` is none */
export async function verifyPassword(phc: string | null, password: string): Promise<boolean> {
  if (phc === null) {
    await derive(password, randomBytes(SALT_BYTES), COST, HASH_BYTES);
    return false;
  }
  const [, ln, r, p, salt, hash] = PHC.exec(phc) ?? [];
  if (salt === undefined || hash === undefined) throw new Error('a stored password hash is not in PHC form');
  const expected = Buffer.from(hash, 'base64');
  const cost = { ln: Number(ln), r: Number(r), p: Number(p) };
  return timingSafeEqual(
    await derive(password, Buffer.from(salt, 'base64'), cost, expected.length),
    expected,
  );
}
