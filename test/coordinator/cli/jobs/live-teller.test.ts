// A job on a terminal: what stays above the picture that is drawn again and again.
import { expect } from 'chai';
import { LiveTeller } from '../../../../coordinator/cli/jobs/tellers.ts';
import { WatchedJob } from '../../../../coordinator/cli/jobs/watched-job.ts';
import { Output } from '../../../../coordinator/cli/output.ts';

describe('a job on a terminal', () => {
  it('leaves errors above its picture, and the looks that are worth a line, and nothing else', () => {
    const drawn: string[] = [];
    const sink = { write: (text: string) => drawn.push(text) };
    const flags = { output: 'table', headers: true, quiet: false, color: false } as const;
    const watched = new WatchedJob({ 'job-type': 'restart', status: 'RUNNING' });
    const teller = new LiveTeller(watched, new Output(sink, sink, flags, {}));
    for (const [type, subtype] of [
      ['check', 'gate'],
      ['check', 'config-not-validated'],
      ['milestone', 'node-started'],
      ['check', 'plan'],
      ['error', 'disk-full'],
    ]) {
      const event = {
        'node-id': null,
        'event-type': type,
        'event-subtype': subtype,
        message: `${subtype} is told`,
      };
      const data = { ...event, changes: false, 'created-on': '2026-11-28T18:09:36.432Z' };
      teller.seen('job-event', data, watched.seen('job-event', data));
    }
    teller.end();
    expect(drawn.join('').match(/18:09:36Z .*/g)).to.deep.equal([
      '18:09:36Z job   config-not-validated is told',
      '18:09:36Z job   plan is told',
      '18:09:36Z job ✗ disk-full is told',
    ]);
  });
});
