// The two tables: the README's copy cell by cell, and random walks held to an oracle of a few lines.
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { jobVerdict, nodeVerdict, type Verdict } from '../../../coordinator/core/machines.ts';
import {
  JOB_SIGNALS,
  JOB_TABLE,
  type JobSignal,
  NODE_SIGNALS,
  NODE_TABLE,
  type NodeSignal,
} from '../../../coordinator/core/status-table.ts';
import type { JobStatus } from '../../../shared/status.ts';

const readme = readFileSync('README.md', 'utf8').split('\n');

/** The rows of the README's table whose header begins with these words. */
function readmeTable(heading: string): Record<string, Record<string, string>> {
  const from = readme.findIndex((line) => line.startsWith(`| ${heading} |`));
  const cells = (line: string): string[] =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
  const signals = cells(readme[from] ?? '').slice(1);
  const table: Record<string, Record<string, string>> = {};
  for (let at = from + 2; readme[at]?.startsWith('|'); at += 1) {
    const [row = '', ...values] = cells(readme[at] ?? '');
    table[row.replace(', not over', '')] = Object.fromEntries(
      signals.map((signal, column) => [signal, values[column] ?? '']),
    );
  }
  return table;
}

/** What the walk saw: a word, whether it is over, or a signal that cannot be. */
type Standing = { status: JobStatus; over: boolean };
type Oracle<Signal> = (at: Standing, signal: Signal) => JobStatus | 'bug';

const FINAL: Readonly<Record<string, JobStatus>> = {
  succeeded: 'COMPLETE',
  failed: 'FAILED',
  terminated: 'TERMINATED',
};
const endsAs = (signal: string): JobStatus | undefined => FINAL[signal];

const jobOracle: Oracle<JobSignal> = ({ status, over }, signal) => {
  if (signal === 'started') return status === 'PENDING' && !over ? 'RUNNING' : 'bug';
  if (over) return status;
  if (status === 'PENDING' && signal !== 'terminated') return signal === 'orphaned' ? 'PENDING' : 'bug';
  if (signal === 'expired') return status === 'ORPHANED' ? 'ORPHANED' : 'bug';
  if (signal === 'orphaned') return 'ORPHANED';
  if (signal === 'quieted') return status === 'ORPHANED' ? 'ORPHANED' : 'IDLE';
  if (signal === 'doomed') return 'WILL_FAIL';
  return endsAs(signal) ?? 'RUNNING';
};

const nodeOracle: Oracle<NodeSignal> = ({ status, over }, signal) => {
  if (signal === 'dispatched') return over ? 'bug' : status === 'PENDING' ? 'RUNNING' : status;
  if (over) return status;
  if (signal === 'succeeded' && status === 'PENDING') return 'bug';
  if (endsAs(signal) !== undefined) return endsAs(signal) ?? 'bug';
  if (signal === 'entered') return 'RUNNING';
  if (signal === 'expired') return status === 'RUNNING' || status === 'IDLE' ? 'bug' : 'ORPHANED';
  if (status === 'PENDING') return 'PENDING';
  if (signal === 'orphaned') return 'ORPHANED';
  if (signal === 'quieted') return status === 'ORPHANED' ? 'ORPHANED' : 'IDLE';
  return 'RUNNING';
};

/** Walks from PENDING by random signals and holds each step to the oracle: the word, and whether it is over. */
function walk<Signal extends string>(
  signals: readonly Signal[],
  verdictOf: (status: JobStatus, over: boolean, signal: Signal) => Verdict,
  oracle: Oracle<Signal>,
): void {
  const oneWalk = fc.property(
    fc.array(fc.constantFrom(...signals), { size: 'max', maxLength: 30 }),
    (told) => {
      let at: Standing = { status: 'PENDING', over: false };
      for (const signal of told) {
        const verdict = verdictOf(at.status, at.over, signal);
        const expected = oracle(at, signal);
        const said = `${at.status}${at.over ? ', over' : ''} was ${signal}`;
        if (expected === 'bug') expect(verdict.kind, said).to.equal('bug');
        else {
          const over: boolean = at.over || endsAs(signal) !== undefined || signal === 'expired';
          const moves = expected !== at.status || over !== at.over;
          expect(verdict, said).to.deep.equal(
            moves ? { kind: 'move', to: expected, over } : { kind: 'stay' },
          );
          at = { status: expected, over };
        }
      }
    },
  );
  fc.assert(oneWalk, { numRuns: 2_000 });
}

describe('the status tables', () => {
  it("are the README's, cell by cell", () => {
    expect(readmeTable('job is / has')).to.deep.equal(JOB_TABLE);
    expect(readmeTable('node is / has')).to.deep.equal(NODE_TABLE);
  });

  it('take a job where the oracle says, whatever the order of signals', () => {
    walk(JOB_SIGNALS, jobVerdict, jobOracle);
  });

  it('take a node where the oracle says, whatever the order of signals', () => {
    walk(NODE_SIGNALS, nodeVerdict, nodeOracle);
  });

  it('call a final word on something that is not over a bug, and so a word that nodes do not have', () => {
    for (const status of ['COMPLETE', 'FAILED', 'TERMINATED'] as const) {
      expect(jobVerdict(status, false, 'woke')).to.deep.equal({ kind: 'bug' });
      expect(nodeVerdict(status, false, 'woke')).to.deep.equal({ kind: 'bug' });
    }
    expect(nodeVerdict('WILL_FAIL', false, 'woke')).to.deep.equal({ kind: 'bug' });
  });
});
