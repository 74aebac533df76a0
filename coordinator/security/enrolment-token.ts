// The one-time secret of an enrolment: shown once in the bundle, kept as a hash.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

export interface EnrolmentSecret {
  /** 256 random bits in base64url; goes into the bundle and is then forgotten. */
  secret: string;
  /** SHA-256 of the secret, hex: what the database keeps. */
  hash: string;
}

/** Plain SHA-256 will do: the secret is 256 random bits, there is nothing to guess. */
export const hashEnrolmentSecret = (secret: string): string =>
  createHash('sha256').update(secret).digest('hex');

export function makeEnrolmentSecret(): EnrolmentSecret {
  const secret = randomBytes(32).toString('base64url');
  return { secret, hash: hashEnrolmentSecret(secret) };
}

/** Takes the same time whichever digit differs. @param hash as stored, 64 hex digits */
export function isEnrolmentSecret(secret: string, hash: string): boolean {
  const given = Buffer.from(hashEnrolmentSecret(secret), 'hex');
  const stored = Buffer.from(hash, 'hex');
  return given.length === stored.length && timingSafeEqual(given, stored);
}
