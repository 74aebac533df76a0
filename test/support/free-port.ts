// A TCP port that was free a moment ago, for programs that cannot be told to take any.
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below those that the kernel gives to whoever asks for any: a port has to stay free while its program is down and comes back. */
const [FIRST, AFTER_LAST] = [20_000, 32_000];

/** A program that is to have one may bind it long after the next was asked for. */
const given = new Set<number>();

/** @returns one that is free at every address of this machine, and that this process was not given before */
export async function freePort(): Promise<number> {
  const port = FIRST + Math.floor(Math.random() * (AFTER_LAST - FIRST));
  if (given.has(port)) return await freePort();
  given.add(port);
  const server = createServer();
  try {
    await once(server.listen(port, '0.0.0.0'), 'listening');
  } catch {
    return await freePort();
  }
  server.close();
  await once(server, 'close');
  return port;
}
