// The kinds of text that end up on hosts and in database nodes: what fits, and the words for what does not.
import { CRON_FIELDS } from './cron-fields.ts';
import { BLANK, CONTROL, DNS_NAME, URL_PATTERN } from './host-patterns.ts';
import { isAddress, isDnsName } from './pki/endpoint.ts';
import { CONSISTENCY_LEVELS } from './ring-view.ts';

/** What JSON Schema can say of a text. */
type TextSchema = { pattern: string } | { format: 'ipv4' | 'ipv6' };

export interface Format {
  /** characters at most */
  most: number;
  /** for whoever wants to know before he asks; `fits` may refuse more, where `must` says so */
  schema: TextSchema | { anyOf: readonly TextSchema[]; not?: { enum: readonly string[] } };
  fits: (text: string) => boolean;
  /** completes "the field …" */
  must: string;
  /** more of what is wrong, behind that; '' where nothing is known */
  more?: (text: string) => string;
}

/** What a pattern says whole. */
function matching(source: string): Pick<Format, 'schema' | 'fits'> {
  const pattern = new RegExp(source, 'u');
  return { schema: { pattern: source }, fits: (text) => pattern.test(text) };
}

const UNSPECIFIC = ['0.0.0.0', '::'];
const HOST = [{ format: 'ipv4' }, { format: 'ipv6' }, { pattern: DNS_NAME }] as const;
const isHost = (text: string): boolean => isAddress(text) || isDnsName(text);

const TOKENS = matching('^ *-?[0-9]{1,19} *(?:, *-?[0-9]{1,19} *)*$');
/** Murmur3: whole numbers of 64 bits, no two alike. */
function areTokens(text: string): boolean {
  if (!TOKENS.fits(text)) return false;
  const numbers = text.split(',').map((token) => BigInt(token.trim()));
  return numbers.every((n) => BigInt.asIntN(64, n) === n) && new Set(numbers).size === numbers.length;
}

const KEYSPACE = '[A-Za-z0-9_]{1,48}';
const KEYSPACE_LEVEL = `${KEYSPACE} *= *(?:${CONSISTENCY_LEVELS.join('|')})`;

const URLS = matching(URL_PATTERN);

/** One field of a cron expression: *, values and ranges, with steps after * and ranges. */
function cronField(value: string, step: string): string {
  const part = `(?:[*](?:/(?:${step}))?|(?:${value})(?:-(?:${value})(?:/(?:${step}))?)?)`;
  return `${part}(?:,${part})*`;
}
const cronNames = (names: string): string => `${names}|${names.toLowerCase()}`;
const CRON_FORMS = [
  cronField('0?[0-9]|[1-5][0-9]', '[1-9]|[1-5][0-9]'),
  cronField('0?[0-9]|1[0-9]|2[0-3]', '[1-9]|1[0-9]|2[0-3]'),
  cronField('0?[1-9]|[12][0-9]|3[01]', '[1-9]|[12][0-9]|3[01]'),
  cronField(`0?[1-9]|1[0-2]|${cronNames('JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC')}`, '[1-9]|1[0-2]'),
  cronField(`[0-7]|${cronNames('SUN|MON|TUE|WED|THU|FRI|SAT')}`, '[1-7]'),
];
function wrongInCron(text: string): string {
  const given = text.split(' ');
  if (given.length !== CRON_FORMS.length || given.includes('')) return '';
  const wrong = CRON_FORMS.flatMap((form, at) =>
    new RegExp(`^${form}$`).test(given[at] ?? '') ? [] : [`${given[at]} is no ${CRON_FIELDS[at]}`],
  );
  return `: ${wrong.join(', ')}`;
}

const ZONES = matching('^[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*$');
function isTimeZone(text: string): boolean {
  if (!ZONES.fits(text)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return true;
  } catch {
    return false;
  }
}

const MOMENTS = matching(
  '^[1-9][0-9]{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:[.][0-9]{1,6})?(?:Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])$',
);
/** Whether the month has that day. */
const isDay = (day: string): boolean => new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);

// Absolute and normalised; no character that a class path, a shell or a pattern would read as more than a name.
const IN_PATH = String.raw`\p{L}\p{M}\p{N}_.+@~-`;
const PATH = String.raw`(?:/(?!\.{1,2}(?:/|$))[${IN_PATH}](?:[ ${IN_PATH}]*[${IN_PATH}])?)+`;

/** The system's own: nothing is installed there or below. */
const SYSTEM =
  '/(?:bin|boot|dev|etc|lib(?:32|64|x32)?|proc|run|sbin|sys|usr/s?bin|usr/lib(?:32|64|x32|exec)?|var/run)(?:/|$)';
/** Shared by many: a directory below them is needed. */
const SHARED =
  '/(?:home|media|mnt|opt|root|srv|tmp|usr|usr/(?:local|share)|var|var/(?:cache|lib|log|opt|spool|tmp))$';

export const FORMATS = {
  /** no column of the database holds a NUL */
  text: { most: 65_536, ...matching(String.raw`^[^\u0000]*$`), must: 'must not hold a NUL character' },
  'keyspace-names': {
    most: 4_096,
    ...matching(`^ *(?:${KEYSPACE} *(?:, *${KEYSPACE} *)*)?$`),
    must: 'must be names of keyspaces with commas between them',
  },
  'keyspace-levels': {
    most: 4_096,
    ...matching(`^ *(?:${KEYSPACE_LEVEL} *(?:, *${KEYSPACE_LEVEL} *)*)?$`),
    must: `must be keyspace=LEVEL with commas between them, each level one of ${CONSISTENCY_LEVELS.join(', ')}`,
  },
  line: {
    most: 255,
    ...matching(`^[^${CONTROL}]*$`),
    must: 'must be one line without control characters',
  },
  name: {
    most: 255,
    ...matching(`^[^${CONTROL}${BLANK}](?:[^${CONTROL}]*[^${CONTROL}${BLANK}])?$`),
    must: 'must be one line without control characters, and without blanks at its ends',
  },
  /** of a datacenter or a rack: tools take lists of them, with commas, colons and quotes */
  place: {
    most: 100,
    ...matching(String.raw`^[\p{L}\p{N}_](?:[\p{L}\p{M}\p{N}_. -]*[\p{L}\p{M}\p{N}_.-])?$`),
    must: 'must be made of letters, digits, "_", "-", "." and blanks inside',
  },
  address: {
    most: 253,
    schema: { anyOf: HOST, not: { enum: UNSPECIFIC } },
    fits: (text) => isHost(text) && !UNSPECIFIC.includes(text),
    must: 'must be an IP address (no brackets, no zone, not 0.0.0.0) or a DNS name',
  },
  /** where a server listens: 0.0.0.0 means everywhere */
  'listen-address': {
    most: 253,
    schema: { anyOf: HOST },
    fits: isHost,
    must: 'must be an IP address (no brackets, no zone) or a DNS name',
  },
  tokens: {
    most: 65_536,
    schema: TOKENS.schema,
    fits: areTokens,
    must: 'must be Murmur3 tokens (whole numbers from -2^63 to 2^63-1), several with commas between them, none twice',
  },
  version: {
    most: 64,
    ...matching(String.raw`^[0-9]{1,3}(?:\.[0-9]{1,5}){1,3}(?:[.+~-][A-Za-z0-9]+)*$`),
    must: 'must be a version such as 6.8.36 or 5.0.8',
  },
  url: {
    most: 2_048,
    schema: URLS.schema,
    // What the pattern lets through and no URL can be: international names that are spelt wrong.
    fits: (text) => URLS.fits(text) && URL.canParse(text),
    must: 'must be an http, https or file URL without blanks; credentials belong in username and password',
  },
  path: {
    most: 1_024,
    ...matching(`^${PATH}$`),
    must: 'must be an absolute path without "." and "..", of letters, digits, blanks and "_.+@~-"',
  },
  /** a path that may say by a slash at its end that it is one */
  directory: {
    most: 1_024,
    ...matching(`^${PATH}/?$`),
    must: 'must be an absolute path without "." and "..", of letters, digits, blanks and "_.+@~-"',
  },
  'install-directory': {
    most: 1_024,
    ...matching(`^(?!${SYSTEM})(?!${SHARED})${PATH}$`),
    must:
      'must be an absolute path without "." and ".." and without a slash at its end, of letters, digits, blanks and ' +
      `"_.+@~-", and none of the system's own directories`,
  },
  /** as ssh-keygen -l shows a key, in a line with more: whoever gives that whole is told which part is wanted, and not its length */
  'key-fingerprint': {
    most: 1_024,
    ...matching('^SHA256:[A-Za-z0-9+/]{43}$'),
    must: 'must be the fingerprint of a host key alone, the second word of the line that ssh-keygen -l shows, such as SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU',
  },
  /** of SSH: whatever there is a program for writes such a line, and what it encloses shows once it is used */
  'private-key': {
    most: 65_536,
    ...matching(
      String.raw`^(?:|[^\u0000]*-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----[^\u0000]*|PuTTY-User-Key-File-[0-9][^\u0000]*)$`,
    ),
    must: 'must be a whole private key, with its first line "-----BEGIN … PRIVATE KEY-----"',
  },
  cron: {
    most: 255,
    ...matching(`^${CRON_FORMS.join(' ')}$`),
    more: wrongInCron,
    must: 'must be a cron expression of five fields (minute, hour, day of the month, month, day of the week), such as "0 2 * * 6" or "*/30 22-23,0-4 * * MON-FRI"',
  },
  'time-zone': {
    most: 64,
    schema: ZONES.schema,
    fits: isTimeZone,
    must: 'must be UTC or a name of the IANA time zone database, such as Europe/Berlin',
  },
  /** RFC 3339 */
  moment: {
    most: 40,
    schema: MOMENTS.schema,
    fits: (text) => MOMENTS.fits(text) && isDay(text.slice(0, 10)),
    must: 'must be a time with its offset (RFC 3339), such as 2026-12-24T18:00:00Z or 2026-12-24T18:00:00+01:00',
  },
  /** what stands in an apt source line */
  'apt-words': {
    most: 255,
    ...matching('^[A-Za-z0-9_./+~-]+(?:[ ,]+[A-Za-z0-9_./+~-]+)*$'),
    must: 'must be words of letters, digits and "_./+~-", with commas between them',
  },
} as const satisfies Record<string, Format>;

export type FormatName = keyof typeof FORMATS;

/** In characters, as JSON Schema counts them, and not in halves of surrogate pairs. */
export const lengthOf = (text: string): number => [...text].length;

/** @returns what is wrong, as the rest of a sentence; null when it fits */
export function formatProblem(name: FormatName, text: string): string | null {
  const { most, fits, must, more }: Format = FORMATS[name];
  if (lengthOf(text) > most) return `must be at most ${most} characters long`;
  if (fits(text)) return null;
  return text === '' ? 'must not be empty' : `${must}${more?.(text) ?? ''}`;
}
