// Who this agent is: its node id, the key and certificate that prove it, whom it trusts and where it dials.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { InvalidInput } from '../../shared/errors.ts';
import { isEndpoint } from '../../shared/pki/endpoint.ts';
import { nodeIdFromSubjectAltName } from '../../shared/pki/node-identity.ts';

export interface Identity {
  nodeId: string;
  privateKeyPem: string;
  certificatePem: string;
  /** The authority that every coordinator's certificate must come from. */
  caPem: string;
  /** `host:port` of the coordinators' agent listeners, at least one. */
  coordinatorAddresses: string[];
}

/** What does not fit, or null. Dates are not looked at: TLS does that, and says which end is wrong. */
function mismatch(identity: Identity): string | null {
  const certificate = new X509Certificate(identity.certificatePem);
  const authority = new X509Certificate(identity.caPem);
  if (!certificate.checkPrivateKey(createPrivateKey(identity.privateKeyPem))) {
    return 'the certificate is for another key';
  }
  if (!certificate.checkIssued(authority) || !certificate.verify(authority.publicKey)) {
    return 'the certificate does not come from the authority';
  }
  if (nodeIdFromSubjectAltName(certificate.subjectAltName) !== identity.nodeId) {
    return 'the certificate names another node';
  }
  if (identity.coordinatorAddresses.length === 0 || !identity.coordinatorAddresses.every(isEndpoint)) {
    return 'a coordinator address is not host:port';
  }
  return null;
}

const isText = (value: unknown): value is string => typeof value === 'string';

/**
 * Takes a value apart and makes sure that its parts belong together: said of what a coordinator answers to an
 * enrolment, and of what is read back from disk.
 * @throws InvalidInput that says what does not fit
 */
export function checkIdentity(value: unknown): Identity {
  const parts: Record<string, unknown> = { ...(typeof value === 'object' ? value : null) };
  const { nodeId, privateKeyPem, certificatePem, caPem, coordinatorAddresses } = parts;
  if (
    !isText(nodeId) ||
    !isText(privateKeyPem) ||
    !isText(certificatePem) ||
    !isText(caPem) ||
    !Array.isArray(coordinatorAddresses) ||
    !coordinatorAddresses.every(isText)
  ) {
    throw new InvalidInput('This is not an agent identity: a part is missing');
  }
  const identity = { nodeId, privateKeyPem, certificatePem, caPem, coordinatorAddresses };
  let wrong: string | null;
  try {
    wrong = mismatch(identity);
  } catch {
    wrong = 'a key or certificate cannot be read'; // no cause: it could quote the key
  }
  if (wrong !== null) throw new InvalidInput(`This is not an agent identity: ${wrong}`);
  return identity;
}
