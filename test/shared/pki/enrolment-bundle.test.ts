// A bundle arrives as it was made, or is refused with the part at fault named and the secret untold.
import { randomBytes, randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { Authority, createAuthority } from '../../../coordinator/security/authority.ts';
import { InvalidInput } from '../../../shared/errors.ts';
import { decodeBundle, type EnrolmentBundle, encodeBundle } from '../../../shared/pki/enrolment-bundle.ts';

describe('An enrolment bundle', () => {
  let bundle: EnrolmentBundle;
  let serverPem = '';
  before(async () => {
    const made = await createAuthority('Ringmaster test');
    const authority = await Authority.load(made);
    serverPem = (await authority.issueServerCertificate({ names: ['a'], days: 1 })).certificatePem;
    bundle = {
      v: 1,
      nodeId: randomUUID(),
      secret: randomBytes(32).toString('base64url'),
      ca: authority.certificatePem,
      enrolAddresses: ['coordinator.example.org:61621', '[2001:db8::7]:61621'],
    };
  });
  const packed = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

  function refusal(text: string): InvalidInput {
    try {
      decodeBundle(text);
    } catch (error) {
      if (!(error instanceof InvalidInput)) throw error;
      expect(`${error.message}${JSON.stringify(error.problems)}`).not.to.include(bundle.secret);
      expect(error.cause).to.equal(undefined);
      return error;
    }
    throw new Error('it was accepted');
  }

  it('is one line and reads back the same, also when a terminal has wrapped it', () => {
    const text = encodeBundle(bundle);
    expect(text).to.match(/^[A-Za-z0-9_-]+$/);
    expect(decodeBundle(text)).to.deep.equal(bundle);
    expect(decodeBundle(`  ${text.replaceAll(/.{76}/g, '$&\r\n')}\n`)).to.deep.equal(bundle);
  });

  it('names each part that is wrong', () => {
    const wrong: Record<string, unknown> = {
      '/v': { v: 2 },
      '/nodeId': { nodeId: 'node-1' },
      '/secret': { secret: `${bundle.secret}x` },
      '/ca': { ca: serverPem },
      '/enrolAddresses': { enrolAddresses: [] },
      '/enrolAddresses/0': { enrolAddresses: ['coordinator'] },
      '': { extra: bundle.secret },
    };
    for (const [pointer, change] of Object.entries(wrong)) {
      const { problems } = refusal(packed({ ...bundle, ...(change as object) }));
      expect(
        problems.map((problem) => problem.pointer),
        pointer,
      ).to.deep.equal([pointer]);
    }
  });

  it('cannot be made with a part that would be refused', () => {
    expect(() => encodeBundle({ ...bundle, ca: 'x' })).to.throw(InvalidInput, '/ca must be the certificate');
  });

  it('is refused when it is cut short, not base64url, not JSON or far too long', () => {
    const text = encodeBundle(bundle);
    expect(refusal(text.slice(0, -40)).message).to.match(/cut short/);
    expect(refusal(`${text}!`).message).to.match(/base64url/);
    expect(refusal('').message).to.match(/base64url/);
    expect(refusal(packed(null)).message).to.match(/not a valid enrolment bundle/);
    expect(refusal('A'.repeat(40_000)).message).to.match(/never this long/);
  });
});
