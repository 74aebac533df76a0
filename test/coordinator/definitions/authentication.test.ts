// Under which profiles roles have passwords: by what they set, by the product's defaults, and never by a guess.
import { expect } from 'chai';
import { withoutPasswords } from '../../../coordinator/definitions/authentication.ts';

describe('a profile', () => {
  const cassandra = (settings: object, version = '5.0.8') =>
    withoutPasswords('cassandra', version, { 'cassandra-yaml': { ...settings } });
  const open = 'authenticator in cassandra-yaml is AllowAllAuthenticator';

  it('of Cassandra has no passwords unless it says so, in each of the ways to name a class', () => {
    for (const version of ['4.0.0', '5.0.8', '9.9.9'])
      expect(cassandra({}, version)).to.equal(
        'authenticator in cassandra-yaml is not set, which means AllowAllAuthenticator',
      );
    expect(withoutPasswords('cassandra', '5.0.8', {})).to.match(/is not set/);
    for (const name of ['AllowAllAuthenticator', 'org.apache.cassandra.auth.AllowAllAuthenticator'])
      for (const authenticator of [name, { class_name: name }, [{ class_name: name }]])
        expect(cassandra({ authenticator })).to.equal(open);
    for (const name of [
      'PasswordAuthenticator',
      'org.apache.cassandra.auth.PasswordAuthenticator',
      'our.Own',
    ])
      for (const authenticator of [name, { class_name: name, parameters: {} }])
        expect(cassandra({ authenticator })).to.equal(null);
  });

  it('of DSE has them by default, and not where its authenticator is off', () => {
    const dse = (yaml: object, options: object) =>
      withoutPasswords('dse', '6.8.36', {
        'cassandra-yaml': { ...yaml },
        'dse-yaml': { authentication_options: options },
      });
    expect(withoutPasswords('dse', '6.8.36', {})).to.equal(null);
    expect(dse({}, {})).to.equal(null);
    for (const enabled of [false, 'false'])
      expect(dse({}, { enabled })).to.equal('authentication_options.enabled in dse-yaml is false');
    expect(dse({ authenticator: 'PasswordAuthenticator' }, { enabled: false })).to.equal(null);
    expect(dse({ authenticator: 'AllowAllAuthenticator' }, { enabled: true })).to.equal(open);
  });

  it('says nothing of a file that the operator keeps himself', () => {
    expect(cassandra({ 'lcm-manage--cassandra-yaml': false })).to.equal(null);
  });
});
