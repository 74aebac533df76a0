// A cassandra.yaml whose directories are moved away.
import { expect } from 'chai';
import { awayFromNode } from '../../../agent/trial/away-from-node.ts';

it('a cassandra.yaml away from its node differs in its directories alone', () => {
  const yaml = [
    '# kept',
    'data_file_directories:',
    '    - /data/a',
    '    - /data/b',
    'commitlog_directory: /data/a',
    'hints_directory:',
    'heap_dump_path: dumps',
    'initial_token: -9223372036854775808',
    'server_encryption_options:',
    '    keystore: /etc/keystore',
    '',
  ].join('\n');
  const away = awayFromNode(yaml, '/tmp/x/root').replaceAll('"', '').replace('/tmp/x/root/dumps', 'dumps');
  expect(away.replaceAll('/tmp/x/root', '')).to.equal(yaml);
  expect(away.match(/\/tmp\/x\/root\/data/g)).to.have.length(3);
});
