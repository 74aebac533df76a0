// What fits each kind of text: real names and addresses do, what would do harm on a host or in a database node does not.
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'chai';
import fc from 'fast-check';
import { FORMATS, type FormatName, formatProblem } from '../../shared/formats.ts';

const FITS: Partial<Record<FormatName, readonly string[]>> = {
  line: ['', 'DOMAIN\\user', 'user@example.org'],
  name: ['c1', 'Test Cluster', '10.0.3.132', 'naïve – 環', "Bob's", 'x'.repeat(255), '🎪'.repeat(255)],
  place: ['dc1', 'DC-East', 'us-west-2', 'AWS_VPC_US_EAST_1', '1a', 'Rack 7', 'rack.1', '東京'],
  address: ['10.0.3.132', '::1', '2001:db8::7', 'localhost', 'node-1.example.org', 'ip-10-0-0-1'],
  'listen-address': ['0.0.0.0', '::', '10.0.0.1'],
  tokens: ['0', '-9223372036854775808', '9223372036854775807', '-1,0, 1'],
  version: ['4.7.0', '5.1.5', '6.8.36', '5.0.8', '4.1-beta1', '6.0.0-1', '5.0'],
  url: [
    'https://packages.example.com/enterprise',
    'http://[2001:db8::7]:8080/a?b#c',
    'http://[::]',
    'https://a_b.xn--bcher-kva.example:65535',
    'http://127.0.0.1:8080/a.tar.gz?token=x',
    'file:///srv/apache-cassandra-5.0.8-bin.tar.gz',
  ],
  path: ['/etc/dse', '/a'],
  'install-directory': [
    '/opt/cassandra',
    '/srv/node1',
    '/data',
    '/var/lib/cassandra',
    '/home/me/My Ring/n1',
    '/usr/share/dse',
  ],
  'private-key': [
    '',
    '-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n-----END OPENSSH PRIVATE KEY-----\n',
    'Bag Attributes\n-----BEGIN PRIVATE KEY-----\nMII',
    '-----BEGIN RSA PRIVATE KEY-----\\nMII',
    'PuTTY-User-Key-File-2: ssh-rsa',
  ],
  cron: ['* * * * *', '0 2 * * 6', '*/30 22-23,0-4 1,15 JAN-MAR MON-FRI', '05 10-20/2 */2 1 0-7'],
  'time-zone': ['UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5'],
  moment: ['2026-12-24T18:00:00Z', '2028-02-29T00:00:00.5+05:45'],
  'apt-words': ['stable', 'main', 'main,contrib', 'main contrib non-free', '5.0/'],
};

const DOES_NOT: Partial<Record<FormatName, readonly string[]>> = {
  line: ['a\nb', 'a\u2028b', '\u007f'],
  name: ['', ' ', 'a ', '\ta', 'a\r\nb', 'a\u0085b', '\ufeffa', 'a\u3000', 'x'.repeat(256), '🎪'.repeat(256)],
  place: [
    '',
    ' dc',
    'dc ',
    '.dc',
    'a:b',
    'a,b',
    'a=b',
    'a"b',
    "a'b",
    'a\\b',
    'a/b',
    'a#b',
    'a\nb',
    'x'.repeat(101),
  ],
  address: [
    '',
    '0.0.0.0',
    '::',
    '10.0.0',
    '10.0.0.256',
    '[::1]',
    'fe80::1%eth0',
    'a b',
    'host:9042',
    '-a',
    'a.',
    '*.org',
  ],
  'listen-address': ['', '0', '*'],
  tokens: ['', 'a', '1.5', '1,,2', '0,-0', '1,01', '9223372036854775808', '-9223372036854775809', '1;2'],
  version: ['', '5', 'five', '5.0.8/..', '5..0', '5.0.8 ', '5.0.8\n', '5.0.8-'],
  url: [
    '',
    '/srv/x',
    'ftp://h/x',
    'https://u@h/x',
    'https://u:p@h/x',
    'file://h/x',
    'file:///',
    'javascript:1',
    'https://h/a b',
    'https://h:65536/',
    'http://1.2.3/',
    'http://a.0x1f/',
    'http://[1:2]/',
    'http://a.xn--0/',
    'file:///a/../b',
    'https://h/\n',
  ],
  path: ['', 'etc', '/', '/a/', '/a//b', '/a/../b', '/a/./b', '/a\n', '/a;b'],
  'install-directory': [
    ...[
      '',
      'opt/c',
      '/',
      '/etc',
      '/etc/cassandra',
      '/usr',
      '/usr/bin',
      '/usr/lib/jvm',
      '/lib64',
      '/proc/1',
      '/dev/shm',
    ],
    ...[
      '/opt',
      '/var',
      '/var/lib',
      '/var/run/c',
      '/home',
      '/root',
      '/tmp',
      '/opt/',
      '/opt/../etc',
      '/opt/c:d',
      '/opt/$x',
      '/opt/ c',
    ],
  ],
  cron: [
    '',
    '* * * *',
    '0 * * * * *',
    '60 * * * *',
    '0 24 * * *',
    '0 0 0 * *',
    '0 0 * 13 *',
    '0 0 * * 8',
    '*/0 * * * *',
    '5/15 * * * *',
    '0 0 L * *',
    '0 0 ? * *',
    '@daily',
    '0  0 * * *',
    ' 0 0 * * *',
    '0 0 * * SUNDAY',
    '0 0 * * *\n',
  ],
  'time-zone': ['', 'CEST', 'Berlin', 'Europe/Nowhere', '+01:00', 'Europe/', '../UTC', 'UTC\n'],
  moment: [
    '',
    '2026-12-24',
    '2026-12-24T18:00:00',
    '2026-12-24 18:00:00Z',
    '2026-02-30T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-12-24T24:00:00Z',
    '2026-12-24T18:00:00+15:00',
    'tomorrow',
  ],
  'key-fingerprint': ['', `SHA256:${'A'.repeat(42)}`, `MD5:${'A'.repeat(43)}`],
  'private-key': [
    'not a key',
    ' ',
    'ssh-ed25519 AAAA me@host',
    '-----BEGIN PUBLIC KEY-----',
    '-----BEGIN PRIVATE KEY-----\u0000',
  ],
  'apt-words': ['', ' main', 'main\ndeb', '[trusted=yes]', '#'],
};

/** Tokens beyond 64 bits, or twice; names in URLs that are no Punycode; zones and days that are not there. */
const UNSAID: ReadonlySet<FormatName> = new Set(['tokens', 'url', 'time-zone', 'moment'] as const);

describe('the kinds of text', () => {
  for (const name of Object.keys(FORMATS) as FormatName[]) {
    it(`take what is a ${name}, and nothing else`, () => {
      for (const text of FITS[name] ?? [])
        expect(formatProblem(name, text), JSON.stringify(text)).to.equal(null);
      for (const text of DOES_NOT[name] ?? [])
        expect(formatProblem(name, text), JSON.stringify(text)).to.match(/^must (?:not )?be /);
    });
  }

  it('say of a whole line of ssh-keygen which part of it is wanted', () => {
    const line = `256 SHA256:${'A'.repeat(43)} root@host.with.a.long.name.example.com (ED25519)`;
    expect(formatProblem('key-fingerprint', line)).to.match(
      /^must be the fingerprint .* alone, the second word/,
    );
  });

  it('are what JSON Schema is told of them, but for what it cannot say', () => {
    const ajv = new Ajv2020({ strict: false });
    addFormats.default(ajv);
    for (const name of Object.keys(FORMATS) as FormatName[]) {
      const { schema, most } = FORMATS[name];
      const isAllowed = ajv.compile({ type: 'string', maxLength: most, ...schema });
      const words = [...(FITS[name] ?? []), ...(DOES_NOT[name] ?? [])];
      const part = fc.oneof(
        fc.constantFrom(
          ...words,
          '/',
          '.',
          '..',
          ' ',
          ',',
          ':',
          '-',
          '0',
          '9',
          'é',
          '\u0301',
          '\u2028',
          '🎪',
        ),
        fc.string({ unit: 'binary' }),
      );
      const text = fc.oneof(
        fc.constantFrom('', ...words),
        fc.array(part, { maxLength: 4 }).map((parts) => parts.join('')),
      );
      fc.assert(
        fc.property(text, (value) => {
          const fits = formatProblem(name, value) === null;
          if (fits || !UNSAID.has(name)) expect(isAllowed(value), JSON.stringify(value)).to.equal(fits);
        }),
        { numRuns: 500 },
      );
    }
  });

  it('are told apart at once, whatever the text', () => {
    for (const name of Object.keys(FORMATS) as FormatName[]) {
      for (const part of ['/a ', 'a, ', '1.', '-1,', 'a.', '::'])
        formatProblem(name, `${part.repeat(70_000).slice(0, FORMATS[name].most - 1)}\n`);
    }
  });
});
