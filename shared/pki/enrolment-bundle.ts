// What an operator carries to a new node: who it is to be, its one-time secret, whom to trust and where to ask.
import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { InvalidInput } from '../errors.ts';
import { isUuid } from '../uuid.ts';
import { isEndpoint } from './endpoint.ts';

const isAuthorityPem = (pem: string): boolean => {
  try {
    return new X509Certificate(pem).ca;
  } catch {
    return false;
  }
};

// The messages are ours throughout: what is wrong is named, what was sent (a secret) is not repeated.
const bundleSchema = z.strictObject({
  v: z.literal(1, { error: 'must be 1; a newer coordinator wrote this bundle' }),
  nodeId: z.string().refine((id) => isUuid(id) && id === id.toLowerCase(), 'must be a UUID in lower case'),
  /** 256 random bits in base64url. */
  secret: z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'must be 43 characters of base64url'),
  /** PEM. The agent verifies the coordinator with it from the first byte on: there is no trust on first use. */
  ca: z.string().max(8192).refine(isAuthorityPem, 'must be the certificate of an authority in PEM'),
  /** `host:port` of enrolment listeners, at least one. */
  enrolAddresses: z.array(z.string().refine(isEndpoint, 'must be host:port')).min(1).max(32),
});

export type EnrolmentBundle = z.infer<typeof bundleSchema>;

const MOST_CHARACTERS = 32_768;

function checked(bundle: unknown): EnrolmentBundle {
  const parsed = bundleSchema.safeParse(bundle);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => ({
    pointer: issue.path.map((part) => `/${String(part)}`).join(''),
    message: issue.message,
  }));
  const where = problems.map(({ pointer, message }) => `${pointer || 'bundle'} ${message}`).join('; ');
  throw new InvalidInput(`This is not a valid enrolment bundle: ${where}`, problems);
}

/** @returns one line of base64url @throws InvalidInput when a part of it could not be decoded again */
export const encodeBundle = (bundle: EnrolmentBundle): string =>
  Buffer.from(JSON.stringify(checked(bundle))).toString('base64url');

/**
 * @param text what `encodeBundle` gave; line breaks of a terminal are forgiven
 * @throws InvalidInput that names the part at fault and never its value
 */
export function decodeBundle(text: string): EnrolmentBundle {
  if (text.length > MOST_CHARACTERS) throw new InvalidInput('An enrolment bundle is never this long');
  const packed = text.replaceAll(/\s/g, '');
  if (!/^[A-Za-z0-9_-]+$/.test(packed))
    throw new InvalidInput('An enrolment bundle is one line of base64url');
  let bundle: unknown;
  try {
    bundle = JSON.parse(Buffer.from(packed, 'base64url').toString('utf8'));
  } catch {
    // No cause: a JSON error quotes the text, and the text holds the secret.
    throw new InvalidInput('This enrolment bundle is cut short or damaged');
  }
  return checked(bundle);
}
