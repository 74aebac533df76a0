// The coordinator's own certificate authority: it names agents by node id and coordinators by host name.
import 'reflect-metadata'; // before @peculiar/x509, which throws at import without it
import {
  createHash,
  createPrivateKey,
  KeyObject,
  X509Certificate as NodeCertificate,
  randomBytes,
  webcrypto,
} from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  type JsonGeneralName,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { type Clock, realClock } from '../../shared/clock.ts';
import { InvalidInput } from '../../shared/errors.ts';
import { isAddress, isDnsName } from '../../shared/pki/endpoint.ts';
import { nodeUri } from '../../shared/pki/node-identity.ts';
import { isUuid } from '../../shared/uuid.ts';
import { publicKeyOfRequest } from './certificate-request.ts';

export interface CertificateAndKey {
  certificatePem: string;
  privateKeyPem: string;
}

export interface AgentCertificate {
  certificatePem: string;
  /** 32 upper-case hex digits, as Node's tls prints a peer's `serialNumber`. */
  serial: string;
  notAfter: Date;
}

/**
 * How long an agent's certificate lasts. Long, because an agent that was off while its certificate ran out has to be enrolled
 * again; one that is there renews it in time.
 */
export const AGENT_CERTIFICATE_DAYS = 90;
const AUTHORITY_DAYS = 3650;
const MOST_LEAF_DAYS = 825;
const DAY_MS = 86_400_000;
const DRIFT_MS = 300_000; // a fresh certificate must be valid on a host whose clock is 5 minutes behind

const EC = { name: 'ECDSA', namedCurve: 'P-256' };
const SIGNING = { name: 'ECDSA', hash: 'SHA-256' };
type CryptoKeyPair = webcrypto.CryptoKeyPair;

const newKeys = async (): Promise<CryptoKeyPair> =>
  webcrypto.subtle.generateKey(EC, true, ['sign', 'verify']);

const privatePem = (keys: CryptoKeyPair): string =>
  KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString();

/** 127 random bits; the first digit is 4 to 7, so that it is positive and always 32 digits long. */
function newSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('hex').toUpperCase();
}

/**
 * A new self-signed P-256 authority that may sign leaves only, valid for ten years.
 * @param name for people: 1 to 64 letters, digits, spaces, dots, dashes, underscores
 * @throws InvalidInput for another name
 */
export async function createAuthority(name: string, clock: Clock = realClock): Promise<CertificateAndKey> {
  if (!/^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$/.test(name)) {
    throw new InvalidInput('The name of an authority is 1 to 64 letters, digits, spaces, dots and dashes');
  }
  const keys = await newKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: [{ CN: [name] }],
    notBefore: new Date(clock.nowMs() - DRIFT_MS),
    notAfter: new Date(clock.nowMs() + AUTHORITY_DAYS * DAY_MS),
    signingAlgorithm: SIGNING,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificatePem: certificate.toString('pem'), privateKeyPem: privatePem(keys) };
}

interface Leaf {
  commonName: string;
  publicKey: webcrypto.CryptoKey;
  names: JsonGeneralName[];
  usage: ExtendedKeyUsage;
  days: number;
}

export class Authority {
  readonly certificatePem: string;
  /** SHA-256 of the subject's public key (SPKI), hex: what a person compares. */
  readonly fingerprint: string;
  readonly #certificate: X509Certificate;
  readonly #key: webcrypto.CryptoKey;
  readonly #clock: Clock;

  private constructor(certificatePem: string, key: webcrypto.CryptoKey, clock: Clock) {
    this.certificatePem = certificatePem;
    this.#certificate = new X509Certificate(certificatePem);
    this.#key = key;
    this.#clock = clock;
    const spki = new NodeCertificate(certificatePem).publicKey.export({ type: 'spki', format: 'der' });
    this.fingerprint = createHash('sha256').update(spki).digest('hex');
  }

  /** @throws Error when the two do not belong together or are no authority of ours */
  static async load(stored: CertificateAndKey, clock: Clock = realClock): Promise<Authority> {
    const certificate = new NodeCertificate(stored.certificatePem);
    const key = createPrivateKey(stored.privateKeyPem);
    if (!certificate.ca || !certificate.checkPrivateKey(key)) {
      throw new Error('the stored authority certificate and key do not belong together');
    }
    const pkcs8 = key.export({ type: 'pkcs8', format: 'der' });
    return new Authority(
      certificate.toString(),
      await webcrypto.subtle.importKey('pkcs8', pkcs8, EC, false, ['sign']),
      clock,
    );
  }

  /**
   * A certificate, with a new key, that can serve TLS and nothing else.
   * @param names DNS names and IP addresses under which agents dial, 1 to 100
   * @param days 1 to 825, cut at the authority's own end
   * @throws InvalidInput for a name that is neither, or days out of range
   */
  async issueServerCertificate(wanted: { names: string[]; days: number }): Promise<CertificateAndKey> {
    const names = wanted.names.map((name): JsonGeneralName => {
      if (isAddress(name)) return { type: 'ip', value: name };
      if (isDnsName(name)) return { type: 'dns', value: name };
      throw new InvalidInput(`"${name}" is neither a DNS name nor an IP address`);
    });
    if (names.length < 1 || names.length > 100) throw new InvalidInput('A server has 1 to 100 names');
    const keys = await newKeys();
    const { certificatePem } = await this.#issue({
      commonName: 'ringmaster coordinator',
      publicKey: keys.publicKey,
      names,
      usage: ExtendedKeyUsage.serverAuth,
      days: wanted.days,
    });
    return { certificatePem, privateKeyPem: privatePem(keys) };
  }

  /**
   * A certificate that proves, as a TLS client only, to be that node. Of the request only its key is used.
   * @param days 1 to 825, cut at the authority's own end
   * @throws InvalidInput for a request that is unsound, a node id that is no UUID, or days out of range
   */
  async signAgentRequest(asked: {
    csrPem: string;
    nodeId: string;
    days?: number;
  }): Promise<AgentCertificate> {
    if (!isUuid(asked.nodeId)) throw new InvalidInput('A node id is a UUID');
    const publicKey = await publicKeyOfRequest(asked.csrPem);
    return this.#issue({
      commonName: 'ringmaster agent', // for people; the node's name is the URI
      publicKey: await webcrypto.subtle.importKey(
        'spki',
        publicKey.export({ type: 'spki', format: 'der' }),
        EC,
        true,
        ['verify'],
      ),
      names: [{ type: 'url', value: nodeUri(asked.nodeId) }],
      usage: ExtendedKeyUsage.clientAuth,
      days: asked.days ?? AGENT_CERTIFICATE_DAYS,
    });
  }

  async #issue(leaf: Leaf): Promise<AgentCertificate> {
    if (!Number.isInteger(leaf.days) || leaf.days < 1 || leaf.days > MOST_LEAF_DAYS) {
      throw new InvalidInput(`A certificate lasts 1 to ${MOST_LEAF_DAYS} whole days`);
    }
    const now = this.#clock.nowMs();
    const serial = newSerial();
    const extensions: Extension[] = [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([leaf.usage], true),
      new SubjectAlternativeNameExtension(leaf.names),
      await SubjectKeyIdentifierExtension.create(leaf.publicKey),
      await AuthorityKeyIdentifierExtension.create(this.#certificate.publicKey),
    ];
    const certificate = await X509CertificateGenerator.create({
      serialNumber: serial,
      subject: [{ CN: [leaf.commonName] }],
      issuer: this.#certificate.subjectName,
      notBefore: new Date(now - DRIFT_MS),
      notAfter: new Date(Math.min(now + leaf.days * DAY_MS, this.#certificate.notAfter.getTime())),
      signingAlgorithm: SIGNING,
      publicKey: leaf.publicKey,
      signingKey: this.#key,
      extensions,
    });
    return { certificatePem: certificate.toString('pem'), serial, notAfter: certificate.notAfter };
  }
}
