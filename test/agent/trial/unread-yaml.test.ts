// A cassandra.yaml that is no YAML to us: which key its version is to refuse, if it can read the rest.
import { expect } from 'chai';
import { STRANGE_KEY, whyUnread, withStrangeKey } from '../../../agent/trial/unread-yaml.ts';

describe('a cassandra.yaml that cannot be taken apart', () => {
  it('is told from one that can be, and why', () => {
    expect(whyUnread('a: 1\n')).to.equal(null);
    expect(whyUnread('a: &x 1\nb: *x\n')).to.match(/cannot be taken apart here: .*aliases$/);
    expect(whyUnread('a: [1\n')).to.match(/cannot be taken apart here: .*not sound YAML/);
  });

  it('gets a key that no version has, as deep as its own', () => {
    expect(withStrangeKey('a: 1')).to.equal(`a: 1\n${STRANGE_KEY}: true\n`);
    expect(withStrangeKey('# x\n\n---\n  a: 1\n  b: 2')).to.match(
      new RegExp(`\\n {2}${STRANGE_KEY}: true\\n$`),
    );
  });

  for (const text of ['{a: 1}\n', '# x\n  {a: 1}\n', 'a: 1\n...\n'])
    it(`gets none where none may follow: ${JSON.stringify(text)}`, () => {
      expect(withStrangeKey(text)).to.equal(null);
    });
});
