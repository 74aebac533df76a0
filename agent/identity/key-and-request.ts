// A new node's private key, which never leaves the host, and the request (PKCS #10, RFC 2986) that asks for its certificate.
import { generateKeyPairSync, sign } from 'node:crypto';

export interface KeyAndRequest {
  /** PKCS #8 PEM. */
  privateKeyPem: string;
  /** PKCS #10 PEM. It names nobody: the coordinator decides what the certificate says. */
  csrPem: string;
}

const SEQUENCE = 0x30;
const BIT_STRING = 0x03;
const VERSION_1 = Buffer.from('020100', 'hex');
const NO_NAME = Buffer.from('3000', 'hex');
const NO_ATTRIBUTES = Buffer.from('a000', 'hex');
const ECDSA_WITH_SHA256 = Buffer.from('300a06082a8648ce3d040302', 'hex'); // 1.2.840.10045.4.3.2, RFC 5758

/** One DER element; nothing in a request is longer than 255 bytes. */
function element(tag: number, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([
    Buffer.from(body.length < 0x80 ? [tag, body.length] : [tag, 0x81, body.length]),
    body,
  ]);
}

/** P-256. Written out here, since a library for it would stay in the agent's memory (15 MiB) for as long as it runs. */
export function createKeyAndRequest(): KeyAndRequest {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const asked = element(
    SEQUENCE,
    VERSION_1,
    NO_NAME,
    publicKey.export({ type: 'spki', format: 'der' }),
    NO_ATTRIBUTES,
  );
  const signature = element(BIT_STRING, Buffer.from([0]), sign('sha256', asked, privateKey));
  const der = element(SEQUENCE, asked, ECDSA_WITH_SHA256, signature);
  const lines = der.toString('base64').replaceAll(/.{1,64}/g, '$&\n');
  return {
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    csrPem: `-----BEGIN CERTIFICATE REQUEST-----\n${lines}-----END CERTIFICATE REQUEST-----\n`,
  };
}
