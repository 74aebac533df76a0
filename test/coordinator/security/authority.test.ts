// What the authority writes into certificates, and what it refuses to sign.
import 'reflect-metadata'; // before @peculiar/x509
import { createPrivateKey, createPublicKey, randomUUID, webcrypto, X509Certificate } from 'node:crypto';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  KeyUsagesExtension,
  X509Certificate as ParsedCertificate,
  Pkcs10CertificateRequestGenerator,
  SubjectAlternativeNameExtension,
} from '@peculiar/x509';
import { expect } from 'chai';
import { createKeyAndRequest } from '../../../agent/identity/key-and-request.ts';
import { Authority, createAuthority } from '../../../coordinator/security/authority.ts';
import { MOST_REQUEST_CHARACTERS } from '../../../coordinator/security/certificate-request.ts';
import type { Clock } from '../../../shared/clock.ts';
import { InvalidInput } from '../../../shared/errors.ts';
import { nodeIdFromSubjectAltName } from '../../../shared/pki/node-identity.ts';

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2026, 5, 1);
const clock: Clock = { nowMs: () => NOW_MS, wait: async () => {} };

async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    expect(error).to.be.instanceOf(InvalidInput);
    return (error as InvalidInput).message;
  }
  return 'nothing was refused';
}

const pemOf = (der: Buffer): string =>
  `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;

const derOf = (pem: string): Buffer => Buffer.from(pem.replaceAll(/-----.*-----|\s/g, ''), 'base64');

const spkiOf = (privateKeyPem: string): Buffer =>
  createPublicKey(privateKeyPem).export({ type: 'spki', format: 'der' });

/** A request as an attacker would write it: every name and right it could wish for. */
async function greedyRequest(
  algorithm: webcrypto.EcKeyGenParams | webcrypto.RsaHashedKeyGenParams,
): Promise<string> {
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, [
    'sign',
    'verify',
  ])) as webcrypto.CryptoKeyPair;
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: 'CN=ringmaster coordinator',
    keys,
    signingAlgorithm: { ...algorithm, hash: 'SHA-256' },
    extensions: [
      new BasicConstraintsExtension(true, 5, true),
      new ExtendedKeyUsageExtension(['1.3.6.1.5.5.7.3.1']),
      new SubjectAlternativeNameExtension([
        { type: 'dns', value: 'coordinator.example.org' },
        { type: 'url', value: `spiffe://ringmaster/node/${randomUUID()}` },
      ]),
    ],
  });
  return request.toString('pem');
}

describe('Authority', () => {
  const nodeId = randomUUID();
  let authority: Authority;
  before(async () => {
    authority = await Authority.load(await createAuthority('Ringmaster test', clock), clock);
  });

  it('may sign leaves and nothing else', () => {
    const parsed = new ParsedCertificate(authority.certificatePem);
    const constraints = parsed.getExtension(BasicConstraintsExtension);
    expect([constraints?.ca, constraints?.pathLength, constraints?.critical]).to.deep.equal([true, 0, true]);
    expect(parsed.getExtension(KeyUsagesExtension)?.usages).to.equal(32 | 64); // keyCertSign, cRLSign
    expect(parsed.subject).to.equal('CN=Ringmaster test');
    expect(authority.fingerprint).to.match(/^[0-9a-f]{64}$/);
  });

  it('gives an agent one name, one use and ninety days, whatever its request asks for', async () => {
    const csrPem = await greedyRequest({ name: 'ECDSA', namedCurve: 'P-256' });
    const signed = await authority.signAgentRequest({ csrPem, nodeId });
    const parsed = new ParsedCertificate(signed.certificatePem);
    const plain = new X509Certificate(signed.certificatePem);
    expect(plain.subjectAltName).to.equal(`URI:spiffe://ringmaster/node/${nodeId}`);
    expect(nodeIdFromSubjectAltName(plain.subjectAltName)).to.equal(nodeId);
    expect(parsed.getExtension(ExtendedKeyUsageExtension)?.usages).to.deep.equal(['1.3.6.1.5.5.7.3.2']);
    expect(parsed.subject).to.equal('CN=ringmaster agent');
    expect(plain.ca).to.equal(false);
    expect(plain.serialNumber)
      .to.equal(signed.serial)
      .and.match(/^[4-7][0-9A-F]{31}$/);
    expect(parsed.notBefore.getTime()).to.equal(NOW_MS - 300_000);
    expect(parsed.notAfter.getTime()).to.equal(NOW_MS + 90 * DAY_MS);
    expect(signed.notAfter.getTime()).to.equal(parsed.notAfter.getTime());
  });

  it('certifies the key of the request', async () => {
    const { csrPem, privateKeyPem } = createKeyAndRequest();
    const signed = await authority.signAgentRequest({ csrPem, nodeId, days: 7 });
    expect(
      new X509Certificate(signed.certificatePem).checkPrivateKey(createPrivateKey(privateKeyPem)),
    ).to.equal(true);
  });

  it('gives a server its names and the server use only', async () => {
    const names = ['coordinator.example.org', '10.0.0.7', '2001:db8::7'];
    const issued = await authority.issueServerCertificate({ names, days: 30 });
    const parsed = new ParsedCertificate(issued.certificatePem);
    expect(new X509Certificate(issued.certificatePem).subjectAltName).to.equal(
      'DNS:coordinator.example.org, IP Address:10.0.0.7, IP Address:2001:DB8:0:0:0:0:0:7',
    );
    expect(parsed.getExtension(ExtendedKeyUsageExtension)?.usages).to.deep.equal(['1.3.6.1.5.5.7.3.1']);
    expect(parsed.getExtension(BasicConstraintsExtension)?.ca).to.equal(false);
  });

  it('refuses names that are no names', async () => {
    for (const names of [[], ['*.example.org'], ['a b'], ['fe80::1%eth0'], ['10.0.0'], ['']]) {
      const message = await refusal(authority.issueServerCertificate({ names, days: 30 }));
      expect(message, names.join()).to.match(/is neither a DNS name|1 to 100 names/);
    }
    expect(await refusal(createAuthority('#3003, O=x'))).to.match(/name of an authority/);
  });

  it('signs for no longer than it lives itself', async () => {
    const late = { ...clock, nowMs: () => NOW_MS + 3649 * DAY_MS };
    const made = await createAuthority('Old', clock);
    const old = await Authority.load(made, late);
    const { csrPem } = createKeyAndRequest();
    const { notAfter } = await old.signAgentRequest({ csrPem, nodeId });
    expect(notAfter.getTime()).to.equal(new Date(new X509Certificate(made.certificatePem).validTo).getTime());
  });

  it('refuses days out of range and a node id that is no UUID', async () => {
    const { csrPem } = createKeyAndRequest();
    for (const days of [0, 1.5, 826, Number.NaN]) {
      expect(await refusal(authority.signAgentRequest({ csrPem, nodeId, days }))).to.match(
        /1 to 825 whole days/,
      );
    }
    for (const wrong of ['', `${nodeId}/../x`, `${nodeId}\n`]) {
      expect(await refusal(authority.signAgentRequest({ csrPem, nodeId: wrong }))).to.match(/is a UUID/);
    }
  });

  it('does not load with the key of another authority', async () => {
    const [one, other] = [await createAuthority('One'), await createAuthority('Other')];
    const outcome = await Authority.load({ ...one, privateKeyPem: other.privateKeyPem }).catch(String);
    expect(outcome).to.match(/do not belong together/);
  });
});

describe('A hostile certificate request', () => {
  const nodeId = randomUUID();
  let authority: Authority;
  before(async () => {
    authority = await Authority.load(await createAuthority('Ringmaster test'));
  });
  const sign = (csrPem: string): Promise<string> => refusal(authority.signAgentRequest({ csrPem, nodeId }));

  it('is refused when somebody else signed it', async () => {
    const [honest, other] = [createKeyAndRequest(), createKeyAndRequest()];
    const body = derOf(honest.csrPem);
    const at = body.indexOf(spkiOf(honest.privateKeyPem));
    expect(at).to.be.greaterThan(0);
    spkiOf(other.privateKeyPem).copy(body, at); // the key changed, the signature left as it was
    expect(await sign(pemOf(body))).to.equal('The signature of the certificate request is wrong');
  });

  it('is refused when its key is not P-256', async () => {
    expect(await sign(await greedyRequest({ name: 'ECDSA', namedCurve: 'P-384' }))).to.match(/P-256/);
    const rsa = {
      name: 'RSASSA-PKCS1-v1_5',
      modulusLength: 2048,
      publicExponent: new Uint8Array([1, 0, 1]),
      hash: 'SHA-256',
    };
    expect(await sign(await greedyRequest(rsa))).to.match(/P-256/);
  });

  it('is refused unread when it is too long', async () => {
    const { csrPem } = createKeyAndRequest();
    expect(await sign(csrPem + ' '.repeat(MOST_REQUEST_CHARACTERS))).to.match(/at most 16384 characters/);
  });

  it('is refused when it is not one PEM block', async () => {
    const { csrPem, privateKeyPem } = createKeyAndRequest();
    for (const text of ['', 'x', csrPem + csrPem, privateKeyPem, csrPem.replaceAll('REQUEST', '')]) {
      expect(await sign(text)).to.equal('The certificate request must be one PEM block');
    }
  });

  it('is refused quickly when it is nested thousands of levels deep', async () => {
    const endless = Buffer.from('3080'.repeat(6000), 'hex'); // indefinite lengths: two bytes a level
    let nested = Buffer.alloc(0);
    while (nested.length < 12_000) {
      const size = nested.length;
      const head = size < 128 ? [0x30, size] : [0x30, 0x82, size >> 8, size & 255];
      nested = Buffer.concat([Buffer.from(head), nested]);
    }
    const startedMs = performance.now();
    for (const der of [endless, nested]) {
      expect(await sign(pemOf(der))).to.equal('The certificate request cannot be read');
    }
    expect(performance.now() - startedMs).to.be.lessThan(15_000);
  });

  it('is refused whichever byte of an honest one is damaged', async () => {
    const { csrPem } = createKeyAndRequest();
    const der = derOf(csrPem);
    for (let at = 0; at < der.length; at++) {
      const damaged = Buffer.from(der);
      damaged[at] = (damaged[at] ?? 0) ^ 0x55;
      expect(await sign(pemOf(damaged)), `byte ${at}`).not.to.equal('nothing was refused');
    }
  });
});
