// What an operator is shown of a change: bounded, and never a secret.
import { expect } from 'chai';
import { applyPatch } from 'diff';
import fc from 'fast-check';
import { unifiedDiff } from '../../../agent/config-files/unified-diff.ts';
import { isSecretName } from '../../../shared/secret-settings.ts';

const diffOf = (before: string, after: string): string => unifiedDiff('x.yaml', before, after).text;

describe('the diff of a configuration file', () => {
  it('is empty when nothing changed', () => {
    expect(unifiedDiff('x', 'a\n', 'a\n')).to.deep.equal({ text: '', truncated: false });
  });

  it('shows what changed with three lines around it', () => {
    expect(diffOf('1\n2\n3\n4\nnum_tokens: 16\n', '1\n2\n3\n4\nnum_tokens: 8\n')).to.equal(
      '--- x.yaml\n+++ x.yaml\n@@ -2,4 +2,4 @@\n 2\n 3\n 4\n-num_tokens: 16\n+num_tokens: 8\n',
    );
  });

  it('is a patch that leads from one text to the other, by property', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c: 1', '', 'num_tokens: 1'), { maxLength: 40 });
    fc.assert(
      fc.property(text, text, fc.boolean(), (before, after, hasEnd) => {
        const [old, fresh] = [before.join('\n'), after.join('\n') + (hasEnd ? '\n' : '')];
        const patch = diffOf(old, fresh);
        if (old !== fresh) expect(applyPatch(old, patch)).to.equal(fresh);
      }),
    );
  });

  for (const [form, text] of [
    ['a YAML value', 'keystore_password: CANARY'],
    ['a nested YAML value', 'a:\n  - truststore_password: "CANARY"'],
    ['a flow mapping', 'options: {keystore: x, keystore_password: CANARY, other: y}'],
    ['a quoted key', '"client_secret": CANARY'],
    ['a commented-out value', '# keystore_password: CANARY'],
    ['a block of text', 'private_key: |\n  first\n  #CANARY'],
    ['a commented-out block of text', '# private_key: |\n#   first\n#   CANARY'],
    ['a quoted text of two lines', 'password: "first\n  CANARY"'],
    ['a list below its key', 'passwords:\n- first\n- CANARY'],
    ['a mapping below its key', 'credentials:\n\n    user: CANARY'],
    ['a property', 'api.token = CANARY'],
    ['a JVM option', 'JVM_OPTS="$JVM_OPTS -Djavax.net.ssl.keyStorePassword=CANARY -Dx=CANARY"'],
    ['an exported variable', "export DB_PASSWORD='CANARY'"],
    ['a key of a service', 'aws_secret_access_key: CANARY'],
    ['a variable with a short name', 'export LDAP_PWD=CANARY'],
    ['an XML element', '<password>CANARY</password>'],
    ['an XML property', '<property name="db-password" value="CANARY"/>'],
  ] as const) {
    it(`masks a secret in ${form}, old and new, and still shows that it changed`, () => {
      const other = text.replaceAll('CANARY', 'KANARY');
      const shown = diffOf(`${text}\nlast: 1\n`, `${other}\nlast: 1\n`);
      expect(shown).not.to.match(/[CK]ANARY/);
      expect(shown)
        .to.match(/^-.*\*{8}/m)
        .and.match(/^\+.*\*{8}/m)
        .and.match(/^ last: 1$/m);
    });
  }

  it('masks whatever a profile takes for a secret, by property', () => {
    const name = fc.stringMatching(
      /^[a-z_.-]{0,6}(password|passPhrase|Secret|-pwd|_pass|access_key|authToken|sharedKey)s?$/,
    );
    fc.assert(
      fc.property(name.filter(isSecretName), fc.constantFrom(': ', '=', ' = '), (key, separator) => {
        expect(diffOf('', `a: 1\n${key}${separator}CANARY\n`), key).not.to.contain('CANARY');
      }),
    );
  });

  it('shows tokens of the ring and the names of classes', () => {
    const after = 'num_tokens: 8\ninitial_token: "5"\nauthenticator: PasswordAuthenticator\n';
    expect(diffOf('', after)).to.include(
      '+num_tokens: 8\n+initial_token: "5"\n+authenticator: PasswordAuthenticator',
    );
  });

  it('ends at a line before 8 KiB and says so', () => {
    const after = Array.from({ length: 2_000 }, (_, i) => `ü${i}: value\n`).join('');
    const { text, truncated } = unifiedDiff('x', '', after);
    expect(truncated).to.equal(true);
    expect(Buffer.byteLength(text)).to.be.within(7_000, 8_192);
    expect(text).to.match(/\n$/);
  });

  it('gives up on texts that have nothing in common instead of taking long', () => {
    const many = (word: string) => Array.from({ length: 20_000 }, (_, i) => `${word}${i}\n`).join('');
    expect(unifiedDiff('x', many('a'), many('b'))).to.deep.equal({ text: '--- x\n+++ x\n', truncated: true });
  });

  it('is quick on one long line', () => {
    const started = performance.now();
    unifiedDiff('x', 'pass'.repeat(100_000), 'token '.repeat(100_000));
    expect(performance.now() - started).to.be.below(15_000);
  });

  it('shows no control characters', () => {
    expect(diffOf('', 'a: \u001b]0;x\u0007\u202e\n')).to.include('+a: \ufffd]0;x\ufffd\ufffd\n');
  });
});
