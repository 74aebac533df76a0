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
  const away = awayFromNode(yaml, '/tmp/x/root', '/srv/n')
    .replaceAll('"', '')
    .replace('/tmp/x/root/srv/n/dumps', 'dumps');
  expect(away.replaceAll('/tmp/x/root', '')).to.equal(yaml);
  expect(away.match(/\/tmp\/x\/root\/data/g)).to.have.length(3);
});

it('a directory of a cassandra.yaml that is moved stays one of its own, and leads nowhere else', () => {
  const yaml = [
    'hints_directory: ../../../etc',
    'saved_caches_directory: data',
    'commitlog_directory: /data',
    '',
  ];
  const away = awayFromNode([...yaml, 'cdc_raw_directory: /data/\n'].join('\n'), '/tmp/x/root', '/srv/n');
  const of = (key: string): string | undefined => new RegExp(`^${key}: "?([^"\n]*)`, 'm').exec(away)?.[1];
  expect(of('hints_directory')).to.equal('/tmp/x/root/etc');
  expect(of('saved_caches_directory')).to.equal('/tmp/x/root/srv/n/data');
  expect(of('commitlog_directory')).to.equal('/tmp/x/root/data');
  expect(of('cdc_raw_directory')).to.equal('/tmp/x/root/data/');
});
