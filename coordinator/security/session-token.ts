// The session id that a login answers: random, told once, kept as a hash.
import { createHash, randomBytes } from 'node:crypto';

const FORM = /^[\w-]{43}$/;

/** 256 random bits in base64url. */
export const makeSessionToken = (): string => randomBytes(32).toString('base64url');

/**
 * What the database keeps: plain SHA-256 will do, there is nothing to guess, and looking a hash up tells no time of the token.
 * @returns null for what cannot be one of ours
 */
export const hashSessionToken = (token: string): string | null =>
  FORM.test(token) ? createHash('sha256').update(token).digest('hex') : null;
