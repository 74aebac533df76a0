// Which words of a text are taken for secrets, and which are left.
import { expect } from 'chai';
import { maskSecrets } from '../../shared/mask.ts';

describe('masking of secrets in text', () => {
  for (const [text, shown] of [
    ['GET https://bob:hush@repo.example/x failed', 'GET https://********@repo.example/x failed'],
    ['postgres://u:p%40w@h/db', 'postgres://********@h/db'],
    ['https://t0ken@repo.example/x', 'https://********@repo.example/x'],
    ['?api_key=hush&x=1', '?api_key=********&x=1'],
    ['{"apikey": "hush", "a": 1}', '{"apikey": "********", "a": 1}'],
    ['{\\"token\\":\\"hush\\"}', '{\\"token\\":\\"********\\"}'],
    ['access_token: hush', 'access_token: ********'],
  ] as const)
    it(`shows ${JSON.stringify(text)} as ${JSON.stringify(shown)}`, () =>
      expect(maskSecrets(text)).to.equal(shown));

  it('leaves what is none', () => {
    for (const text of [
      'initial_token: -9223372036854775808',
      'num_tokens: 16',
      'see https://host/a@b',
      'mail bob@example.com',
      'the token is not valid',
    ])
      expect(maskSecrets(text)).to.equal(text);
  });
});
