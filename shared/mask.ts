// Secrets in free text, of programs and servers as well as of ours: masked before an event or a log line is made of it.

/** What stands in a secret's place. */
export const MASK = '********';
/** What stands between :// and @ of an address: a password, or a token in the user's place. Bounded, so that no text is slow. */
const IN_URL = /(\b[a-z][a-z0-9+.-]{1,15}:\/\/)[^\s/@"'<>]{1,512}@/gi;
/** `api_key=…`, `"token": "…"`, `apikey: …`; neither `initial_token` nor `num_tokens`, which are no secrets. */
const NAMED =
  /((?:api[_-]?key|(?<!initial[_-])\btoken|(?:access|auth|refresh|session)[_-]token|passw(?:or)?d|secret[_-]?key)\\?["']?[ \t]{0,4}[:=][ \t]{0,4}\\?["']?)[^\s"'&,;}\]\\]{1,4096}/gi;

export const maskSecrets = (text: string): string =>
  text.replace(IN_URL, `$1${MASK}@`).replace(NAMED, `$1${MASK}`);

/** Without credentials and query, which may hold a token. */
export function shownUrl(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
