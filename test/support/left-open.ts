// Mocha's last root hook: no suite may leave a server, a connection, a process or a timer behind.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import { eventually } from './eventually.ts';

/** Immediate: somebody goes round without end. */
const OPEN = /Server|Socket|Process|FSEvent|Timeout|Immediate/;
/** Mocha's own, the limit that it sets to this hook; there from the next turn on. */
const OURS = ['Timeout'];

export const mochaHooks = {
  async afterAll(this: Mocha.Context): Promise<void> {
    this.timeout(30_000);
    await nextTurn();
    await eventually(() =>
      expect(process.getActiveResourcesInfo().filter((kind) => OPEN.test(kind))).to.deep.equal(OURS),
    );
  },
};
