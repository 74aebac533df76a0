// Names of hosts and URLs as patterns, in words that ECMAScript, Python and Rust read alike: no \s, \d or \w, no look-behind.
const LABEL = '[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?';
const OCTET = '(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])';
const IPV4 = String.raw`${OCTET}(?:\.${OCTET}){3}`;
const GROUP = '[0-9A-Fa-f]{1,4}';
/** Without an IPv4 address at its end. */
const IPV6 = [
  `(?:${GROUP}:){7}${GROUP}`,
  `(?:${GROUP}:){1,7}:`,
  ...[1, 2, 3, 4, 5, 6].map((most) => `(?:${GROUP}:){1,${most}}(?::${GROUP}){1,${7 - most}}`),
  `:(?::${GROUP}){1,7}`,
  '::',
].join('|');
const PORT = '(?:[0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])';

/** As `isDnsName`, but for the length of the whole. */
export const DNS_NAME = String.raw`^(?:${LABEL}\.)*(?![0-9]+$)${LABEL}$`;

/** A name whose last label is a number is an address to URLs, or nothing. */
const URL_HOST = String.raw`(?:${IPV4}|\[(?:${IPV6})\]|(?:${LABEL}\.)*(?!(?:[0-9]+|0[Xx][0-9A-Fa-f]*)(?:[:/?#]|$))${LABEL})`;

/** What ends a line or a word: controls, and what JavaScript trims. */
export const CONTROL = String.raw`\u0000-\u001f\u007f-\u009f\u2028\u2029`;
export const BLANK = String.raw` \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\ufeff`;

const WEB_URL = `https?://${URL_HOST}(?::${PORT})?(?:[/?#][^${CONTROL}${BLANK}]*)?`;
const FILE_URL = String.raw`file://(?:/(?!\.{1,2}(?:/|$))[^/\\?#${CONTROL}${BLANK}]+)+`;
/** http and https without user or password; a file of this machine. */
export const URL_PATTERN = `^(?:${WEB_URL}|${FILE_URL})$`;
