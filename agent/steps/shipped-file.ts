// A configuration file as the installed package brought it, whoever installed that package, and whatever lies in its place now.
import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { StepFailed } from '../../shared/errors.ts';
import { isRendered } from '../config-files/header.ts';
import { layoutOf, PRODUCTS } from '../products/index.ts';
import { packageNames } from './install-product.ts';
import { packageManagerOf } from './package-managers.ts';
import type { StepContext } from './step.ts';

/** Where dpkg and rpm put a package's own file when they leave another in its place. */
const BESIDE = ['.dpkg-dist', '.dpkg-new', '.rpmnew'] as const;
/** By the number of hex digits: dpkg has MD5, a package of RPM says which by that alone. */
const ALGORITHMS: Readonly<Record<number, string>> = { 32: 'md5', 40: 'sha1', 64: 'sha256', 128: 'sha512' };

function isOfDigest(text: string, digest: string): boolean {
  const algorithm = ALGORITHMS[digest.length];
  return algorithm !== undefined && createHash(algorithm).update(text).digest('hex') === digest;
}

/**
 * Of all texts that it could be it is the one of the digest that the package manager knows: the file itself, what lies beside
 * it, or what was kept of other versions where the package did not change it. Where none is, an operator's own edits of a
 * file that was never rendered are taken for the package's.
 * @param config the directory that `path` is relative to, without symbolic links
 * @returns null when there is no such file
 * @throws StepFailed `config-file-not-kept` when only what was rendered is there
 */
export async function shippedFile(
  context: StepContext,
  config: string,
  path: string,
): Promise<string | null> {
  const { host, input } = context;
  const at = posix.join(config, path);
  const here = await host.readText(at);
  if (here === null) return null;
  const manager = await packageManagerOf(context);
  const digest = (await manager.shippedDigests(context, packageNames(context))).get(at);
  if (digest === undefined) return here; // no package brought it
  const kept = posix.dirname(layoutOf(input).pristine);
  const others = (await host.listDirectory(kept)).map((version) => posix.join(kept, version, path));
  for (const candidate of [at, ...BESIDE.map((ending) => `${at}${ending}`), ...others]) {
    const text = await host.readText(candidate);
    if (text !== null && isOfDigest(text, digest)) return text;
  }
  if (!isRendered(here)) return here;
  const [main] = PRODUCTS[input.product].package.names;
  throw new StepFailed(
    'config-file-not-kept',
    `${at} was written by an earlier job, and what ${main} ${input.version} brought in its place is no longer on this host. Remove that file and reinstall the package that it is of (\`${manager.commands.reinstall(main)}\`); nothing was written or stopped`,
    { resource: at, detail: { digest } },
  );
}
