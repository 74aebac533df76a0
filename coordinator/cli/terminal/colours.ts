// Colours of statuses and of a plan; none unless a person looks at a terminal that wants them.
import pc from 'picocolors';
import type { JobStatus } from '../../../shared/status.ts';

export type Colours = ReturnType<typeof pc.createColors>;

/** https://no-color.org: set and not empty means no. */
export const wantsColour = (
  terminal: boolean,
  flag: boolean,
  env: Readonly<Record<string, string | undefined>>,
): boolean => terminal && flag && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';

export const coloursFor = (wanted: boolean): Colours => pc.createColors(wanted);

const OF_STATUS = {
  PENDING: 'dim',
  RUNNING: 'cyan',
  FAILED: 'red',
  WILL_FAIL: 'red',
  COMPLETE: 'green',
  IDLE: 'yellow',
  TERMINATED: 'magenta',
  ORPHANED: 'yellow',
} as const satisfies Record<JobStatus, keyof Colours>;

/** @param shown the status itself, perhaps padded */
export function paintStatus(colours: Colours, shown: string, status: string = shown): string {
  const name = Object.hasOwn(OF_STATUS, status) ? OF_STATUS[status as JobStatus] : null;
  return name === null ? shown : colours[name](shown);
}
