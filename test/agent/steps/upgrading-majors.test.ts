// The steps of an upgrade to another series, on a machine in memory: its snapshot, its sstables, and that there is no way back.
import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { JmxError } from '../../../agent/host/jmx/jmx-error.ts';
import { recipes } from '../../../agent/recipes/index.ts';
import type { RunInput } from '../../../shared/run-input.ts';
import { failureOf } from '../../support/failure-of.ts';
import { FakeHost } from '../../support/fake-host.ts';
import { type DriveOptions, drive, inputFor } from './step-driver.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const urlOf = (version: string): string => `http://127.0.0.1:1/cassandra-${version}.tar.gz`;

describe('upgrading a database node to another series', () => {
  let host: FakeHost;
  const run = (
    recipe: RunInput['recipe'],
    version: string,
    given: Partial<RunInput> = {},
    options: Partial<DriveOptions> = {},
  ) => {
    host.packed.set('NEWS.txt', version);
    const repository = { url: urlOf(version), username: null };
    const input = inputFor(recipe, '/srv/node1', { version, repository, ...given });
    return drive(recipes[recipe](input), { host, input, ...options });
  };
  const upgrade = (version: string, given: Partial<RunInput> = {}, options: Partial<DriveOptions> = {}) =>
    run('upgrade', version, given, options);
  /** What touches the database node, in order. */
  const touches = () => host.done.filter((done) => !/^(write|download|unpack|remove) /.test(done));
  const stop = ['stop native transport', 'drain', 'SIGTERM', 'spawn'];

  beforeEach(async () => {
    host = new FakeHost();
    for (const version of ['4.1.7', '4.1.8', '5.0.8']) {
      host.remote.set(urlOf(version), version);
      host.remote.set(`${urlOf(version)}.sha256`, `${sha256(version)}  cassandra.tar.gz\n`);
    }
    await run('install', '4.1.7');
    host.done.length = 0;
  });

  it('takes a snapshot unless that is declined, and says what removes it and that nothing else leads back', async () => {
    const { events } = await upgrade('5.0.8');
    const [snapshot = '', ...rest] = touches();
    expect(snapshot).to.match(/^snapshot upgrade-4\.1\.7-5\.0\.8-\d+$/);
    expect(rest).to.deep.equal(stop);
    const tag = snapshot.replace('snapshot ', '');
    const told = (subtype: string) => events.find((event) => event.subtype === subtype)?.message;
    expect(told('snapshot-taken')).to.contain(`\`nodetool clearsnapshot -t ${tag}\` removes it`);
    expect(told('upgraded')).to.contain(`a downgrade is not supported`).and.contain(`the snapshot ${tag}`);
  });

  it('keeps the snapshot of the try that started the new version, though that runs', async () => {
    host.answersAfterMs = null;
    expect((await failureOf(upgrade('5.0.8'))).subtype).to.equal('node-not-up');
    const [snapshot = ''] = touches();
    host.releases.set('127.0.0.1', '5.0.8');
    host.answersAfterMs = 500;
    const { events } = await upgrade('5.0.8');
    expect(touches().filter((done) => done.startsWith('snapshot'))).to.deep.equal([snapshot]);
    const told = events.find(({ subtype }) => subtype === 'upgraded')?.message;
    expect(told).to.contain(`the ${snapshot}`);
  });

  it('takes none that would be of the new version', async () => {
    host.answersAfterMs = null;
    await failureOf(upgrade('5.0.8', { snapshot: false }));
    host.releases.set('127.0.0.1', '5.0.8');
    host.answersAfterMs = 500;
    const { events } = await upgrade('5.0.8');
    expect(host.done.join()).to.not.contain('snapshot upgrade');
    expect(events.find(({ subtype }) => subtype === 'upgraded')?.message).to.contain('backup from before it');
  });

  it('does without a snapshot where that is asked for, and takes none for a patch version', async () => {
    await upgrade('4.1.8');
    await upgrade('5.0.8', { snapshot: false });
    expect(touches()).to.deep.equal([...stop, ...stop]);
  });

  it('refuses a ring with a node of another series, before anything is fetched or stopped', async () => {
    host.releases = new Map([
      ['10.0.0.1', '4.1.7'],
      ['10.0.0.2', '5.0.6'],
      ['10.0.0.3', '4.0.12'],
    ]);
    const failure = await failureOf(upgrade('5.0.8'));
    expect(failure.subtype).to.equal('upgrade-refused');
    expect(failure.message).to.contain('of 4.1 or 5.0 first: 10.0.0.3 has 4.0.12. Nothing was stopped');
    expect(host.done).to.deep.equal([]);
    host.releases.delete('10.0.0.3');
    await upgrade('5.0.8');
  });

  it('says to restore the snapshot first when the new version was started and does not come up', async () => {
    host.diesAtStart = true;
    const { message } = await failureOf(upgrade('5.0.8'));
    expect(message).to.match(
      /To go back, restore the data first, since 5\.0\.8 may have written .* the snapshot upgrade-4\.1\.7-5\.0\.8-\d+\. Then set the datastax-version/,
    );
  });

  it('rewrites sstables of earlier formats where asked, once the node is up, keyspace by keyspace', async () => {
    host.olderSstables.set('system', 2).set('ks', 3);
    const { events, ticks } = await upgrade('5.0.8', { snapshot: false, sstables: true });
    expect(touches()).to.deep.equal([...stop, 'upgrade sstables system', 'upgrade sstables ks']);
    const told = events.find(({ subtype }) => subtype === 'sstables-upgraded');
    expect(told?.before).to.deep.equal({ 'older-sstables': 5 });
    expect(told?.after).to.include({ 'older-sstables': 0 });
    expect(ticks).to.be.above(0);
  });

  it('rewrites them without a stop on a node that has the version, and changes nothing when all are rewritten', async () => {
    await upgrade('5.0.8');
    host.done.length = 0;
    host.olderSstables.set('ks', 3);
    await upgrade('5.0.8', { sstables: true });
    expect(host.done).to.deep.equal(['upgrade sstables ks']);
    const { events } = await upgrade('5.0.8', { sstables: true });
    expect(host.done).to.have.length(1);
    expect(events.filter(({ changes }) => changes)).to.deep.equal([]);
  });

  it('ends the rewriting when the run is to stop, and says how to go on when it fails', async () => {
    await upgrade('5.0.8');
    host.olderSstables.set('ks', 3);
    host.faults.set('upgradeSstables', new Error('no space'));
    const failure = await failureOf(upgrade('5.0.8', { sstables: true }));
    expect([failure.subtype, failure.message]).to.deep.equal([
      'sstables-not-upgraded',
      'Not all sstables of ks were rewritten: no space. While the node runs it serves as it is; the same upgrade with upgrade-sstables goes on with what is left',
    ]);
    host.faults.set('keyspaces', new JmxError('no answer within 10 s'));
    const unanswered = await failureOf(upgrade('5.0.8', { sstables: true }));
    expect(unanswered.subtype).to.equal('sstables-not-upgraded');
    expect(unanswered.message).to.contain('no answer within 10 s');
    let resolve = (_isWhole: boolean): void => {};
    const promise = new Promise<boolean>((ended) => {
      resolve = ended;
    });
    host.sstablesEnd = { promise, resolve };
    const stopping = new AbortController();
    const stopped = upgrade(
      '5.0.8',
      { sstables: true },
      {
        stopping: stopping.signal,
        onEvent: ({ resource }) =>
          void (resource === 'ks' && setImmediate(() => stopping.abort(new Error('asked to stop')))),
      },
    ).catch((error: unknown) => error);
    expect(String(await stopped)).to.contain('asked to stop');
    expect(host.running).to.not.equal(null);
  });
});
