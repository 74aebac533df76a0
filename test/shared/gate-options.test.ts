// What a job's data says about its gate, and what holds where it says nothing.
import { expect } from 'chai';
import { gateOptions } from '../../shared/gate-options.ts';

describe('the options of the gate', () => {
  it('are LOCAL_QUORUM for every keyspace and half an hour, unless the job says otherwise', () => {
    const plain = {
      level: 'LOCAL_QUORUM',
      levels: {},
      relaxed: [],
      timeoutMs: 1_800_000,
      atLimit: 'fail',
      hintsMs: 60_000,
      force: false,
      keepsApart: false,
    };
    expect(gateOptions({})).to.deep.equal(plain);
    expect(gateOptions({ 'keyspace-levels': ' ', 'relaxed-keyspaces': '', force: false })).to.deep.equal(
      plain,
    );
  });

  it('are taken as they were written, blanks and all', () => {
    expect(
      gateOptions({
        'consistency-level': 'EACH_QUORUM',
        'keyspace-levels': ' events = ONE,users=ALL ',
        'relaxed-keyspaces': 'scratch , cache',
        'gate-timeout': 5,
        'gate-limit': 'hold',
        'hints-timeout': 0,
        force: true,
        'concurrency-strategy': 'fastest-safe',
      }),
    ).to.deep.equal({
      level: 'EACH_QUORUM',
      levels: { events: 'ONE', users: 'ALL' },
      relaxed: ['scratch', 'cache'],
      timeoutMs: 5_000,
      atLimit: 'hold',
      hintsMs: 0,
      force: true,
      keepsApart: true,
    });
  });
});
