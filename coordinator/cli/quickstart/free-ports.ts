// Looks whether the ring's ports are free before anything is started: found out later it costs a node, perhaps another's.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { Conflict } from '../../../shared/errors.ts';
import type { QuickstartConfig } from './settings.ts';

async function isFree(host: string, port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen({ host, port, exclusive: true }), 'listening');
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false;
    throw new Conflict(`cannot listen on ${host}:${port}: ${(error as Error).message}`, [], error);
  } finally {
    server.close();
  }
}

/** @throws Conflict that names every port that is taken and the setting that changes it */
export async function checkRingPorts(
  config: Pick<QuickstartConfig, 'addresses' | 'nativePort' | 'storagePort' | 'jmxPorts'>,
): Promise<void> {
  const wanted = config.addresses.flatMap((address, at) => [
    { setting: 'native-port', host: address, port: config.nativePort },
    { setting: 'storage-port', host: address, port: config.storagePort },
    { setting: 'jmx-ports', host: '127.0.0.1', port: config.jmxPorts[at] ?? 0 },
  ]);
  const taken: string[] = [];
  for (const { setting, host, port } of wanted)
    if (!(await isFree(host, port))) taken.push(`${host}:${port} (--${setting})`);
  if (taken.length > 0)
    throw new Conflict(
      `in use by something else: ${taken.join(', ')}; choose others, or end what holds them`,
    );
}
