// What a job's data says about stopping a node, and what holds where it says nothing.
import { expect } from 'chai';
import { stopOptions } from '../../shared/stop-options.ts';

describe('the options of a stop', () => {
  it('are half a minute for clients, two for the drain and no time to settle, unless the job says otherwise', () => {
    const plain = { clientsMs: 30_000, drainMs: 120_000, settleMs: 0 };
    expect(stopOptions({})).to.deep.equal(plain);
    expect(
      stopOptions({ 'clients-timeout': null, 'drain-timeout': null, 'settle-seconds': null }),
    ).to.deep.equal(plain);
    expect(stopOptions({ 'clients-timeout': 5, 'drain-timeout': 600, 'settle-seconds': 10 })).to.deep.equal({
      clientsMs: 5_000,
      drainMs: 600_000,
      settleMs: 10_000,
    });
  });
});
