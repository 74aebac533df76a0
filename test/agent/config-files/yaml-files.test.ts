// cassandra.yaml and dse.yaml: what is set, what stays, what is refused.
import { expect } from 'chai';
import { parse } from 'yaml';
import { HEADER } from '../../../agent/config-files/header.ts';
import { renderFile } from '../../../agent/config-files/render.ts';
import type { RenderInput } from '../../../agent/config-files/render-input.ts';
import { cassandra, dse, pristine, withWindowsLineEnds } from './fixtures.ts';
import { problemsOf } from './problems.ts';

const FILE = 'cassandra-yaml';
const source = pristine('cassandra.yaml');
const render = (input: RenderInput, text = source): string => renderFile(FILE, text, input);
const values = (input: RenderInput, text = source) => parse(render(input, text));
const commentLines = (text: string): string[] => text.split(/\r?\n/).filter((line) => /^\s*#/.test(line));

describe('rendering of cassandra.yaml', () => {
  it('puts the sentence of the original on the first line', () => {
    expect(render(cassandra()).split('\n')[0]).to.equal(HEADER);
  });

  it('sets what the model knows whatever the profile says', () => {
    const profile = {
      [FILE]: { cluster_name: 'Other', seed_provider: [], listen_address: '9.9.9.9', auto_bootstrap: true },
    };
    const got = values(
      cassandra(profile, {
        broadcastAddress: '203.0.113.1',
        autoBootstrap: false,
        clusterName: 'Größe #1: a',
      }),
    );
    expect(got).to.include({
      cluster_name: 'Größe #1: a',
      listen_address: '10.0.0.1',
      broadcast_address: '203.0.113.1',
      rpc_address: '10.0.0.1',
      auto_bootstrap: false,
      endpoint_snitch: 'GossipingPropertyFileSnitch',
    });
    expect(got.seed_provider).to.deep.equal([
      {
        class_name: 'org.apache.cassandra.locator.SimpleSeedProvider',
        parameters: [{ seeds: '10.0.0.1,10.0.0.2' }],
      },
    ]);
  });

  it('changes only the lines of the keys that are set', () => {
    const before = source.split('\n');
    const after = new Set(render(cassandra({ [FILE]: { num_tokens: 8 } })).split('\n'));
    expect(before.filter((line) => !after.has(line))).to.deep.equal([
      'num_tokens: 16   # trailing: comment',
      '      - seeds: "127.0.0.1:7000"',
      'listen_address: localhost',
      'rpc_address: localhost   ',
      'endpoint_snitch: SimpleSnitch',
    ]);
  });

  it('puts a key that is commented out right below its commented-out example', () => {
    const lines = render(cassandra({ [FILE]: { hinted_handoff_disabled_datacenters: ['DC9'] } })).split('\n');
    const at = lines.indexOf('#    - DC2');
    expect(lines.slice(at + 1, at + 3)).to.deep.equal(['hinted_handoff_disabled_datacenters:', '  - DC9']);
  });

  it('keeps the comments that stood inside a value which is replaced whole', () => {
    const text = render(cassandra({ [FILE]: { role_manager: 'A', server_encryption_options: { x: 1 } } }));
    const kept = commentLines(text);
    for (const comment of commentLines(source)) expect(kept).to.include(comment);
    for (const beside of ['# between nodes', '# all, dc, rack']) expect(text).to.include(beside);
    expect(parse(text)).to.deep.include({ role_manager: 'A', server_encryption_options: { x: 1 } });
  });

  it('comments a key out when the profile says null', () => {
    const text = render(cassandra({ [FILE]: { role_manager: null, empty_value: null, not_there: null } }));
    expect(parse(text)).not.to.have.any.keys('role_manager', 'empty_value', 'not_there');
    expect(text).to.include('# role_manager:\n#   class_name: CassandraRoleManager\n');
  });

  it('calls the native address by its DSE name from 6.0 on', () => {
    const model = { nativeTransportBroadcastAddress: '203.0.113.2' };
    expect(values(dse('6.8.36', {}, model))).to.include({
      native_transport_address: '10.0.0.1',
      native_transport_broadcast_address: '203.0.113.2',
      rpc_address: 'localhost',
    });
    expect(values(dse('5.1.20', {}, model))).to.include({
      rpc_address: '10.0.0.1',
      broadcast_rpc_address: '203.0.113.2',
    });
  });

  it('sets num_tokens to the number of initial tokens', () => {
    const got = values(
      cassandra({ [FILE]: { num_tokens: 256 } }, { initialToken: '-9223372036854775808, 5' }),
    );
    expect(got).to.include({ initial_token: '-9223372036854775808,5', num_tokens: 2 });
  });

  it('takes directories from the profile, else the pristine file, else the model', () => {
    const got = values(cassandra({ [FILE]: { data_file_directories: ['/a', '/b'] } }));
    expect(got).to.deep.include({
      data_file_directories: ['/a', '/b'],
      commitlog_directory: '/srv/commitlog',
      hints_directory: '/srv/ring/hints',
      cdc_raw_directory: '/srv/ring/cdc_raw',
    });
  });

  it('leaves out the directories that an old version does not know', () => {
    const old = { ...cassandra(), version: '2.2.19' };
    expect(values(old)).not.to.have.any.keys('hints_directory', 'cdc_raw_directory');
  });

  it('lets a profile choose the snitch', () => {
    const got = values(cassandra({ [FILE]: { endpoint_snitch: 'Ec2Snitch' } }));
    expect(got.endpoint_snitch).to.equal('Ec2Snitch');
  });

  it('quotes words that YAML 1.1 would take for something else than text', () => {
    const words = [
      'no',
      'On',
      'y',
      'null',
      '1_000',
      '0o17',
      '012',
      '1:30',
      '2001-01-01',
      '<<',
      '=',
      '~',
      '1e3',
    ];
    const text = render(cassandra({ [FILE]: { words, map: Object.fromEntries(words.map((w) => [w, 1])) } }));
    const got = parse(text, { version: '1.1' });
    expect(got.words).to.deep.equal(words);
    expect(Object.keys(got.map)).to.have.members(words);
  });

  it('escapes characters that end a line, or end the reading, in the YAML reader of Cassandra', () => {
    const rare = 'a\u0085b\u2028c\u2029d\ufeffe\u007ff\u0000g😀';
    const text = render(cassandra({ [FILE]: { rare, [`map`]: { [rare]: 1 } } }));
    expect(text).not.to.match(/[\u0085\u2028\u2029\ufeff\u007f\p{Surrogate}]|😀/u);
    expect(parse(text)).to.deep.include({ rare, map: { [rare]: 1 } });
  });

  it('puts new keys before a changed one when its line follows their example', () => {
    const input = dse('6.8.0', { 'dse-yaml': { known: [1], fresh: 2 } });
    const text = renderFile('dse-yaml', '# fresh: x\nknown: y\n', input);
    expect(text).to.equal(`${HEADER}\n# fresh: x\nfresh: 2\nknown:\n  - 1\n`);
  });

  it('does not put a key into the midst of a value where its example stands', () => {
    const text = render(cassandra({ [FILE]: { new_key: 1 } }), 'map:\n  a: 1\n# new_key: 0\n  b: 2\n');
    expect(parse(text)).to.deep.include({ map: { a: 1, b: 2 }, new_key: 1 });
  });

  it('takes no line of a block of text for a comment', () => {
    expect(render(cassandra({ [FILE]: { text: 'one' } }))).not.to.include('# not a comment');
  });

  it('renders the same bytes from the same input, and from a file it has rendered', () => {
    const input = cassandra({
      [FILE]: { hints_compression: [{ class_name: 'LZ4Compressor' }], num_tokens: 4 },
    });
    expect(render(input)).to.equal(render(input));
    expect(render(input, render(input))).to.equal(render(input));
  });

  it('keeps Windows line ends', () => {
    const text = render(
      cassandra({ [FILE]: { a: [1, 2], authenticator: 'X' } }),
      withWindowsLineEnds(source),
    );
    expect(text.replaceAll('\r\n', '')).not.to.match(/[\r\n]/);
    expect(parse(text)).to.deep.include({ a: [1, 2], authenticator: 'X', cluster_name: 'Test Cluster' });
  });

  it('renders a pristine file of comments alone, and one with a byte order mark', () => {
    expect(values(cassandra(), '# nothing yet\n')).to.include({ cluster_name: 'Test Cluster' });
    expect(render(cassandra(), `\ufeff${source}`)).to.equal(render(cassandra()));
  });

  it('refuses an interface, since the address is always set', () => {
    expect(problemsOf(() => render(cassandra({ [FILE]: { listen_interface: 'eth0' } })))).to.deep.equal([
      {
        pointer: '/cassandra-yaml/listen_interface',
        message: "cannot be set, since the node's addresses are",
      },
    ]);
  });

  for (const [what, model] of [
    ['no seeds', { seeds: [] }],
    ['a seed with a comma', { seeds: ['a,b'] }],
    ['a seed of two lines', { seeds: ['a\nb'] }],
    ['an empty token', { initialToken: '1,,2' }],
    ['a token given twice', { initialToken: '1,1' }],
  ] as const) {
    it(`refuses ${what}`, () => {
      expect(problemsOf(() => render(cassandra({}, model)))[0]?.pointer).to.match(/^\/model\//);
    });
  }

  for (const [what, text] of [
    ['aliases that grow without bound', 'a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n'],
    ['a prototype key', 'a:\n  __proto__: {x: 1}\n'],
    ['the same key twice', 'a: 1\na: 2\n'],
    ['no mapping', '- a\n'],
    ['one long flow mapping', '{a: 1}\n'],
    ['several documents', 'a: 1\n---\nb: 2\n'],
    ['an end mark that would hide what is added', 'a: 1\n...\n'],
    ['broken YAML', 'a: "b\n'],
  ] as const) {
    it(`refuses a pristine file with ${what}`, () => {
      expect(problemsOf(() => render(cassandra(), text))).to.have.length(1);
    });
  }
});

describe('rendering of dse.yaml', () => {
  it('sets the profile and nothing of the model', () => {
    const profile = {
      'dse-yaml': { authentication_options: { enabled: true }, authorization_options: { enabled: true } },
    };
    const text = renderFile('dse-yaml', pristine('dse.yaml'), dse('6.8.36', profile));
    expect(parse(text)).to.deep.equal({
      authentication_options: { enabled: true },
      back_pressure_threshold_per_core: 500,
      authorization_options: { enabled: true },
    });
    expect(text).to.include('    enabled: true\t# tab before this\n    # transitional_mode: disabled\n');
  });
});
