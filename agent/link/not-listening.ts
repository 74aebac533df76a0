// Whether anybody listens at an address: what a connection that is not made is for, in the system's words.
import { once } from 'node:events';
import { connect } from 'node:net';
import { reasonOf, rootCode } from '../../shared/errors.ts';

const LISTENS_WITHIN_MS = 10_000;

/** @returns why nobody listens at `host:port`, and the system's code for it, if there is one; null when somebody does */
export async function whyNotListening(
  address: string,
  signal: AbortSignal,
): Promise<{ reason: string; code: string } | null> {
  const { hostname, port } = new URL(`tcp://${address}`);
  const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) });
  const within = AbortSignal.any([signal, AbortSignal.timeout(LISTENS_WITHIN_MS)]);
  try {
    await once(socket, 'connect', { signal: within });
    return null;
  } catch (error) {
    const isLate = within.aborted && !signal.aborted;
    if (isLate)
      return { reason: `no connection to ${address} within ${LISTENS_WITHIN_MS} ms`, code: 'ETIMEDOUT' };
    return { reason: reasonOf(error), code: rootCode(error) };
  } finally {
    socket.destroy();
  }
}
