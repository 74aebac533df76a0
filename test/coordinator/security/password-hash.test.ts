// Password hashes: what they hold, that they tell right from wrong, and hashes of another cost.
import { expect } from 'chai';
import { hashPassword, verifyPassword } from '../../../coordinator/security/password-hash.ts';

/** RFC 7914, section 12: scrypt("password", "NaCl", N = 1024, r = 8, p = 16), its 64 bytes. */
const OF_RFC =
  'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640';

describe('a password hash', () => {
  it('names its cost, has a salt of its own, and not the password', async () => {
    const [one, other] = [await hashPassword('tulip'), await hashPassword('tulip')];
    expect(one).to.match(/^\$scrypt\$ln=15,r=8,p=3\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(one).to.not.equal(other).and.not.to.contain('tulip');
  });

  it('is of its password alone', async () => {
    const hash = await hashPassword('tulip');
    expect(await verifyPassword(hash, 'tulip')).to.equal(true);
    for (const wrong of ['', 'Tulip', 'tulip ', 'tulips'])
      expect(await verifyPassword(hash, wrong)).to.equal(false);
  });

  it('is the same for the same letters from another keyboard', async () => {
    expect(await verifyPassword(await hashPassword('caf\u00e9'), 'cafe\u0301')).to.equal(true);
  });

  it('of another cost still holds', async () => {
    const unpadded = (text: string, from: BufferEncoding) =>
      Buffer.from(text, from).toString('base64').replace(/=+$/, '');
    const hash = `$scrypt$ln=10,r=8,p=16$${unpadded('NaCl', 'utf8')}$${unpadded(OF_RFC, 'hex')}`;
    expect(await verifyPassword(hash, 'password')).to.equal(true);
    expect(await verifyPassword(hash, 'passwort')).to.equal(false);
  });

  it('that is none is refused as a fault, and no account as a wrong password', async () => {
    expect(await verifyPassword(null, 'tulip')).to.equal(false);
    const refused = await verifyPassword('tulip', 'tulip').catch((error: Error) => error.message);
    expect(refused).to.equal('a stored password hash is not in PHC form');
  });
});
