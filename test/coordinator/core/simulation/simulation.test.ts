// Ten thousand rings under jobs: planner, passes and gate together, while nodes crash, agents are away and people step in.
import { expect } from 'chai';
import type { Tally } from './performing.ts';
import { roll } from './roll.ts';

/** One world again, as a broken promise names it; or another number of them. */
const AGAIN = process.env['RINGMASTER_SIM_SEED'];
const FIRST_SEED = Number(AGAIN ?? 1);
const WORLDS = Number(process.env['RINGMASTER_SIM_WORLDS'] ?? (AGAIN === undefined ? 10_000 : 1));

const nothing = (): Tally => ({
  passes: 0,
  stops: 0,
  together: 0,
  waits: 0,
  first: 0,
  restless: 0,
  refusals: 0,
  furtherTries: 0,
  ends: {},
});

describe('jobs on simulated rings', function () {
  this.timeout(600_000);

  it(`take the level from no range, and end, in ${WORLDS} worlds`, () => {
    const tally = nothing();
    for (let seed = FIRST_SEED; seed < FIRST_SEED + WORLDS; seed += 1) roll(seed, tally);
    // Neither by letting nobody pass nor by never being asked when it mattered.
    if (WORLDS < 1_000) return;
    expect(tally.stops).to.be.greaterThan(WORLDS);
    for (const often of [tally.waits, tally.together, tally.refusals])
      expect(often).to.be.greaterThan(WORLDS / 4);
    expect(tally.furtherTries).to.be.greaterThan(WORLDS / 100);
    expect(tally.first).to.be.greaterThan(0);
    expect(tally.restless).to.be.greaterThan(WORLDS / 20);
    expect(Object.keys(tally.ends).sort()).to.deep.equal(['COMPLETE', 'FAILED', 'TERMINATED']);
  });

  it('go the same way each time for the same seed', () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + 20; seed += 1)
      expect(roll(seed, nothing())).to.deep.equal(roll(seed, nothing()));
  });
});
