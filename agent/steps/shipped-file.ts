// A configuration file as the installed package brought it, whoever installed that package, and whatever lies in its place now.
import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { StepFailed } from '../../shared/errors.ts';
import { isLooking } from '../../shared/looking.ts';
import { isRendered } from '../config-files/header.ts';
import { layoutOf, PRODUCTS } from '../products/index.ts';
import { packageNames } from './install-product.ts';
import { packageManagerOf } from './package-managers.ts';
import type { StepContext } from './step.ts';

/** Where dpkg and rpm put a package's own file when they leave another in its place. */
const BESIDE = ['.dpkg-dist', '.dpkg-new', '.rpmnew'] as const;
/** By the number of hex digits: dpkg has MD5, a package of RPM says which by that alone. */
const ALGORITHMS: Readonly<Record<number, string>> = { 32: 'md5', 40: 'sha1', 64: 'sha256', 128: 'sha512' };

export function isOfDigest(text: string, digest: string): boolean {
  const algorithm = ALGORITHMS[digest.length];
  return algorithm !== undefined && createHash(algorithm).update(text).digest('hex') === digest;
}

/** `digest`: of the file as a package brought it, in hex, where that is nowhere on this host any more. */
export type Shipped = { text: string } | { text: null; digest: string };

/**
 * Of all texts that it could be it is the one of the digest that the package manager knows: the file itself, what lies beside
 * it, or what was kept of other versions where the package did not change it. Where none is, an operator's own edits of a
 * file that was never rendered are taken for the package's.
 * @param config the directory that `path` is relative to, without symbolic links
 * @returns null when there is no such file; a digest alone when only what was rendered is there
 */
export async function findShipped(
  context: StepContext,
  config: string,
  path: string,
): Promise<Shipped | null> {
  const { host, input } = context;
  const at = posix.join(config, path);
  const here = await host.readText(at);
  if (here === null) return null;
  const manager = await packageManagerOf(context);
  const digest = (await manager.shippedDigests(context, packageNames(context))).get(at);
  if (digest === undefined) return { text: here }; // no package brought it
  const kept = posix.dirname(layoutOf(input).pristine);
  const others = (await host.listDirectory(kept)).map((version) => posix.join(kept, version, path));
  for (const candidate of [at, ...BESIDE.map((ending) => `${at}${ending}`), ...others]) {
    const text = await host.readText(candidate);
    if (text !== null && isOfDigest(text, digest)) return { text };
  }
  return isRendered(here) ? { text: null, digest } : { text: here };
}

/** @throws StepFailed `config-file-not-kept` where `findShipped` has no text */
export async function shippedFile(
  context: StepContext,
  config: string,
  path: string,
): Promise<string | null> {
  const { input } = context;
  const found = await findShipped(context, config, path);
  if (found === null || found.text !== null) return found?.text ?? null;
  const { digest } = found;
  const at = posix.join(config, path);
  const manager = await packageManagerOf(context);
  const [main] = PRODUCTS[input.product].package.names;
  const lost = `${at} was written by an earlier job, or by the original, and what ${main} ${input.version} brought in its place is no longer on this host`;
  if (isLooking(input))
    throw new StepFailed(
      'config-file-not-kept',
      `${lost}: a job that writes reads it from its package first, and what it would change is not to be told before`,
      { resource: at, detail: { digest } },
    );
  throw new StepFailed(
    'config-file-not-kept',
    `${lost}, nor could it be read from its package again. Remove that file and reinstall the package that it is of (\`${manager.commands.reinstall(main)}\`); nothing was written or stopped`,
    { resource: at, detail: { digest } },
  );
}
