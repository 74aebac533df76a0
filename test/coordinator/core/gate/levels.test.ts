// Replica arithmetic, against counting.
import { expect } from 'chai';
import fc from 'fast-check';
import { keeps } from '../../../../coordinator/core/gate/levels.ts';
import { CONSISTENCY_LEVELS, type ConsistencyLevel } from '../../../../shared/ring-view.ts';

const datacenterOf = (address: string): string => address.slice(0, 1);
/** `x1 x2`: replicas in datacenter x */
const range = (
  level: ConsistencyLevel,
  replicas: string,
  away: string,
  copies: Record<string, number> | null = null,
): boolean =>
  keeps({
    level,
    replicas: replicas.split(' '),
    copies,
    datacenterOf,
    isAway: (address) => away.split(' ').includes(address),
    local: 'x',
  });

describe('a range', () => {
  it('keeps a quorum while more than half of its copies are there', () => {
    expect(range('LOCAL_QUORUM', 'x1 x2 x3', 'x1')).to.equal(true);
    expect(range('LOCAL_QUORUM', 'x1 x2 x3', 'x1 x2')).to.equal(false);
    expect(range('LOCAL_QUORUM', 'x1 x2', 'x1')).to.equal(false);
    expect(range('LOCAL_QUORUM', 'x1', '')).to.equal(true);
    expect(range('LOCAL_QUORUM', 'x1 x2 x3 y1 y2 y3', 'x1 y1 y2 y3')).to.equal(true);
    expect(range('QUORUM', 'x1 x2 x3 y1 y2 y3', 'x1 y1')).to.equal(true);
    expect(range('QUORUM', 'x1 x2 x3 y1 y2 y3', 'x1 y1 y2')).to.equal(false);
    expect(range('EACH_QUORUM', 'x1 x2 x3 y1 y2 y3', 'x1 y1')).to.equal(true);
    expect(range('EACH_QUORUM', 'x1 x2 x3 y1 y2 y3', 'x1 y1 y2')).to.equal(false);
  });

  it('counts replicas for the other levels', () => {
    expect(range('ONE', 'x1 y1', 'x1')).to.equal(true);
    expect(range('LOCAL_ONE', 'x1 y1', 'x1')).to.equal(false);
    expect(range('TWO', 'x1 x2 x3', 'x1')).to.equal(true);
    expect(range('THREE', 'x1 x2 x3', 'x1')).to.equal(false);
    expect(range('ALL', 'x1 x2 x3', 'x1')).to.equal(false);
    expect(range('ALL', 'x1 x2 x3', '')).to.equal(true);
  });

  it('needs the quorum of its copies also where there are fewer nodes than copies', () => {
    expect(range('LOCAL_QUORUM', 'x1 x2 x3', 'x1', { x: 5 })).to.equal(false);
    expect(range('QUORUM', 'x1 x2 x3', 'x1', { x: 3, y: 3 })).to.equal(false);
    expect(range('LOCAL_QUORUM', 'x1 x2 y1', '', { '': 5 })).to.equal(false);
  });

  it('never gets a level back by one more replica away, and none is weaker than one that it implies', () => {
    const replicas = ['x1', 'x2', 'x3', 'y1', 'y2', 'y3'];
    const weaker: [ConsistencyLevel, ConsistencyLevel][] = [
      ['ALL', 'EACH_QUORUM'],
      ['EACH_QUORUM', 'QUORUM'],
      ['EACH_QUORUM', 'LOCAL_QUORUM'],
      ['LOCAL_QUORUM', 'LOCAL_ONE'],
      ['LOCAL_ONE', 'ONE'],
      ['THREE', 'TWO'],
      ['TWO', 'ONE'],
    ];
    fc.assert(
      fc.property(
        fc.subarray(replicas, { minLength: 1 }).filter((some) => some.some((one) => one.startsWith('x'))),
        fc.subarray(replicas),
        fc.constantFrom(...replicas),
        (some, away, more) => {
          const all = some.join(' ');
          const now = (level: ConsistencyLevel) => range(level, all, away.join(' '));
          for (const level of CONSISTENCY_LEVELS)
            if (range(level, all, [...away, more].join(' '))) expect(now(level), level).to.equal(true);
          for (const [strong, weak] of weaker)
            if (now(strong)) expect(now(weak), `${strong} ${weak}`).to.equal(true);
        },
      ),
    );
  });
});
