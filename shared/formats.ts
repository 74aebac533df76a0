// The kinds of text that end up on hosts and in database nodes: what fits, and the words for what does not.
import { isAddress, isDnsName } from './pki/endpoint.ts';

export interface Format {
  /** characters at most */
  most: number;
  fits: (text: string) => boolean;
  /** completes "the field …" */
  must: string;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
const isOneLine = (text: string): boolean => !CONTROL.test(text);

const UNSPECIFIC = new Set(['0.0.0.0', '::']);
const isHost = (text: string): boolean => isAddress(text) || isDnsName(text);

/** Murmur3: whole numbers of 64 bits, no two alike. */
function areTokens(text: string): boolean {
  const tokens = text.split(',').map((token) => token.trim());
  if (!tokens.every((token) => /^-?\d{1,19}$/.test(token))) return false;
  const numbers = tokens.map(BigInt);
  return numbers.every((n) => BigInt.asIntN(64, n) === n) && new Set(numbers).size === numbers.length;
}

function isUrl(text: string): boolean {
  if (!URL.canParse(text) || /\s/.test(text) || !isOneLine(text)) return false;
  const { protocol, host, pathname, username, password } = new URL(text);
  if (username !== '' || password !== '') return false;
  return protocol === 'file:' ? host === '' && pathname !== '/' : ['http:', 'https:'].includes(protocol);
}

/** Absolute and normalised; no character that a class path, a shell or a pattern would read as more than a name. */
const isPath = (text: string): boolean =>
  /^(?:\/[\p{L}\p{M}\p{N}_.+@~-](?:[\p{L}\p{M}\p{N}_.+@~ -]*[\p{L}\p{M}\p{N}_.+@~-])?)+$/u.test(text) &&
  !text.split('/').some((part) => part === '.' || part === '..');

/** The system's own: nothing is installed there or below. */
const SYSTEM =
  /^\/(?:bin|boot|dev|etc|lib(?:32|64|x32)?|proc|run|sbin|sys|usr\/s?bin|usr\/lib(?:32|64|x32|exec)?|var\/run)(?:\/|$)/;
/** Shared by many: a directory below them is needed. */
const SHARED =
  /^\/(?:home|media|mnt|opt|root|srv|tmp|usr|usr\/(?:local|share)|var|var\/(?:cache|lib|log|opt|spool|tmp))$/;

const matching = (pattern: RegExp) => (text: string) => pattern.test(text);

export const FORMATS = {
  text: { most: 65_536, fits: () => true, must: 'must be text' },
  line: { most: 255, fits: isOneLine, must: 'must be one line without control characters' },
  name: {
    most: 255,
    fits: (text) => text.trim() === text && text !== '' && isOneLine(text),
    must: 'must be one line without control characters, and without blanks at its ends',
  },
  /** of a datacenter or a rack: tools take lists of them, with commas, colons and quotes */
  place: {
    most: 100,
    fits: matching(/^[\p{L}\p{N}_](?:[\p{L}\p{M}\p{N}_. -]*[\p{L}\p{M}\p{N}_.-])?$/u),
    must: 'must be made of letters, digits, "_", "-", "." and blanks inside',
  },
  address: {
    most: 255,
    fits: (text) => isHost(text) && !UNSPECIFIC.has(text),
    must: 'must be an IP address (no brackets, no zone, not 0.0.0.0) or a DNS name',
  },
  /** where a server listens: 0.0.0.0 means everywhere */
  'listen-address': {
    most: 255,
    fits: isHost,
    must: 'must be an IP address (no brackets, no zone) or a DNS name',
  },
  tokens: {
    most: 65_536,
    fits: areTokens,
    must: 'must be Murmur3 tokens (whole numbers from -2^63 to 2^63-1), several with commas between them, none twice',
  },
  version: {
    most: 64,
    fits: matching(/^\d{1,3}(?:\.\d{1,5}){1,3}(?:[.+~-][A-Za-z0-9]+)*$/),
    must: 'must be a version such as 6.8.36 or 5.0.8',
  },
  url: {
    most: 2_048,
    fits: isUrl,
    must: 'must be an http, https or file URL without blanks; credentials belong in username and password',
  },
  path: {
    most: 1_024,
    fits: isPath,
    must: 'must be an absolute path without "." and "..", of letters, digits, blanks and "_.+@~-"',
  },
  /** a path that may say by a slash at its end that it is one */
  directory: {
    most: 1_024,
    fits: (text) => isPath(text.replace(/\/$/, '')),
    must: 'must be an absolute path without "." and "..", of letters, digits, blanks and "_.+@~-"',
  },
  'install-directory': {
    most: 1_024,
    fits: (text) => isPath(text) && !SYSTEM.test(text) && !SHARED.test(text),
    must:
      'must be an absolute path without "." and ".." and without a slash at its end, of letters, digits, blanks and ' +
      `"_.+@~-", and none of the system's own directories`,
  },
  /** what stands in an apt source line */
  'apt-words': {
    most: 255,
    fits: matching(/^[\w./+~-]+(?:[ ,]+[\w./+~-]+)*$/),
    must: 'must be words of letters, digits and "_./+~-", with commas between them',
  },
} as const satisfies Record<string, Format>;

export type FormatName = keyof typeof FORMATS;

/** @returns what is wrong, as the rest of a sentence; null when it fits */
export function formatProblem(name: FormatName, text: string): string | null {
  const { most, fits, must }: Format = FORMATS[name];
  if (text.length > most) return `must be at most ${most} characters long`;
  if (fits(text)) return null;
  return text === '' ? 'must not be empty' : must;
}
