// Sees to it that the web desk is built from its sources as they are now, once a process.
import { fileURLToPath } from 'node:url';

let built: Promise<unknown> | null = null;

const root = (): string => fileURLToPath(new URL('../../', import.meta.url));

/** From dist the build that the tests came with is tested; from the sources it is made. */
export async function buildDesk(): Promise<void> {
  if (!import.meta.url.endsWith('.ts')) return;
  built ??= import('vite').then(({ build }) =>
    build({
      configFile: `${root()}.config/vite.mjs`,
      root: `${root()}coordinator/ui`,
      logLevel: 'warn',
    }),
  );
  await built;
}
