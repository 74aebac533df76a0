// Why an agent could not be brought to a host, in words for the operator and without any secret.
import type { FaultKind } from '../core/bootstrap.ts';

/** Beyond that nobody reads on, and a host may say any amount. */
const MOST_MESSAGE = 2_000;
const MOST_QUOTED = 400;

/** Without what would move a terminal's cursor, turn the direction of writing, or be refused by a database. */
const onOneLine = (text: string): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a host may say anything
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]+/g, ' ')
    .trim();

/** `message` names host and user; it goes into events and logs as it is, so what a host said is in it only as `quoted`. */
export class BootstrapFault extends Error {
  readonly kind: FaultKind;
  /** @param cause of this coordinator's own: logs show it whole */
  constructor(kind: FaultKind, message: string, cause?: unknown) {
    const line = onOneLine(message);
    super(line.length <= MOST_MESSAGE ? line : `${line.slice(0, MOST_MESSAGE)}…`, { cause });
    this.name = 'BootstrapFault';
    this.kind = kind;
  }
}

/**
 * The end of what a host said, on one line and short, in which nothing is left of what we told it.
 * @param secrets that may have been repeated
 */
export function quoted(output: string, secrets: readonly (string | null)[]): string {
  const told = secrets.filter((secret): secret is string => secret !== null && secret !== '');
  told.sort((a, b) => b.length - a.length); // one may be the beginning of another
  const line = onOneLine(told.reduce((text, secret) => text.replaceAll(secret, '********'), output));
  return line.length <= MOST_QUOTED ? line : `…${line.slice(-MOST_QUOTED)}`;
}
