// What an operator carries to a new node: who it is to be, its one-time secret, whom to trust and where to ask.
import { X509Certificate } from 'node:crypto';
import { type FieldProblem, InvalidInput } from '../errors.ts';
import { isUuid } from '../uuid.ts';
import { isEndpoint } from './endpoint.ts';

const isAuthorityPem = (pem: string): boolean => {
  try {
    return new X509Certificate(pem).ca;
  } catch {
    return false;
  }
};

export interface EnrolmentBundle {
  v: 1;
  nodeId: string;
  /** 256 random bits in base64url. */
  secret: string;
  /** PEM. The agent verifies the coordinator with it from the first byte on: there is no trust on first use. */
  ca: string;
  /** `host:port` of enrolment listeners, at least one. */
  enrolAddresses: string[];
}

const isText = (value: unknown): value is string => typeof value === 'string';

// By hand, since a schema library would stay in the agent's memory. What is wrong is named; what was sent, a secret, is not repeated.
const PARTS = {
  v: [(value) => value === 1, 'must be 1; a newer coordinator wrote this bundle'],
  nodeId: [
    (value) => isText(value) && isUuid(value) && value === value.toLowerCase(),
    'must be a UUID in lower case',
  ],
  secret: [
    (value) => isText(value) && /^[A-Za-z0-9_-]{43}$/.test(value),
    'must be 43 characters of base64url',
  ],
  ca: [
    (value) => isText(value) && value.length <= 8192 && isAuthorityPem(value),
    'must be the certificate of an authority in PEM',
  ],
  enrolAddresses: [
    (value) => Array.isArray(value) && value.length >= 1 && value.length <= 32,
    'must be a list of 1 to 32 addresses',
  ],
} as const satisfies Record<keyof EnrolmentBundle, [(value: unknown) => boolean, string]>;

function problemsOf(bundle: unknown): FieldProblem[] {
  if (typeof bundle !== 'object' || bundle === null) return [{ pointer: '', message: 'must be an object' }];
  const parts: Record<string, unknown> = { ...bundle };
  const problems: FieldProblem[] = [];
  for (const [name, [isRight, message]] of Object.entries(PARTS))
    if (!isRight(parts[name])) problems.push({ pointer: `/${name}`, message });
  if (!Object.keys(parts).every((name) => Object.hasOwn(PARTS, name)))
    problems.push({ pointer: '', message: 'has a part that this version does not know' });
  const addresses = Array.isArray(parts['enrolAddresses']) ? parts['enrolAddresses'].slice(0, 32) : [];
  for (const [at, address] of addresses.entries())
    if (!isText(address) || !isEndpoint(address))
      problems.push({ pointer: `/enrolAddresses/${at}`, message: 'must be host:port' });
  return problems;
}

const MOST_CHARACTERS = 32_768;

function checked(bundle: unknown): EnrolmentBundle {
  const problems = problemsOf(bundle);
  if (problems.length === 0) return bundle as EnrolmentBundle;
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
