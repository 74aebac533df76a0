// A wire between two ends that the test can cut, or let fall silent: what is sent then goes nowhere, and nobody is told.
import { connect, createServer, type NetConnectOpts, type Socket } from 'node:net';

export interface Wire {
  port: number;
  /** how many came so far */
  connections(): number;
  /** what has come through so far, both ways */
  bytes(): number;
  /** as a firewall that drops packets: connections stay, and nothing comes through, not even their ends */
  silence(): void;
  /** what was sent meanwhile is delivered, as TCP would */
  heal(): void;
  /** connections that are there end now; new ones may come */
  cut(): void;
  close(): Promise<void>;
}

/** @param to asked for each connection: where it leads; null for nowhere, which ends it */
export async function startWire(to: NetConnectOpts | (() => NetConnectOpts | null)): Promise<Wire> {
  const pairs = new Set<[Socket, Socket]>();
  let silent = false;
  let connections = 0;
  let bytes = 0;
  const server = createServer({ allowHalfOpen: true }, (near) => {
    connections += 1;
    const end = typeof to === 'function' ? to() : to;
    if (end === null) {
      near.destroy();
      return;
    }
    const far = connect({ ...end, allowHalfOpen: true });
    const pair: [Socket, Socket] = [near, far];
    pairs.add(pair);
    for (const [from, into] of [pair, [far, near] as const]) {
      from.on('data', (chunk) => {
        bytes += chunk.length;
        into.write(chunk);
      });
      from.on('end', () => into.end());
      from.on('error', () => into.destroy());
      from.on('close', () => {
        pairs.delete(pair);
        if (!silent) into.destroy();
      });
      if (silent) from.pause();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const all = (work: (socket: Socket) => void): void => {
    for (const pair of [...pairs]) pair.forEach(work);
  };
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    connections: () => connections,
    bytes: () => bytes,
    silence: () => {
      silent = true;
      all((socket) => socket.pause());
    },
    heal: () => {
      silent = false;
      all((socket) => socket.resume());
    },
    cut: () => all((socket) => socket.destroy()),
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      silent = false;
      all((socket) => socket.destroy());
      await closed;
    },
  };
}
