// What a new job shows of its scope.
import { expect } from 'chai';
import { scopeNames } from '../../../coordinator/core/new-job.ts';

describe('the scope that a job shows', () => {
  const dc = { id: 'dc-id', name: 'dc1' };
  const one = { id: 'node-id', name: 'n1' };
  const nothing = { datacenterId: null, datacenterName: null, nodeId: null, nodeName: null };

  it('is nothing for a cluster, its datacenter for a datacenter, and both for a node', () => {
    const datacenter = { ...nothing, datacenterId: 'dc-id', datacenterName: 'dc1' };
    expect(scopeNames('cluster', dc, one)).to.deep.equal(nothing);
    expect(scopeNames('datacenter', dc, one)).to.deep.equal(datacenter);
    expect(scopeNames('node', dc, one)).to.deep.equal({ ...datacenter, nodeId: 'node-id', nodeName: 'n1' });
  });

  it('is null where the model has nothing to name', () => {
    expect(scopeNames('node', null, null)).to.deep.equal(nothing);
  });
});
