// Secrets come from a file, the environment or standard input, never from the command line, which others can read.
import { readFileSync } from 'node:fs';
import { CliFailure } from './exit.ts';
import type { Surroundings } from './session.ts';

export type SecretSource = { from: 'file' | 'env'; name: string } | { from: 'stdin' };

export const SOURCE_HELP = 'file:PATH, env:NAME, or - for standard input';

/** @throws CliFailure usage, without what was given: it may be the secret */
export function sourceOf(option: string, text: string): SecretSource {
  if (text === '-') return { from: 'stdin' };
  const match = /^(file|env):(.+)$/s.exec(text);
  if (match === null)
    throw new CliFailure('usage', `--${option} must be ${SOURCE_HELP}`, [
      'a secret itself does not belong on the command line: others see it there',
    ]);
  return { from: match[1] as 'file' | 'env', name: match[2] ?? '' };
}

/** The secret without the line break at its end. @throws CliFailure usage when it is not there or empty */
export async function readSecret(
  source: SecretSource,
  around: Pick<Surroundings, 'env' | 'readStdin'>,
): Promise<string> {
  const secret = await textOf(source, around);
  if (secret.replace(/\r?\n$/, '') === '')
    throw new CliFailure('usage', `the secret from ${sourceName(source)} is empty`);
  // A private key keeps its lines, and its last line break.
  return secret.trimEnd().includes('\n') ? secret : secret.replace(/\r?\n$/, '');
}

async function textOf(
  source: SecretSource,
  around: Pick<Surroundings, 'env' | 'readStdin'>,
): Promise<string> {
  switch (source.from) {
    case 'stdin':
      return await around.readStdin();
    case 'env': {
      const value = around.env[source.name];
      if (value === undefined)
        throw new CliFailure(
          'usage',
          `the environment has no ${source.name}, from which a secret should come`,
        );
      return value;
    }
    case 'file':
      try {
        return readFileSync(source.name, 'utf8');
      } catch (error) {
        throw new CliFailure(
          'usage',
          `the secret file ${source.name} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'})`,
        );
      }
  }
}

const sourceName = (source: SecretSource): string =>
  source.from === 'stdin'
    ? 'standard input'
    : `${source.from === 'file' ? '' : 'the environment: '}${source.name}`;
