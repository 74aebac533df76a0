// What the outbox writes: entries, acknowledgements, counts of dropped events and, at the head of each segment, its table of runs.

/** run id, last seq, acknowledged seq, whether its finish is stored, events dropped and not yet told */
export type RunLine = readonly [
  runId: string,
  last: number,
  acked: number,
  finished: boolean,
  dropped: number,
];

export type EntryTag =
  /** An event. */
  | 'event'
  /** The finish of a run: the last entry of it. */
  | 'finish'
  /** Stands for events that were dropped, and settles their count. */
  | 'dropped';

export type OutboxRecord =
  | readonly [tag: EntryTag, runId: string, seq: number, body: unknown]
  /** Stored by the coordinator up to and including seq. Not synced: losing it only means sending again. */
  | readonly [tag: 'ack', runId: string, seq: number]
  /** Events of a run dropped since the last entry that told of it. */
  | readonly [tag: 'drops', runId: string, count: number]
  | readonly [tag: 'forget', runId: string]
  | readonly [tag: 'runs', lines: readonly RunLine[]];

/** The checksum vouches for the bytes, and only we write them: so no shape is checked here. */
export const decodeRecord = (payload: string): OutboxRecord => JSON.parse(payload) as OutboxRecord;

export const encodeRecord = (record: OutboxRecord): string => JSON.stringify(record);

/** The same as encodeRecord for an entry, with a body that is JSON text already. */
export const encodeEntry = (tag: EntryTag, runId: string, seq: number, bodyJson: string): string =>
  `["${tag}",${JSON.stringify(runId)},${seq},${bodyJson}]`;

export const isEntry = (
  record: OutboxRecord,
): record is readonly [tag: EntryTag, runId: string, seq: number, body: unknown] =>
  record[0] === 'event' || record[0] === 'finish' || record[0] === 'dropped';
