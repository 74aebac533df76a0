// What may be dialled.
import { expect } from 'chai';
import { isEndpoint } from '../../../shared/pki/endpoint.ts';

describe('isEndpoint', () => {
  it('accepts names and addresses with a port', () => {
    for (const text of [
      'a:1',
      'db-1.example.org:61620',
      '10.0.0.7:65535',
      '[2001:db8::7]:443',
      'my_host:9',
    ]) {
      expect(isEndpoint(text), text).to.equal(true);
    }
  });

  it('refuses everything else', () => {
    const others = [
      '',
      'a',
      'a:',
      ':1',
      'a:0',
      'a:65536',
      'a:1x',
      'a b:1',
      'https://a:1',
      'a.:1',
      '-a:1',
      '10.0.0:1',
      '300.0.0.1:1',
      '::1:443',
      '[10.0.0.7]:1',
      '[fe80::1%eth0]:1',
      `${'a'.repeat(64)}:1`,
      'a:1\n',
    ];
    for (const text of others) expect(isEndpoint(text), text).to.equal(false);
  });
});
