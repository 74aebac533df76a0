// A way to a coordinator on which answers get lost: what was asked for is done, and nobody hears of it.
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface Passed {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  /** of the answer, lost or not */
  status: number;
}

export interface LosingProxy {
  url: string;
  /** what came through, in order */
  passed: Passed[];
  /** Loses the answers to so many of the writes that come next: all of it, or from the middle of its body on. */
  lose(answers: number, how?: 'whole' | 'body'): void;
  /** Does this first, the next time that this path is asked for. */
  before(path: string, work: () => Promise<unknown>): void;
  close(): Promise<void>;
}

export async function startLosingProxy(coordinatorUrl: string): Promise<LosingProxy> {
  const passed: Passed[] = [];
  const first = new Map<string, () => Promise<unknown>>();
  let [left, from] = [0, 'whole'];
  const server = createServer(async (near, answer) => {
    const { method = 'GET', url = '/', headers } = near;
    const work = first.get(url);
    first.delete(url);
    await work?.();
    const far = request(new URL(url, coordinatorUrl), { method, headers });
    far.end(await buffer(near));
    const [given] = await once(far, 'response');
    const body = await buffer(given);
    passed.push({ method, path: url, headers, status: given.statusCode });
    if (method === 'GET' || left === 0) {
      answer.writeHead(given.statusCode, given.headers).end(body);
      return;
    }
    left -= 1;
    if (from === 'whole') near.socket.destroy();
    else {
      answer.writeHead(given.statusCode, given.headers);
      answer.write(body.subarray(0, body.length / 2), () => near.socket.destroy());
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passed,
    lose: (answers, how = 'whole') => {
      [left, from] = [answers, how];
    },
    before: (path, work) => {
      first.set(path, work);
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
