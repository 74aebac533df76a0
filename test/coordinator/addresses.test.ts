// What agents are told of where this coordinator is.
import { expect } from 'chai';
import { reachableHosts } from '../../coordinator/addresses.ts';

describe('the addresses that agents are told', () => {
  const everywhere = { agentAddresses: [], grpcHost: '0.0.0.0' };
  const local = ['127.0.0.1', '::1', '127.0.0.2', '10.77.1.12', '2001:db8::12', '192.168.4.1'];

  it('are those of this machine without loopback, which is another one to each of them', () => {
    expect(reachableHosts(everywhere, local)).to.deep.equal(['10.77.1.12', '192.168.4.1']);
  });

  it('are loopback where there is no other, or nothing else is listened on', () => {
    expect(reachableHosts(everywhere, ['127.0.0.1', '::1'])).to.deep.equal(['127.0.0.1']);
    expect(reachableHosts({ ...everywhere, grpcHost: '127.0.0.1' }, local)).to.deep.equal(['127.0.0.1']);
  });

  it('are what the setting says, whatever it is', () => {
    const agentAddresses = ['lcm.example.com', '127.0.0.1'];
    expect(reachableHosts({ ...everywhere, agentAddresses }, local)).to.deep.equal(agentAddresses);
  });
});
