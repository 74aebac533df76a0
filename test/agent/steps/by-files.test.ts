// Where a node serves by its files: what counts of them, and what is as the model has it.
import { expect } from 'chai';
import { servingBy } from '../../../agent/steps/by-files.ts';
import { inputFor } from './step-driver.ts';

const input = inputFor('restart', '/srv/node1', {
  ports: { native: 9142, storage: 7100, jmx: 7299 },
  profile: { 'cassandra-yaml': { native_transport_port_ssl: 9143 } },
});

describe('where a node serves by its files', () => {
  for (const [what, yaml, shell, found] of [
    ['as the model has it without files', null, null, [9142, 7100, 7299, 9143, '127.0.0.1']],
    ["at Cassandra's own ports where a file names none", 'a: 1\n', '', [9042, 7000, 7299, null, '127.0.0.1']],
    [
      'where they say',
      '# native_transport_port: 1\nnative_transport_port: 9999 # ours\nstorage_port: "7001"\nother:\n  native_transport_port: 2\nnative_transport_port_ssl: 9998\nrpc_address: 10.0.0.1\n',
      'x=1\n  export JMX_PORT="7399"\n',
      [9999, 7001, 7399, 9998, '10.0.0.1'],
    ],
    [
      'at the newer word for its address, in the next line too',
      'native_transport_address:\n    10.0.0.2\nrpc_address: 10.0.0.1\n',
      null,
      [9042, 7000, 7299, null, '10.0.0.2'],
    ],
    [
      'as the model has it for an address that is left empty and a port that the shell works out, and not at what no port can be',
      'rpc_address:\nnative_transport_port: 99042\nstorage_port: none\n',
      'JMX_PORT=$OTHER\n',
      [9042, 7000, 7299, null, '127.0.0.1'],
    ],
    [
      'as the model has it where a key is there twice',
      'native_transport_port: 1\nnative_transport_port: 2\n',
      null,
      [9142, 7100, 7299, 9143, '127.0.0.1'],
    ],
  ] as const)
    it(what, async () => {
      const { ports, tlsPort, node } = await servingBy({ yaml, shell }, input);
      expect([ports.native, ports.storage, ports.jmx, tlsPort, node.nativeTransportAddress]).to.deep.equal(
        found,
      );
    });
});
