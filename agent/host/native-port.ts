// Whether something listens on a port, or could, and whether what listens speaks CQL.
import { connect, createServer, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** CQL v4 frame: request, no flags, stream 0, opcode OPTIONS (0x05), empty body. Needs no login. */
const OPTIONS_FRAME = Buffer.from([0x04, 0x00, 0x00, 0x00, 0x05, 0x00, 0x00, 0x00, 0x00]);
const FRAME_HEADER_BYTES = 9;
const TLS_ALERT = 0x15;

/** An address to connect to: a node that listens everywhere is asked on the loopback. */
export function reachable(address: string): string {
  if (address === '0.0.0.0') return '127.0.0.1';
  return address === '::' ? '::1' : address;
}

/** Resolves with what `judge` says first, or false when the socket ends or the time runs out. Never rejects. */
function ask(
  socket: Socket,
  withinMs: number,
  judge: (socket: Socket, say: (isYes: boolean) => void) => void,
): Promise<boolean> {
  return new Promise((resolve) => {
    const say = (isYes: boolean): void => {
      clearTimeout(limit);
      socket.destroy();
      resolve(isYes);
    };
    const limit = setTimeout(() => say(false), withinMs);
    socket.on('error', () => say(false));
    socket.on('close', () => say(false));
    judge(socket, say);
  });
}

export const portTaken = (address: string, port: number, withinMs = 1_000): Promise<boolean> =>
  ask(connect({ host: reachable(address), port }), withinMs, (socket, say) => {
    socket.on('connect', () => say(true));
  });

/** Whether anything could listen on this address here: null, or why not (`EADDRNOTAVAIL`, `ENOTFOUND`). On a port of its own. */
export const listenFault = (address: string): Promise<string | null> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host: address, port: 0 }, () => server.close(() => resolve(null)));
  });

/** True when CQL answers, plain or behind TLS. Any whole answer counts: SUPPORTED, AUTHENTICATE or an ERROR. */
export async function nativePortAnswers(address: string, port: number, withinMs: number): Promise<boolean> {
  let wasOpen = false;
  const speaks = await ask(connect({ host: reachable(address), port }), withinMs, (socket, say) => {
    let bytes = Buffer.alloc(0);
    socket.on('connect', () => {
      wasOpen = true;
      socket.write(OPTIONS_FRAME);
    });
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      const first = bytes[0] ?? 0;
      if (first === TLS_ALERT) say(true);
      else if ((first & 0x80) === 0)
        say(false); // no response frame of CQL
      else if (bytes.length >= FRAME_HEADER_BYTES) say(true);
    });
  });
  if (speaks || !wasOpen) return speaks;
  // it may insist on TLS and have hung up on our plain frame; who it is does not matter here, only that it is up
  const secure = connectTls({ host: reachable(address), port, rejectUnauthorized: false });
  return ask(secure, withinMs, (socket, say) => {
    socket.on('secureConnect', () => say(true));
  });
}
