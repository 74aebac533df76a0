// Ingest: what is acknowledged is stored, in the order of each node, whatever the database refuses on the way.
import { expect } from 'chai';
import { Ingest, type StoreRecords } from '../../../coordinator/gateway/ingest.ts';
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
const stored = { jobs: new Set<string>(), foreign: new Set<string>() };

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
        records: [record(nodeId, seq)],
        stored: () => acknowledged.push(`${nodeId}${seq}`),
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
        records: [record('run', 1), record('run', 2), finish(3, '\0'), record('other', 1)],
        stored: resolve,
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
      ingest.deliver({ nodeId: 'n', records: [record('run', 1)], stored: resolve }),
    );
    expect(tries).to.equal(2);
  });
});
