// The one-time secret of an enrolment: shown once in the bundle, kept as a hash.
import { createHash, randomBytes } from 'node:crypto';

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
