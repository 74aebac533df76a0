// Periodic work: turns are skipped while one is under way, failures are told, and the end waits for what has begun.
import { expect } from 'chai';
import { periodically } from '../../coordinator/periodically.ts';
import { eventually } from '../support/eventually.ts';

describe('periodic work', () => {
  it('is never under way twice, and goes on once the last turn is done, failed or not', async () => {
    const turns: { resolve: () => void; reject: (error: Error) => void }[] = [];
    const failures: unknown[] = [];
    let ticks = 0;
    const work = () =>
      new Promise<void>((resolve, reject) => {
        turns.push({ resolve, reject });
      });
    const tick = periodically(
      1,
      async () => {
        ticks += 1;
      },
      () => {},
    );
    const periodic = periodically(1, work, (error) => failures.push(error));
    const tenMore = async (): Promise<void> => {
      const until = ticks + 10;
      await eventually(() => expect(ticks).to.be.at.least(until));
    };
    try {
      await tenMore();
      expect(turns).to.have.length(1);
      const failure = new Error('away');
      turns[0]?.reject(failure);
      await tenMore();
      expect(turns).to.have.length(2);
      expect(failures).to.deep.equal([failure]);
      let stopped = false;
      const end = periodic.stop().then(() => {
        stopped = true;
      });
      await tenMore();
      expect(stopped).to.equal(false);
      turns[1]?.resolve();
      await end;
      await tenMore();
      expect(turns).to.have.length(2);
    } finally {
      await tick.stop();
    }
  });
});
