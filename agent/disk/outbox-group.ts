// What one group of requests to the outbox becomes on disk: numbers given, events dropped when the bound is reached, drops told.
import { frameBytes } from './frame.ts';
import type { DescribeDropped } from './outbox-mend.ts';
import { type EntryTag, encodeEntry, encodeRecord, type OutboxRecord } from './outbox-records.ts';
import type { RunState } from './run-table.ts';

export interface Asked {
  do: 'append-event' | 'append-failure' | 'append-finish' | 'forget-run';
  runId: string;
  body: unknown;
  bodyJson: string;
  /** Called with the seq given; 0 when the event was dropped or there was none to give. */
  settle(seq: number): void;
  fail(error: unknown): void;
}

/** What a group may take as given. */
export interface GroupWorld {
  run(runId: string): Readonly<RunState> | undefined;
  /** Runs with drops that no entry has told of yet. */
  runsWithDrops: Iterable<string>;
  acks: readonly (readonly [runId: string, seq: number])[];
  /** Bytes left under the bound; may be negative. */
  roomBytes: number;
  /** Drops are told without an event to go with only when this much is free, or the telling itself would fill the disk. */
  easyRoomBytes: number;
  describeDropped: DescribeDropped;
}

export interface GroupRecord {
  record: OutboxRecord;
  payload: string;
  /** On disk, frame included. */
  bytes: number;
}

export interface Group {
  records: GroupRecord[];
  /** For each request, in order, what to settle it with. */
  seqs: number[];
  /** Runs with drops still to be told of, and how many. */
  drops: [runId: string, count: number][];
}

const DRAFTED_BY = {
  'append-event': 'event',
  'append-failure': 'failure',
  'append-finish': 'finish',
  'forget-run': 'forget',
} as const satisfies Record<Asked['do'], keyof Draft>;

/** Decides; changes nothing. The records are to be applied to the table of runs once they are on disk. */
export function groupOf(asked: readonly Asked[], world: GroupWorld): Group {
  const draft = new Draft(world);
  const seqs = asked.map((one) => draft[DRAFTED_BY[one.do]](one));
  draft.tellDrops();
  for (const [runId, seq] of world.acks) draft.put(['ack', runId, seq]);
  return { records: draft.records, seqs, drops: draft.drops() };
}

class Draft {
  readonly records: GroupRecord[] = [];
  readonly #world: GroupWorld;
  readonly #runs = new Map<string, { last: number; dropped: number }>();
  #roomBytes: number;

  constructor(world: GroupWorld) {
    this.#world = world;
    this.#roomBytes = world.roomBytes;
  }

  event({ runId, body, bodyJson }: Asked): number {
    const run = this.#run(runId);
    const told = run.dropped > 0 ? this.#telling(runId) : null;
    const seq = run.last + (told === null ? 1 : 2);
    const entry = toEntry('event', runId, seq, body, bodyJson);
    if ((told?.bytes ?? 0) + entry.bytes > this.#roomBytes) {
      run.dropped++;
      // Remembered at 1, 2, 4, 8, …: a restart then knows of the drops, and counting them does not fill the disk.
      if ((run.dropped & (run.dropped - 1)) === 0) this.put(['drops', runId, run.dropped]);
      return 0;
    }
    if (told !== null) this.#add(told);
    this.#add(entry);
    return seq;
  }

  failure(asked: Asked): number {
    return this.#keep('event', asked);
  }

  finish(asked: Asked): number {
    return this.#keep('finish', asked);
  }

  forget({ runId }: Asked): number {
    this.put(['forget', runId]);
    this.#runs.set(runId, { last: 0, dropped: 0 });
    return 0;
  }

  tellDrops(): void {
    if (this.#roomBytes < this.#world.easyRoomBytes) return;
    for (const runId of this.#world.runsWithDrops) {
      if (this.#run(runId).dropped > 0) this.#add(this.#telling(runId));
    }
  }

  drops(): [runId: string, count: number][] {
    return [...this.#runs].flatMap(([runId, { dropped }]) => (dropped > 0 ? [[runId, dropped]] : []));
  }

  put(record: OutboxRecord): void {
    const payload = encodeRecord(record);
    this.#push({ record, payload, bytes: frameBytes(payload) });
  }

  /** Whatever the bound says, and behind what tells of the drops. */
  #keep(tag: EntryTag, { runId, body, bodyJson }: Asked): number {
    const run = this.#run(runId);
    if (run.dropped > 0) this.#add(this.#telling(runId));
    const seq = run.last + 1;
    this.#add(toEntry(tag, runId, seq, body, bodyJson));
    return seq;
  }

  #run(runId: string): { last: number; dropped: number } {
    const known = this.#runs.get(runId);
    if (known !== undefined) return known;
    const stored = this.#world.run(runId);
    const run = { last: stored?.last ?? 0, dropped: stored?.dropped ?? 0 };
    this.#runs.set(runId, run);
    return run;
  }

  /** The entry that tells of a run's drops. It takes the next number: dropped events had none. */
  #telling(runId: string): GroupRecord {
    const { last, dropped } = this.#run(runId);
    const body = this.#world.describeDropped(runId, dropped, last + 1, last + 1, 'events');
    return toEntry('dropped', runId, last + 1, body, JSON.stringify(body));
  }

  #add(entry: GroupRecord): void {
    const [tag, runId, seq] = entry.record;
    const run = this.#run(String(runId));
    run.last = Number(seq);
    if (tag === 'dropped') run.dropped = 0;
    this.#push(entry);
  }

  #push(record: GroupRecord): void {
    this.records.push(record);
    this.#roomBytes -= record.bytes;
  }
}

function toEntry(tag: EntryTag, runId: string, seq: number, body: unknown, bodyJson: string): GroupRecord {
  const payload = encodeEntry(tag, runId, seq, bodyJson);
  return { record: [tag, runId, seq, body], payload, bytes: frameBytes(payload) };
}
