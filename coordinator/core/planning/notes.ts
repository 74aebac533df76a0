// What whoever reads a plan should know about it, in sentences.
import type { JobType } from '../../../shared/actions.ts';
import type { Strategy } from '../../../shared/job-options.ts';
import { listed } from '../gate/keyspace-names.ts';
import { iso } from '../waiting.ts';
import { type Bounds, isOneByOne, isSplit, type NodeToPlan } from './batches.ts';
import { spokenSeconds, type Times } from './estimate.ts';
import { keyspaceNotes } from './keyspace-notes.ts';

export interface PlanToTell {
  type: JobType;
  asked: Strategy;
  bounds: Bounds;
  canary: { batches: number; waitS: number } | null;
  batches: readonly (readonly (NodeToPlan & { name: string })[])[];
  times: Times;
  settleS: number;
  isOnlyStale: boolean;
  rewritesTables: boolean;
  /** as of when is known who shares token ranges, of the node of which that is oldest; null: of none */
  seenMs: number | null;
  /** its ring has no other node */
  isAlone: boolean;
}

const many = (count: number): string => `${count} ${count === 1 ? 'node' : 'nodes'}`;

function timesNote({ type, batches, times }: PlanToTell): string {
  const others = batches.flat().length - times.measuredNodes;
  const seconds = `${Math.ceil(times.otherwiseSeconds)} s`;
  if (times.measuredNodes === 0)
    return `No ${type} of these nodes has been measured yet: ${seconds} are taken for each.`;
  const rest = others === 0 ? '' : `; ${seconds} are taken for ${many(others)} without one`;
  return `The time rests on the last ${type} that went well of ${many(times.measuredNodes)}${rest}.`;
}

/** What the time counts though it may not be so, or the other way round. */
const optionNotes = ({ type, settleS, isOnlyStale, rewritesTables }: PlanToTell): string[] => [
  ...(settleS === 0
    ? []
    : [`Each node has ${spokenSeconds(settleS)} more, in which it is left in peace (settle-seconds).`]),
  ...(isOnlyStale
    ? [
        `The time is that of a ${type} of all: which nodes are stale is not known before each is looked at, and those that are not take seconds (only-stale).`,
      ]
    : []),
  ...(rewritesTables
    ? [
        'How long sstables are rewritten for is not known, and is counted as far as the last upgrades did so too (upgrade-sstables).',
      ]
    : []),
];

function canaryNotes({ canary, batches }: PlanToTell): string[] {
  if (canary === null) return [];
  const names = listed(
    batches
      .slice(0, canary.batches)
      .flat()
      .map(({ name }) => name),
  );
  if (canary.batches === batches.length)
    return [
      `The canaries are all of its nodes (${names}): they come one at a time, and nothing is waited for.`,
    ];
  const first = `Before the others comes ${names}`;
  const { waitS } = canary;
  const when = waitS === 0 ? 'once' : `after ${spokenSeconds(waitS)}, or as soon as`;
  return [`${first}; the job goes on with them ${when} it is resumed.`];
}

/** The longest first that everybody should know. */
export function notesOf(plan: PlanToTell): string[] {
  const { type, asked, bounds, batches } = plan;
  const notes = [timesNote(plan), ...optionNotes(plan), ...canaryNotes(plan)];
  if (bounds.strategy !== asked)
    notes.push(`An ${type} works on one node at a time, whatever concurrency-strategy says.`);
  const unknown = batches.flat().filter(({ sharing }) => sharing === null);
  if (unknown.length > 0) {
    const alone = !isOneByOne(bounds) && isSplit(bounds) ? '; each is alone in its batch' : '';
    notes.push(
      `Not known before a check of them, or a first stop: who shares token ranges with ${listed(unknown.map(({ name }) => name))}${alone}.`,
    );
  }
  // Keyspaces are altered and nodes move at any time.
  if (plan.seenMs !== null)
    notes.push(
      `Who shares token ranges is known as of ${iso(plan.seenMs)}, where that is oldest, without keyspaces made or altered since: a check of the nodes renews what is older than an hour.`,
    );
  const isApart =
    bounds.strategy === 'fastest-safe'
      ? ', but none while one that shares its token ranges is away by this job or one before it'
      : '';
  notes.push(
    bounds.gate.force
      ? `With force nodes are stopped whatever is lost by it${isApart}.`
      : 'The gate looks at the ring before each stop all the same, and may have a node of a batch wait for another.',
  );
  return [...notes, ...keyspaceNotes(batches.flat(), bounds.gate, plan.isAlone)];
}
