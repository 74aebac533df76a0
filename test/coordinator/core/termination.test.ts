// Which requests to end a job count, and what is told of them.
import { expect } from 'chai';
import { countsInMs, terminationWords } from '../../../coordinator/core/termination.ts';

describe('a request to terminate', () => {
  it('counts as the first one, and again only once the first has had its time', () => {
    expect(countsInMs(null, 10_000)).to.equal(0);
    expect(countsInMs(0, 10_000)).to.equal(10_000);
    expect(countsInMs(9_999, 10_000)).to.equal(1);
    expect(countsInMs(10_000, 10_000)).to.equal(0);
    expect(countsInMs(60_000, 10_000)).to.equal(0);
  });

  it('is told with who asked and what comes of it', () => {
    expect(terminationWords(null, { isFirst: true, started: false })).to.equal(
      'Termination was asked for: no node is started',
    );
    expect(terminationWords('admin', { isFirst: true, started: true })).to.equal(
      'Termination was asked for by admin: what is under way stops at its next safe point, nothing else is started',
    );
    expect(terminationWords('admin', { isFirst: false, started: true })).to.equal(
      'Termination was asked for again by admin: what is under way is given up, safe point or not',
    );
  });
});
