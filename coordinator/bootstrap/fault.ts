// Why an agent could not be brought to a host, in words for the operator and without any secret.
import type { FaultKind } from '../core/bootstrap.ts';

/** `message` names host and user; it goes into events and logs as it is. */
export class BootstrapFault extends Error {
  readonly kind: FaultKind;
  constructor(kind: FaultKind, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'BootstrapFault';
    this.kind = kind;
  }
}

const MOST_LENGTH = 400;

/**
 * The end of what a host said, on one line and short, in which nothing is left of what we told it.
 * @param secrets that may have been repeated
 */
export function quoted(output: string, secrets: readonly (string | null)[]): string {
  let text = output;
  for (const secret of secrets)
    if (secret !== null && secret !== '') text = text.replaceAll(secret, '********');
  const line = text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a host may say anything
    .replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')
    .trim();
  return line.length <= MOST_LENGTH ? line : `…${line.slice(-MOST_LENGTH)}`;
}
