// The one-time secret of an enrolment is known by its hash alone.
import { expect } from 'chai';
import { hashEnrolmentSecret, makeEnrolmentSecret } from '../../../coordinator/security/enrolment-token.ts';

describe('An enrolment secret', () => {
  it('has 256 bits and another value each time', () => {
    const [one, other] = [makeEnrolmentSecret(), makeEnrolmentSecret()];
    expect(Buffer.from(one.secret, 'base64url')).to.have.length(32);
    expect(one.secret).not.to.equal(other.secret);
  });

  it('is recognised by its hash, and no other is', () => {
    const { secret, hash } = makeEnrolmentSecret();
    expect(hash)
      .to.match(/^[0-9a-f]{64}$/)
      .and.equal(hashEnrolmentSecret(secret));
    expect(hashEnrolmentSecret(makeEnrolmentSecret().secret)).to.not.equal(hash);
  });
});
