// The options of a job that concern its gate, from its data as it was checked when the job was made.
import { CONSISTENCY_LEVELS, type ConsistencyLevel } from './ring-view.ts';

export const GATE_TIMEOUT_S = 1_800;
/** Cassandra takes half a minute for the first hints to be on their way. */
export const HINTS_TIMEOUT_S = 60;

/** A list with commas between its members, as one text. */
const members = (text: unknown): string[] =>
  typeof text === 'string' && text.trim() !== '' ? text.split(',').map((member) => member.trim()) : [];

const levelOf = (word: unknown): ConsistencyLevel =>
  CONSISTENCY_LEVELS.find((level) => level === word) ?? 'LOCAL_QUORUM';

/** What is absent or null is the default. */
export function gateOptions(jobData: Readonly<Record<string, unknown>>) {
  const timeoutS = jobData['gate-timeout'];
  const hintsS = jobData['hints-timeout'];
  return {
    level: levelOf(jobData['consistency-level']),
    levels: Object.fromEntries(
      members(jobData['keyspace-levels']).map((member) => {
        const [keyspace = '', level] = member.split('=').map((part) => part.trim());
        return [keyspace, levelOf(level)];
      }),
    ),
    relaxed: members(jobData['relaxed-keyspaces']),
    timeoutMs: (typeof timeoutS === 'number' ? timeoutS : GATE_TIMEOUT_S) * 1_000,
    atLimit: jobData['gate-limit'] === 'hold' ? ('hold' as const) : ('fail' as const),
    hintsMs: (typeof hintsS === 'number' ? hintsS : HINTS_TIMEOUT_S) * 1_000,
    force: jobData['force'] === true,
    keepsApart: jobData['concurrency-strategy'] === 'fastest-safe',
  };
}
