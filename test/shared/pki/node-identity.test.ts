// Only the one name the coordinator writes is a node's identity.
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import { nodeIdFromSubjectAltName, nodeUri } from '../../../shared/pki/node-identity.ts';

describe('nodeIdFromSubjectAltName', () => {
  const nodeId = randomUUID();
  const uri = `URI:${nodeUri(nodeId)}`;

  it('reads back what nodeUri wrote, in lower case', () => {
    expect(nodeIdFromSubjectAltName(uri)).to.equal(nodeId);
    expect(nodeIdFromSubjectAltName(`URI:${nodeUri(nodeId.toUpperCase())}`)).to.equal(nodeId);
  });

  it('takes nothing else for an identity', () => {
    const others = [
      undefined,
      '',
      nodeUri(nodeId),
      `${uri}, ${uri}`,
      `${uri}, URI:${nodeUri(randomUUID())}`,
      `${uri}, DNS:localhost`,
      `DNS:localhost, ${uri}`,
      `DNS:${nodeUri(nodeId)}`,
      `DNS:"x, ${uri}"`,
      `URI:"${nodeUri(nodeId)}"`,
      `${uri}/x`,
      `${uri}\n`,
      uri.toUpperCase(),
      uri.replace('ringmaster', 'ringmaster.evil'),
      `URI:spiffe://ringmaster/node/${'-'.repeat(36)}`,
    ];
    for (const san of others) expect(nodeIdFromSubjectAltName(san), String(san)).to.equal(null);
  });

  it('never takes random text for an identity', () => {
    fc.assert(fc.property(fc.string(), (san) => nodeIdFromSubjectAltName(san) === null));
  });
});
