// Reading a stranger's certificate request: the public key is taken from it, and nothing else.
import 'reflect-metadata'; // before @peculiar/x509, which throws at import without it
import { createPublicKey, type KeyObject } from 'node:crypto';
import { Pkcs10CertificateRequest } from '@peculiar/x509';
import { InvalidInput } from '../../shared/errors.ts';

/** A request of an honest agent has 400 characters. */
export const MOST_REQUEST_CHARACTERS = 16_384;

const PEM = /^-----BEGIN CERTIFICATE REQUEST-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE REQUEST-----$/;

/**
 * Proves that the asker holds the private key (the request's signature) and returns the P-256 public key. Its subject,
 * names and extensions are not read: what a certificate says is the coordinator's decision.
 * @throws InvalidInput for anything but one well-formed, correctly signed request with a P-256 key
 */
export async function publicKeyOfRequest(csrPem: string): Promise<KeyObject> {
  if (csrPem.length > MOST_REQUEST_CHARACTERS) {
    throw new InvalidInput(`A certificate request is at most ${MOST_REQUEST_CHARACTERS} characters long`);
  }
  const body = PEM.exec(csrPem.trim())?.[1];
  if (body === undefined) throw new InvalidInput('The certificate request must be one PEM block');
  let publicKey: KeyObject;
  let signed: boolean;
  try {
    const request = new Pkcs10CertificateRequest(Buffer.from(body, 'base64')); // refuses deep nesting itself
    publicKey = createPublicKey({
      key: Buffer.from(request.publicKey.rawData),
      format: 'der',
      type: 'spki',
    });
    signed = await request.verify();
  } catch (cause) {
    throw new InvalidInput('The certificate request cannot be read', [], cause);
  }
  if (publicKey.asymmetricKeyType !== 'ec' || publicKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    throw new InvalidInput('The certificate request must be for a P-256 key');
  }
  if (!signed) throw new InvalidInput('The signature of the certificate request is wrong');
  return publicKey;
}
