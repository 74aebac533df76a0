// A new node's private key, which never leaves the host, and the request that asks for its certificate.
import { KeyObject, webcrypto } from 'node:crypto';

export interface KeyAndRequest {
  /** PKCS #8 PEM. */
  privateKeyPem: string;
  /** PKCS #10 PEM. It names nobody: the coordinator decides what the certificate says. */
  csrPem: string;
}

/** P-256. The library is loaded here, not at start: only an agent that is not yet enrolled pays its 15 MiB. */
export async function createKeyAndRequest(): Promise<KeyAndRequest> {
  await import('reflect-metadata'); // before @peculiar/x509, which throws at import without it
  const { Pkcs10CertificateRequestGenerator } = await import('@peculiar/x509');
  const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ]);
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: ['ringmaster agent'] }],
    keys,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
  });
  return {
    privateKeyPem: KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString(),
    csrPem: request.toString('pem'),
  };
}
