// A node's key is made on the node, and its request says so much and no more.
import 'reflect-metadata'; // before @peculiar/x509
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { Pkcs10CertificateRequest } from '@peculiar/x509';
import { expect } from 'chai';
import { createKeyAndRequest } from '../../../agent/identity/key-and-request.ts';

describe('createKeyAndRequest', () => {
  it('makes a new P-256 key each time and keeps it out of the request', () => {
    const [one, other] = [createKeyAndRequest(), createKeyAndRequest()];
    const key = createPrivateKey(one.privateKeyPem);
    expect(key.asymmetricKeyDetails?.namedCurve).to.equal('prime256v1');
    expect(one.privateKeyPem).not.to.equal(other.privateKeyPem);
    expect(one.csrPem)
      .to.match(/^-----BEGIN CERTIFICATE REQUEST-----/)
      .and.not.include('PRIVATE');
  });

  it('writes a request that others read: signed, for this key, naming nobody', async () => {
    // The signature's length varies from one to the next.
    for (let round = 0; round < 50; round += 1) {
      const { csrPem, privateKeyPem } = createKeyAndRequest();
      const request = new Pkcs10CertificateRequest(csrPem);
      expect(await request.verify()).to.equal(true);
      const own = createPublicKey(privateKeyPem).export({ type: 'spki', format: 'der' });
      expect(Buffer.from(request.publicKey.rawData).equals(own)).to.equal(true);
      expect([request.subject, request.attributes, request.extensions]).to.deep.equal(['', [], []]);
    }
  });
});
