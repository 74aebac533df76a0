// What a log says of a database that is away or whose disk is full: when it begins, now and then, when it is over; and everything else as ever.
import { expect } from 'chai';
import { awayLog } from '../../coordinator/away-log.ts';
import type { Standing } from '../../coordinator/store/database.ts';
import { Unavailable } from '../../shared/errors.ts';
import { eventually } from '../support/eventually.ts';
import { heardLog } from '../support/heard-log.ts';

describe('a log that knows of the database', () => {
  const gone = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  const setUp = (remindEveryMs: number) => {
    const { log: to, lines } = heardLog(false);
    const away = awayLog(to, { askEveryMs: 1, remindEveryMs });
    let standing: Standing = 'away';
    const watch = (): void => away.watch(async () => standing);
    const said = (): string[] => lines.map((line) => JSON.parse(line).message);
    const becomes = (other: Standing): void => {
      standing = other;
    };
    return { away, lines, said, watch, becomes };
  };

  it('says once that it went and once that it came back, and again the next time', async () => {
    const { away, lines, said, watch, becomes } = setUp(60_000);
    watch();
    const log = away.log.child({ component: 'part' });
    for (const err of [gone, new Unavailable('The database is away', gone), gone])
      log.warn('not done', { err });
    expect(said()).to.deep.equal(['the database is away']);
    expect(JSON.parse(lines[0] ?? '')).to.deep.include({ err: 'Error: connect ECONNREFUSED' });
    becomes('answers');
    await eventually(() => expect(said()).to.deep.equal(['the database is away', 'the database is back']));
    log.error('not done', { err: gone });
    expect(said().at(-1)).to.equal('the database is away');
    away.stop();
  });

  it('tells a full disk from a database that is away, and when the one becomes the other', async () => {
    const { away, said, watch, becomes } = setUp(60_000);
    const full = Object.assign(new Error('could not extend file'), { code: '53100' });
    watch();
    becomes('full');
    away.log.warn('not done', { err: new Unavailable('The disk is full', full) });
    expect(said()).to.deep.equal(['the disk of the database is full']);
    becomes('away');
    await eventually(() => expect(said().at(-1)).to.equal('the database is away'));
    becomes('full');
    await eventually(() => expect(said().at(-1)).to.equal('the disk of the database is full'));
    becomes('answers');
    await eventually(() => expect(said().at(-1)).to.equal('the disk of the database has room again'));
    expect(said()).to.have.length(4);
    away.stop();
  });

  it('says now and then for how long, until it is stopped', async () => {
    const { away, lines, said, watch } = setUp(5);
    watch();
    away.log.warn('not done', { err: gone });
    await eventually(() => expect(said().slice(1)).to.have.length.above(2));
    expect(new Set(said().slice(1))).to.deep.equal(new Set(['the database is still away']));
    expect(JSON.parse(lines.at(-1) ?? '').durationMs).to.be.a('number');
    away.stop();
    away.log.warn('not done', { err: gone });
    expect(said().at(-1)).to.equal('not done');
  });

  it('says everything else, and all of it before there is a database to watch', () => {
    const { away, said, watch } = setUp(60_000);
    away.log.error('cannot start', { err: gone });
    watch();
    away.log.info('job moved');
    away.log.error('a bug', { err: new TypeError('x is not a function') });
    away.log.warn('refused', { err: new Unavailable('Another reason') });
    expect(said()).to.deep.equal(['cannot start', 'job moved', 'a bug', 'refused']);
    away.stop();
  });
});
