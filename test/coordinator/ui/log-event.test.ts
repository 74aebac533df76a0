// What a browser keeps of a job event: every text inert, the diff apart from the rest of before and after.
import { expect } from 'chai';
import { logEvent } from '../../../coordinator/ui/live/log-event.ts';
import type { JobEvent } from '../../../shared/rest-types.ts';

const EVENT: JobEvent = {
  id: 'event-1',
  'node-id': 'n1',
  'event-type': 'check',
  'event-subtype': 'file-contents',
  'event-resource': null,
  message: 'Looked',
  changes: false,
  before: {},
  after: {},
  traceback: null,
  'created-on': '2026-01-02T03:04:05.678Z',
};

describe('a line of the log', () => {
  it('has nothing to unfold when the event has no more than its message', () => {
    expect(logEvent(7, EVENT)).to.deep.equal({
      number: 7,
      id: 'event-1',
      atMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
      nodeId: 'n1',
      type: 'check',
      subtype: 'file-contents',
      resource: null,
      message: 'Looked',
      changes: false,
      diff: '',
      diffTruncated: false,
      detail: '',
      traceback: null,
    });
  });

  it('tells the diff from what else was before and after', () => {
    const { diff, diffTruncated, detail } = logEvent(1, {
      ...EVENT,
      before: { sha256: 'a' },
      after: { sha256: 'b', diff: '-x\n+y\n', 'diff-truncated': true },
    });
    expect({ diff, diffTruncated }).to.deep.equal({ diff: '-x\n+y\n', diffTruncated: true });
    expect(JSON.parse(detail)).to.deep.equal({ before: { sha256: 'a' }, after: { sha256: 'b' } });
    expect(logEvent(1, { ...EVENT, after: { diff: '-x\n' } }).detail).to.equal('');
    expect(logEvent(1, { ...EVENT, after: { diff: 3 } }).diff).to.equal('');
  });

  it('has no text that a page would act on, wherever it stands', () => {
    const bad = 'a\u202eb';
    const line = logEvent(1, {
      ...EVENT,
      'event-subtype': bad,
      'event-resource': bad,
      message: bad,
      before: { [bad]: bad },
      after: { diff: bad },
      traceback: bad,
    });
    expect(JSON.stringify(line)).to.not.contain('\u202e');
    expect(line.resource).to.equal('a<U+202E>b');
    expect(line.traceback).to.equal('a<U+202E>b');
  });
});
