// A plan that would give one address to two nodes of a cluster: told before anything is sent, as the coordinator would refuse it.
import { expect } from 'chai';
import { planChanges } from '../../../../coordinator/cli/apply/plan.ts';
import { readModelFile } from '../../../../coordinator/cli/apply/read-model-file.ts';
import { sharedAddresses } from '../../../../coordinator/cli/apply/shared-addresses.ts';
import { after, EMPTY } from './model-on-paper.ts';

const FLAGS = { prune: true, updateSecrets: false, nowMs: 0 };
const DCS = 'cluster: {name: prod, datacenters: [';
/** One datacenter a list, a node an entry. */
const file = (...dcs: string[][]): string =>
  `${DCS}${dcs.map((nodes, at) => `\n {name: dc${at + 1}, nodes: [\n ${nodes.join(',\n ')}]}`).join(',')}]}`;
const plain = (name: string, address: string, more = ''): string =>
  `{name: ${name}, ssh-management-address: "${address}"${more}}`;

/** What is told of a file where another one was applied before. */
function told(text: string, before = ''): string[] {
  const declaredOf = (one: string) => readModelFile('f', one).declared;
  const stored = before === '' ? EMPTY : after(EMPTY, planChanges(declaredOf(before), EMPTY, FLAGS).changes);
  const declared = declaredOf(text);
  const { changes } = planChanges(declared, stored, FLAGS);
  return sharedAddresses(changes, declared, stored).map(({ at, message }) => `${at} ${message}`);
}

describe('addresses in a model file', () => {
  it('are told by both nodes and their lines, whatever field they come from', () => {
    expect(told(file([plain('a', '10.0.0.1')], [plain('b', '10.0.0.1')]))).to.deep.equal([
      'f:5:2 node prod/dc2/b has the ssh-management-address of node prod/dc1/a (f:3:2)',
    ]);
    for (const field of ['listen-address', 'broadcast-address', 'native-transport-address'])
      expect(
        told(file([plain('a', '10.0.0.1'), plain('b', '10.0.0.2', `, ${field}: 10.0.0.1`)])),
        field,
      ).to.have.length(1);
  });

  it('are compared as addresses and names', () => {
    for (const [one, same] of [
      ['2001:db8::1', '2001:DB8:0:0:0:0:0:1'],
      ['host.example.com', 'HOST.example.com'],
    ] as const)
      expect(told(file([plain('a', one), plain('b', same)])), same).to.have.length(1);
    expect(told(file([plain('a', '2001:db8::1'), plain('b', '2001:db8::2')]))).to.deep.equal([]);
  });

  it('may be the same in private networks of two datacenters', () => {
    const at = (name: string, broadcast: string): string =>
      plain(
        name,
        broadcast,
        `, listen-address: 10.3.0.1, broadcast-address: ${broadcast}, native-transport-address: 0.0.0.0, native-transport-broadcast-address: ${broadcast}`,
      );
    expect(told(file([at('a', '192.0.2.1')], [at('b', '192.0.2.2')]))).to.deep.equal([]);
    expect(told(file([at('a', '192.0.2.1'), at('b', '192.0.2.2')]))).to.deep.equal([
      'f:4:2 node prod/dc1/b has the listen-address of node prod/dc1/a (f:3:2)',
    ]);
  });

  it('are taken in the order of the plan, in which deletes come last', () => {
    const before = file([plain('a', '10.0.0.1'), plain('b', '10.0.0.2')]);
    const moved = file([plain('a', '10.0.0.3'), plain('b', '10.0.0.1')]);
    expect(told(moved, before)).to.deep.equal([]);
    expect(told(file([plain('a', '10.0.0.2'), plain('b', '10.0.0.1')]), before)).to.deep.equal([
      'f:3:2 node prod/dc1/a has the ssh-management-address of node prod/dc1/b (which gives it up only afterwards)',
    ]);
    expect(told(file([plain('c', '10.0.0.2')]), before)).to.deep.equal([
      'f:3:2 node prod/dc1/c has the ssh-management-address of node prod/dc1/b (which gives it up only afterwards)',
    ]);
  });
});
