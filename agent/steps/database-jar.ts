// The jar that holds the database itself, and the version of the product that its name says.
import { posix } from 'node:path';
import type { RunInput } from '../../shared/run-input.ts';
import type { Host } from '../host/host.ts';
import { layoutOf, PRODUCTS } from '../products/index.ts';

export interface DatabaseJar {
  path: string;
  /** null: its name says none */
  version: string | null;
}

/**
 * Of `input.version`, by its layout; null when it is not to be found there.
 * @param root what takes the place of / where it is not installed yet
 */
export async function databaseJarOf(
  host: Host,
  input: Pick<RunInput, 'product' | 'version' | 'install'>,
  root = '/',
): Promise<DatabaseJar | null> {
  const { databaseJar } = PRODUCTS[input.product];
  for (const path of layoutOf(input).libraries) {
    const library = posix.join(root, path);
    for (const name of await host.listDirectory(library)) {
      const found = databaseJar.exec(name);
      if (found !== null) return { path: posix.join(library, name), version: found[1] ?? null };
    }
  }
  return null;
}
