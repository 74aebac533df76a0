// The REST listener: an HTTP server of the node that runs us, with limits on what callers may take to send.
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Config } from './config.ts';
import { listening } from './listening.ts';

/**
 * @returns its port, which the system chose where the setting is 0, and how to end it, with the requests under way
 * @throws Conflict for a port or an address that cannot be had
 */
export async function listenForRest(
  { restHost, restPort }: Pick<Config, 'restHost' | 'restPort'>,
  answer: RequestListener,
): Promise<{ port: number; close: () => Promise<void> }> {
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 }, answer);
  await listening(
    { host: { setting: 'rest-host', address: restHost }, port: { setting: 'rest-port', number: restPort } },
    () =>
      new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(restPort, restHost, resolve);
      }),
  );
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
