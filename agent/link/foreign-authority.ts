// Whether a coordinator is certified by another authority than the one this agent trusts: TLS alone says no more than "certificate signature failure".
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import { COORDINATOR_NAME } from '../../shared/wire/service.ts';

const WITHIN_MS = 10_000;
/** RFC 5280: id-ce-subjectKeyIdentifier, id-ce-authorityKeyIdentifier */
const KEY_ID = { subject: Buffer.from('0603551d0e', 'hex'), authority: Buffer.from('0603551d23', 'hex') };

/** What an agent shows, and whom it trusts. An agent that enrols has nothing to show yet. */
export interface Papers {
  caPem: string;
  certificatePem?: string;
  privateKeyPem?: string;
}

/**
 * Read by hand, since a library for it would stay in the agent's memory for as long as it runs.
 * @returns in hex; null when the certificate has none. The lengths on the way to it are of one byte each.
 */
export function keyIdOf({ raw }: X509Certificate, whose: keyof typeof KEY_ID): string | null {
  const at = raw.indexOf(KEY_ID[whose]);
  if (at === -1) return null;
  // OCTET STRING { OCTET STRING }, or OCTET STRING { SEQUENCE { [0] } }
  const tags = whose === 'subject' ? [0x04, 0x04] : [0x04, 0x30, 0x80];
  const start = at + KEY_ID[whose].length;
  const end = start + 2 * tags.length;
  if (tags.some((tag, i) => raw[start + 2 * i] !== tag)) return null;
  return raw.subarray(end, end + (raw[end - 1] ?? 0)).toString('hex');
}

const called = (name: string, keyId: string | null): string =>
  `${name.replaceAll('\n', ', ')}${keyId === null ? '' : ` (key id ${keyId})`}`;

async function certificateAt(address: string, papers: Papers): Promise<X509Certificate | null> {
  const { hostname, port } = new URL(`tcp://${address}`);
  const { certificatePem: cert, privateKeyPem: key } = papers;
  const socket: TLSSocket = connect({
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port),
    servername: COORDINATOR_NAME,
    ALPNProtocols: ['h2'],
    rejectUnauthorized: false, // nothing is said to it, and nothing taken from it but who it says it is
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
  });
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(WITHIN_MS) });
    return socket.getPeerX509Certificate() ?? null;
  } catch {
    return null;
  } finally {
    socket.on('error', () => {});
    socket.destroy();
  }
}

/** @returns the two in words; null when it is ours, or cannot be asked */
export async function foreignAuthority(address: string, papers: Papers): Promise<string | null> {
  const theirs = await certificateAt(address, papers);
  const ours = new X509Certificate(papers.caPem);
  if (theirs === null || (theirs.checkIssued(ours) && theirs.verify(ours.publicKey))) return null;
  const their = called(theirs.issuer, keyIdOf(theirs, 'authority'));
  const our = called(ours.subject, keyIdOf(ours, 'subject'));
  return `the coordinator at ${address} is certified by the authority ${their}, not by ${our}`;
}
