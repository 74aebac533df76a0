// Agents that are turned away: one warning for each address and reason a minute, however often they dial.
import type { TLSSocket, Server as TlsServer } from 'node:tls';
import * as grpc from '@grpc/grpc-js';
import { errorChain, InvalidInput, PermissionDenied, reasonOf } from '../../shared/errors.ts';
import type { Logger } from '../../shared/log.ts';

const AGAIN_AFTER_MS = 60_000;
/** Of whom it is remembered when they were last told of; beyond that all are forgotten, and told of anew. */
const MOST_KNOWN = 1_000;

/** @param peer as grpc-js has it, with its port */
export const addressOf = (peer: string): string => peer.replace(/:\d+$/, '').replace(/^::ffff:/, '');

export class Refusals {
  readonly #log: Logger;
  readonly #nowMs: () => number;
  readonly #told = new Map<string, { atMs: number; since: number }>();

  constructor(log: Logger, nowMs: () => number = Date.now) {
    this.#log = log;
    this.#nowMs = nowMs;
  }

  /** @param peer with its port, as grpc-js has it; left out of what is compared, since each dial has another */
  note(peer: string, reason: string, nodeId: string | null = null): void {
    const address = addressOf(peer);
    const key = `${address} ${nodeId} ${reason}`;
    const nowMs = this.#nowMs();
    const known = this.#told.get(key);
    if (known !== undefined && nowMs - known.atMs < AGAIN_AFTER_MS) {
      known.since += 1;
      return;
    }
    if (this.#told.size >= MOST_KNOWN) this.#told.clear();
    this.#told.set(key, { atMs: nowMs, since: 0 });
    this.#log.warn('agent refused', {
      address,
      reason,
      ...(nodeId === null ? {} : { nodeId }),
      ...(known === undefined ? {} : { count: known.since + 1 }),
    });
  }

  /** What TLS refuses never reaches a handler of ours, and grpc-js says nothing of it. Called once it listens. */
  watch(server: grpc.Server): void {
    // Not part of the interface of grpc-js; should a later version have no such field, a test of ours fails.
    const { http2Servers } = server as unknown as { http2Servers?: ReadonlyMap<TlsServer, unknown> };
    for (const tls of http2Servers?.keys() ?? []) {
      // Looked at while it is open: a closed socket does not know whose it was.
      tls.on('connection', (socket) => void socket.remoteAddress);
      tls.on('tlsClientError', (error, socket) => {
        // Declared as an Error; what is there is its code.
        const denied = socket.authorizationError as unknown as string | null | undefined;
        const code = 'code' in error ? String(error.code) : '';
        if (!denied && !code.startsWith('ERR_SSL')) return; // a probe of the port that went away again
        this.note(remoteOf(socket), denied ? `client certificate: ${denied}` : `TLS: ${wordsOf(error)}`);
      });
    }
  }
}

function remoteOf(socket: TLSSocket): string {
  const { _parent: below } = socket as unknown as { _parent?: { remoteAddress?: string } };
  return socket.remoteAddress ?? below?.remoteAddress ?? 'unknown';
}

/** OpenSSL's own words stand behind its place numbers: `…:SSL routines:f:peer did not return a certificate:…`. */
const wordsOf = (error: Error): string =>
  'reason' in error ? String(error.reason) : error.message.slice(0, 200);

/**
 * Why somebody gets no certificate: what was asked for, who asked, or whatever else it was, which is not for strangers.
 * @param away what they are told then
 */
export function refusalOf(
  error: unknown,
  away: string,
): { code: grpc.status; details: string; reason: string } {
  const isUnsound = error instanceof InvalidInput;
  if (!isUnsound && !(error instanceof PermissionDenied))
    return { code: grpc.status.UNAVAILABLE, details: away, reason: errorChain(error) };
  const code = isUnsound ? grpc.status.INVALID_ARGUMENT : grpc.status.PERMISSION_DENIED;
  return { code, details: reasonOf(error), reason: reasonOf(error) };
}
