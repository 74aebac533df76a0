// Secrets among settings: found by their names, out and in again without loss, and never into another's place.
import { expect } from 'chai';
import fc from 'fast-check';
import { MASK } from '../../shared/mask.ts';
import { isSecretName, meantBy, putIn, takeOut } from '../../shared/secret-settings.ts';

const SECRET = /CANARY/;
/** Texts that are or hold a secret where their name says so, and others. */
const leaf = fc.oneof(
  fc.string(),
  fc.nat(9),
  fc.boolean(),
  fc.constant(null),
  fc.nat(5).map((n) => `-Da.b=1 -Djavax.net.ssl.keyStorePassword=CANARY${n} -Dc`),
  fc.nat(5).map((n) => `https://me:CANARY${n}@host/x`),
);
const key = fc.constantFrom(
  'password',
  'x',
  'keystore_password',
  '0',
  'a/b~c',
  'opts',
  '__proto__',
  'a.secret',
);
const { settings } = fc.letrec<{ settings: unknown; value: unknown }>((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, leaf, fc.array(tie('value'), { maxLength: 3 }), tie('settings')),
  settings: fc
    .array(fc.tuple(key, tie('value')), { maxLength: 4 })
    .map((entries) => Object.fromEntries(entries)),
}));
const isIn = (value: unknown, secret: RegExp): boolean => secret.test(JSON.stringify(value));

describe('secrets among the settings of a profile', () => {
  it('are told by how their names end', () => {
    const secret = `keystore_password keyStorePassword javax.net.ssl.trustStorePassword LDAP_PASS MY_PWD passphrase ssl-secret
      passwords client_secret private_key secretKey aws_secret_access_key api-key auth_token credentials encryption_key dbPass`;
    for (const name of secret.split(/\s+/)) expect(isSecretName(name), name).to.equal(true);
    const open = `keystore_password_file secret_key_strength KEYSTORE_PASSWORD_ENV_VAR password_validator num_tokens initial_token
      key_alias partition_key public_key replace_token credentials_validity bypass compass password_encryption_key_name keystore
      spark_shared_secret_bit_length system_key_directory authenticator`;
    for (const name of open.split(/\s+/)) expect(isSecretName(name), name).to.equal(false);
  });

  it('are masked with all that is below such a name, and a number keeps its type inside', () => {
    const given = {
      'cassandra-yaml': {
        server_encryption_options: { keystore_password: 'CANARY', enabled: true, truststore_password: 12345 },
        'client_encryption_options.keystore_password': 'CANARY',
        mine: [{ secret: { deep: ['CANARY', null, false] } }, { password: '' }],
      },
    };
    const { shown, secrets } = takeOut(given);
    expect(shown).to.deep.equal({
      'cassandra-yaml': {
        server_encryption_options: { keystore_password: MASK, enabled: true, truststore_password: MASK },
        'client_encryption_options.keystore_password': MASK,
        mine: [{ secret: { deep: [MASK, null, false] } }, { password: '' }],
      },
    });
    expect(secrets).to.deep.equal({
      '/cassandra-yaml/server_encryption_options/keystore_password': 'CANARY',
      '/cassandra-yaml/server_encryption_options/truststore_password': 12345,
      '/cassandra-yaml/client_encryption_options.keystore_password': 'CANARY',
      '/cassandra-yaml/mine/0/secret/deep/0': 'CANARY',
    });
  });

  for (const [text, masked] of [
    ['-Djavax.net.ssl.keyStorePassword=CANARY,A;A', `-Djavax.net.ssl.keyStorePassword=${MASK}`],
    ['-Dx=1 -Da.password="CANARY CANARY" -Dy=2', `-Dx=1 -Da.password=${MASK} -Dy=2`],
    ["-Da.password='CANARY CANARY'", `-Da.password=${MASK}`],
    ['http://me:CANARY@CANARY@host:80/p', `http://me:${MASK}@host:80/p`],
    ['-Dproxy=http://me:CANARY@host', `-Dproxy=http://me:${MASK}@host`],
    ['-Dkeystore_password_file=/x', '-Dkeystore_password_file=/x'],
    ['https://host:9042/a@b', 'https://host:9042/a@b'],
  ] as const)
    it(`are masked inside of a text: ${masked}`, () => {
      expect(takeOut([text]).shown).to.deep.equal([masked]);
      expect(takeOut([masked])).to.deep.equal({ shown: [masked], secrets: {} });
    });

  it('are out of what is shown, and come back in whole, by property', () => {
    fc.assert(
      fc.property(settings, (given) => {
        const before = JSON.stringify(given);
        const { shown, secrets } = takeOut(given);
        expect(isIn(shown, SECRET)).to.equal(false);
        expect(takeOut(shown)).to.deep.equal({ shown, secrets: {} });
        expect(JSON.stringify(putIn(shown, secrets))).to.equal(before);
        expect(JSON.stringify(given)).to.equal(before);
      }),
    );
  });

  it('are meant by their masks when what is shown is sent back, its keys in any order, by property', () => {
    const turned = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(turned)
        : typeof value === 'object' && value !== null
          ? Object.fromEntries(
              Object.entries(value)
                .reverse()
                .map(([name, inner]) => [name, turned(inner)]),
            )
          : value;
    fc.assert(
      fc.property(settings, (given) => {
        const stored = takeOut(given);
        const { settings: meant, unmeant } = meantBy(turned(stored.shown), stored);
        expect(unmeant).to.deep.equal([]);
        expect(turned(meant)).to.deep.equal(turned(turned(given)));
      }),
    );
  });

  it('come to nobody from another place: every mask is at its own secret or refused, by property', () => {
    fc.assert(
      fc.property(settings, settings, (given, other) => {
        const stored = takeOut(other);
        const { shown, secrets } = takeOut(given);
        const { settings: meant, unmeant } = meantBy(shown, stored);
        const got = takeOut(meant).secrets;
        for (const pointer of Object.keys(secrets)) {
          const isMeant = pointer in got;
          expect(isMeant !== unmeant.includes(pointer), pointer).to.equal(true);
          if (isMeant) expect(Object.values(stored.secrets)).to.include(got[pointer]);
        }
        expect(meantBy(shown, null).unmeant).to.have.members(Object.keys(secrets));
      }),
    );
  });

  const options = ['-Da.password=1', '-Db.password=2', '-Dc'];
  const stored = takeOut({ opts: options });
  const [a, b] = (stored.shown as { opts: string[] }).opts;
  for (const [what, sent, meant] of [
    ['in another order', [b, a], ['-Db.password=2', '-Da.password=1']],
    ['with others before them', ['-Dnew', a, '-Dc', b], ['-Dnew', '-Da.password=1', '-Dc', '-Db.password=2']],
    ['beside a new one that is said', ['-Dd.password=3', b], ['-Dd.password=3', '-Db.password=2']],
  ] as const)
    it(`are found again in a list ${what}`, () => {
      expect(meantBy({ opts: sent }, stored)).to.deep.equal({ settings: { opts: meant }, unmeant: [] });
    });

  it('are told apart by their turn where they look the same', () => {
    const [first, second] = [{ password: '1' }, { password: '2' }];
    const two = takeOut({ hosts: [first, second] });
    const masked = { password: MASK };
    const sent = { hosts: [{ name: 'new' }, masked, masked] };
    expect(meantBy(sent, two).settings).to.deep.equal({ hosts: [{ name: 'new' }, first, second] });
    expect(meantBy({ hosts: [masked] }, two).unmeant).to.deep.equal(['/hosts/0/password']);
    expect(meantBy({ hosts: [masked, masked, masked] }, two).unmeant).to.have.length(3);
    const same = takeOut({ hosts: [first, first] });
    expect(meantBy({ hosts: [masked] }, same).settings).to.deep.equal({ hosts: [first] });
  });

  it('are not guessed where the rest of a list member was changed', () => {
    const two = takeOut({ hosts: [{ password: '1' }, { password: '2' }] });
    const hosts = [{ name: 'x', password: MASK }, { password: MASK }];
    expect(meantBy({ hosts }, two).unmeant).to.deep.equal(['/hosts/0/password', '/hosts/1/password']);
    expect(meantBy({ opts: ['-Dz.password=********'] }, stored).unmeant).to.deep.equal(['/opts/0']);
  });

  it('stay where a list of one is changed around them, as Cassandra writes classes', () => {
    const provider = takeOut({ key_provider: [{ class_name: 'A', parameters: [{ key_password: '1' }] }] });
    const changed = { key_provider: [{ class_name: 'B', parameters: [{ key_password: MASK, store: 's' }] }] };
    expect(meantBy(changed, provider).settings).to.deep.equal({
      key_provider: [{ class_name: 'B', parameters: [{ key_password: '1', store: 's' }] }],
    });
  });

  it('leave a mask alone where no secret belongs', () => {
    expect(meantBy({ comment: MASK }, null)).to.deep.equal({ settings: { comment: MASK }, unmeant: [] });
  });

  it('take no long time, in lists and in texts', () => {
    const started = performance.now();
    const long = { list: Array.from({ length: 100_000 }, () => 1), text: '-D'.repeat(100_000) };
    const text = { a: 'http://'.repeat(40_000), b: 'x'.repeat(250_000), c: '-Dpassword='.repeat(20_000) };
    for (const one of [long, text, takeOut(text).shown]) meantBy(one, takeOut(one));
    expect(isSecretName('x_'.repeat(100_000))).to.equal(false);
    expect(performance.now() - started).to.be.below(15_000);
  });
});
