// Work that must not all be done at once: as much as allowed, in the order in which it came, whatever becomes of it.
import { expect } from 'chai';
import { Slots } from '../../shared/slots.ts';

describe('slots', () => {
  it('let in as much as they hold, and the next in order whenever one is done or has failed', async () => {
    const slots = new Slots(2);
    const begun: string[] = [];
    const ends = new Map<string, (how: Promise<string>) => void>();
    const all = ['a', 'b', 'c', 'd', 'e'].map((name) =>
      slots
        .within(() => {
          begun.push(name);
          return new Promise<string>((resolve) => ends.set(name, resolve));
        })
        .catch((error: Error) => error.message),
    );
    await new Promise(setImmediate);
    expect(begun).to.deep.equal(['a', 'b']);
    ends.get('b')?.(Promise.reject(new Error('b failed')));
    expect(await all[1]).to.equal('b failed');
    await new Promise(setImmediate);
    expect(begun).to.deep.equal(['a', 'b', 'c']);
    ends.get('a')?.(Promise.resolve('a is done'));
    ends.get('c')?.(Promise.resolve('c is done'));
    expect(await all[0]).to.equal('a is done');
    await new Promise(setImmediate);
    expect(begun).to.deep.equal(['a', 'b', 'c', 'd', 'e']);
    for (const name of ['d', 'e']) ends.get(name)?.(Promise.resolve(name));
    expect(await Promise.all(all)).to.deep.equal(['a is done', 'b failed', 'c is done', 'd', 'e']);
    expect(await slots.within(async () => 'free again')).to.equal('free again');
  });
});
