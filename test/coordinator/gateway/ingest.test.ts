// Ingest: what is acknowledged is stored, in the order of each node, whatever the database refuses on the way.
import { expect } from 'chai';
import { type Delivery, Ingest, type StoreRecords } from '../../../coordinator/gateway/ingest.ts';
import { silentLogger } from '../../../shared/log.ts';
import type { WireRecord } from '../../../shared/wire/messages.ts';
import { eventually } from '../../support/eventually.ts';

const record = (runId: string, seq: number): WireRecord => ({
  runId,
  seq,
  body: { kind: 'unsupported', what: '' },
});
const finish = (seq: number, reason: string): WireRecord => ({
  runId: 'run',
  seq,
  body: { kind: 'finished', finish: { outcome: 'failed', reason, atMs: 1 } },
});
const wakes = { wake: () => {} };
const stored = { jobs: new Set<string>(), toLookAt: new Set<string>(), foreign: new Set<string>() };
const refused = () => {};

describe('ingest', () => {
  it("never stores a node's second batch beside its first, and lets other nodes pass", async () => {
    const begun: string[] = [];
    const ends: (() => void)[] = [];
    const store: StoreRecords = async (records) => {
      begun.push(records.map(({ record: { runId, seq } }) => `${runId}${seq}`).join());
      await new Promise<void>((resolve) => ends.push(resolve));
      return stored;
    };
    const acknowledged: string[] = [];
    const ingest = new Ingest(store, wakes, silentLogger);
    const deliver = (nodeId: string, seq: number) =>
      ingest.deliver({
        nodeId,
        bytes: 100,
        open: () => [record(nodeId, seq)],
        stored: () => acknowledged.push(`${nodeId}${seq}`),
        refused,
      });
    deliver('a', 1);
    deliver('a', 2);
    deliver('b', 1);
    await eventually(() => expect(begun).to.deep.equal(['a1', 'b1']));
    expect(acknowledged).to.deep.equal([]);
    ends[1]?.();
    await eventually(() => expect(acknowledged).to.deep.equal(['b1']));
    expect(begun).to.have.length(2);
    ends[0]?.();
    await eventually(() => expect(begun).to.deep.equal(['a1', 'b1', 'a2']));
    ends[2]?.();
    await eventually(() => expect(acknowledged).to.deep.equal(['b1', 'a1', 'a2']));
  });

  it('replaces the one record that the database refuses, and acknowledges only then', async () => {
    const kept: WireRecord[] = [];
    const store: StoreRecords = async (records) => {
      const bad = ({ record: { body } }: (typeof records)[number]): boolean =>
        body.kind === 'finished' && body.finish.reason === '\0';
      if (records.some(bad))
        throw Object.assign(new Error('unsupported Unicode escape sequence'), { code: '22P05' });
      kept.push(...records.map(({ record: one }) => one));
      return stored;
    };
    const ingest = new Ingest(store, wakes, silentLogger);
    await new Promise<void>((resolve) =>
      ingest.deliver({
        nodeId: 'n',
        bytes: 100,
        open: () => [record('run', 1), record('run', 2), finish(3, '\0'), record('other', 1)],
        stored: resolve,
        refused,
      }),
    );
    expect(kept.map(({ seq }) => seq)).to.deep.equal([1, 2, 3, 1]);
    expect(kept[2]?.body).to.have.nested.property('finish.outcome', 'failed');
  });

  it('waits for a database that is away and stores every record then', async () => {
    let tries = 0;
    const store: StoreRecords = async () => {
      tries += 1;
      if (tries === 1) throw Object.assign(new Error('terminating connection'), { code: '57P01' });
      return stored;
    };
    const ingest = new Ingest(store, wakes, silentLogger);
    await new Promise<void>((resolve) =>
      ingest.deliver({ nodeId: 'n', bytes: 100, open: () => [record('run', 1)], stored: resolve, refused }),
    );
    expect(tries).to.equal(2);
  });

  it('lets nodes take turns, however much one of them has', async () => {
    const begun: string[] = [];
    const ends: (() => void)[] = [];
    const store: StoreRecords = async (records) => {
      begun.push(records.map(({ record: { runId, seq } }) => `${runId}${seq}`).join());
      await new Promise<void>((resolve) => ends.push(resolve));
      return stored;
    };
    const ingest = new Ingest(store, wakes, silentLogger, 1);
    const deliver = (nodeId: string, seq: number, bytes: number) =>
      ingest.deliver({ nodeId, bytes, open: () => [record(nodeId, seq)], stored: () => {}, refused });
    deliver('a', 1, 700_000);
    deliver('a', 2, 700_000);
    deliver('a', 3, 700_000);
    deliver('b', 1, 200_000);
    deliver('b', 2, 200_000);
    deliver('c', 1, 600_000);
    for (let round = 0; round < 5; round += 1) {
      await eventually(() => expect(ends).to.have.length(round + 1));
      ends[round]?.();
    }
    // One that does not fit ends a transaction and is the first of the next: it is never passed over.
    expect(begun).to.deep.equal(['a1', 'b1,b2', 'c1', 'a2', 'a3']);
  });

  it('wakes whoever shows events, and a pass only for what may move a status', async () => {
    const woken: string[] = [];
    const ingest = new Ingest(
      async () => ({ jobs: new Set(['j', 'k']), toLookAt: new Set(['k']), foreign: new Set() }),
      { wake: (topic, id) => woken.push(`${topic} ${id}`) },
      silentLogger,
    );
    await new Promise<void>((resolve) =>
      ingest.deliver({ nodeId: 'n', bytes: 100, open: () => [record('run', 1)], stored: resolve, refused }),
    );
    expect(woken).to.deep.equal(['events j', 'events k', 'job k']);
  });

  it('acknowledges nothing behind a batch that cannot be stored in any form, and goes on with other nodes', async () => {
    const store: StoreRecords = async (records) => {
      if (records.some(({ nodeId }) => nodeId === 'a'))
        throw Object.assign(new Error('no partition of relation found for row'), { code: '23514' });
      return stored;
    };
    const told: string[] = [];
    const ingest = new Ingest(store, wakes, silentLogger, 1);
    const deliver = (nodeId: string, seq: number) =>
      ingest.deliver({
        nodeId,
        bytes: 100,
        open: () => [record(nodeId, seq)],
        stored: () => told.push(`${nodeId}${seq} stored`),
        refused: () => told.push(`${nodeId}${seq} refused`),
      });
    deliver('b', 1); // in a transaction by itself while the others gather
    deliver('a', 1);
    deliver('a', 2);
    deliver('b', 2);
    deliver('c', 1);
    await eventually(() => expect(told).to.have.length(5));
    expect(told).to.deep.equal(['b1 stored', 'a1 refused', 'a2 refused', 'c1 stored', 'b2 stored']);
  });

  it('takes no failure of the statement itself for a fault of the records', async () => {
    const kept: WireRecord[] = [];
    let tries = 0;
    const store: StoreRecords = async (records) => {
      tries += 1;
      if (tries === 1)
        throw Object.assign(new Error('canceling statement due to statement timeout'), { code: '57014' });
      kept.push(...records.map(({ record: one }) => one));
      return stored;
    };
    const ingest = new Ingest(store, wakes, silentLogger);
    const sent = [record('run', 1), finish(2, 'why')];
    await new Promise<void>((resolve) =>
      ingest.deliver({ nodeId: 'n', bytes: 100, open: () => sent, stored: resolve, refused }),
    );
    expect(kept).to.deep.equal(sent);
  });

  /** Fails on everything that holds record 2 of node `a`, and keeps the rest. */
  const failingOnOne = (code: string) => {
    const kept: string[] = [];
    const store: StoreRecords = async (records) => {
      const isBad = ({ nodeId, record: { seq, body } }: (typeof records)[number]): boolean =>
        nodeId === 'a' && seq === 2 && body.kind === 'finished' && body.finish.reason === 'bad';
      if (records.some(isBad)) throw Object.assign(new Error('what nobody expected'), { code });
      kept.push(...records.map(({ nodeId, record: { seq, body } }) => `${nodeId}${seq} ${body.kind}`));
      return stored;
    };
    return { store, kept };
  };
  const bothOf = async (store: StoreRecords): Promise<string[]> => {
    const told: string[] = [];
    const ingest = new Ingest(store, wakes, silentLogger, 1);
    const deliver = (nodeId: string, records: WireRecord[]) =>
      ingest.deliver({
        nodeId,
        bytes: 100,
        open: () => records,
        stored: () => told.push(`${nodeId} stored`),
        refused: () => told.push(`${nodeId} refused`),
      });
    deliver('c', [record('c', 1)]); // in a transaction by itself while the others gather
    deliver('a', [record('a', 1), finish(2, 'bad')]);
    deliver('b', [record('b', 1)]);
    await eventually(() => expect(told).to.have.length(3));
    return told;
  };

  it('replaces a record that fails again and again for a reason that nobody knows: no lane is held by it', async () => {
    const { store, kept } = failingOnOne('XX000');
    expect(await bothOf(store)).to.deep.equal(['c stored', 'a stored', 'b stored']);
    expect(kept).to.deep.equal(['c1 unsupported', 'a1 unsupported', 'a2 finished', 'b1 unsupported']);
  });

  it('replaces nothing that only came at a bad moment, however long that lasts: its agent brings it again', async () => {
    const { store, kept } = failingOnOne('57014');
    expect(await bothOf(store)).to.deep.equal(['c stored', 'a refused', 'b stored']);
    expect(kept).to.deep.equal(['c1 unsupported', 'a1 unsupported', 'b1 unsupported']);
  });

  it('gives up the end of a run that cannot be stored in any form, and does not try for ever', async () => {
    const store: StoreRecords = async () => {
      throw Object.assign(new Error('no partition of relation found for row'), { code: '23514' });
    };
    const ingest = new Ingest(store, wakes, silentLogger);
    await new Promise<void>((resolve) =>
      ingest.deliver({
        nodeId: 'n',
        bytes: 100,
        open: () => [finish(1, 'why')],
        stored: refused,
        refused: resolve,
      }),
    );
  });

  it('opens a batch only when its turn has come, and never one that was withdrawn', async () => {
    const opened: string[] = [];
    const ends: (() => void)[] = [];
    const store: StoreRecords = async () => {
      await new Promise<void>((resolve) => ends.push(resolve));
      return stored;
    };
    const ingest = new Ingest(store, wakes, silentLogger, 1);
    const deliver = (nodeId: string, seq: number): Delivery => {
      const open = () => {
        opened.push(`${nodeId}${seq}`);
        return [record(nodeId, seq)];
      };
      const delivery: Delivery = { nodeId, bytes: 100, open, stored: () => {}, refused };
      ingest.deliver(delivery);
      return delivery;
    };
    deliver('a', 1);
    const waiting = [deliver('a', 2), deliver('b', 1)];
    deliver('b', 2);
    deliver('c', 1);
    expect(opened).to.deep.equal(['a1']);
    for (const nodeId of ['a', 'b']) ingest.withdraw(nodeId, new Set(waiting));
    ends[0]?.();
    await eventually(() => expect(opened).to.deep.equal(['a1', 'b2', 'c1']));
    ends[1]?.();
  });
});
