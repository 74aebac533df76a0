// What a browser keeps of a job's log: the newest up to a limit, each once, whatever arrives twice.
import { expect } from 'chai';
import { CHUNK, EventWindow, MOST_HELD } from '../../../coordinator/ui/live/event-window.ts';
import type { LogEvent } from '../../../coordinator/ui/live/log-event.ts';

/** Events with the numbers from..to. */
const events = (from: number, to: number, nodeId: string | null = null): LogEvent[] =>
  Array.from({ length: to - from + 1 }, (_, at) => ({
    number: from + at,
    id: `event-${from + at}`,
    atMs: from + at,
    nodeId,
    type: 'check',
    subtype: 'looked',
    resource: null,
    message: '',
    changes: false,
    diff: '',
    diffTruncated: false,
    detail: '',
    traceback: null,
  }));
const numbers = (held: EventWindow): [number | undefined, number | undefined, number] => [
  held.events[0]?.number,
  held.events.at(-1)?.number,
  held.events.length,
];

describe('the window of events', () => {
  it('lets the oldest go once it is full, and says how many are not held', () => {
    const held = new EventWindow();
    held.append(events(1, CHUNK));
    held.append(events(CHUNK + 1, CHUNK + 7));
    expect(numbers(held)).to.deep.equal([8, CHUNK + 7, CHUNK]);
    expect(held.earlier).to.equal(7);
  });

  it('takes each event once, though a stream that was resumed may repeat some', () => {
    const held = new EventWindow();
    held.append(events(1, 5));
    held.append(events(4, 8));
    expect(held.events.map(({ number }) => number)).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('grows by what is asked for, up to what a browser holds without effort', () => {
    const held = new EventWindow();
    held.append(events(200_001, 200_000 + CHUNK));
    for (let first = 200_000; held.canGrow; first -= CHUNK)
      held.prepend(events(first - CHUNK + 1, first + 3));
    expect(held.events.length).to.equal(MOST_HELD);
    expect(new Set(held.events.map(({ number }) => number)).size).to.equal(MOST_HELD);
    held.append(events(200_000 + CHUNK + 1, 200_000 + CHUNK + 10));
    expect(held.events.length).to.equal(MOST_HELD);
  });

  it('remembers when a node last spoke after that event has gone', () => {
    const held = new EventWindow();
    held.append(events(1, 3, 'n1'));
    held.append(events(4, CHUNK + 10, 'n2'));
    expect([held.lastAtMs('n1'), held.lastAtMs('n2'), held.lastAtMs('n3')]).to.deep.equal([
      3,
      CHUNK + 10,
      undefined,
    ]);
  });
});
