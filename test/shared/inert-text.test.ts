// Text from hosts is shown, never obeyed: what a terminal or a page would act on becomes a mark that can be seen.
import { expect } from 'chai';
import { inert } from '../../shared/inert-text.ts';

describe('text from hosts', () => {
  for (const [what, text, shown] of [
    [
      'colours and titles of terminals',
      '\u001b[31mred\u001b]0;x\u0007',
      '<U+001B>[31mred<U+001B>]0;x<U+0007>',
    ],
    ['sequences of eight bits', 'a\u009b2Jb', 'a<U+009B>2Jb'],
    ['what overwrites a line', 'ok\rfailed\bx', 'ok<U+000D>failed<U+0008>x'],
    ['what turns the direction', 'a\u202egpj.exe\u2066b', 'a<U+202E>gpj.exe<U+2066>b'],
    ['other ends of lines', 'a\u2028b\u2029c', 'a<U+2028>b<U+2029>c'],
    ['what cannot be seen', '\ufeffa\u200eb\u0000n\u200bode', '<U+FEFF>a<U+200E>b<U+0000>n<U+200B>ode'],
  ] as const)
    it(`has ${what} marked`, () => expect(inert(text)).to.equal(shown));

  it('keeps tabs, ends of lines of either kind, and letters of any script', () => {
    expect(inert('a\tb\nc\r\nd Zoë 日本 🙂')).to.equal('a\tb\nc\nd Zoë 日本 🙂');
  });
});
