// The two tables: the README's copy cell by cell, and random walks held to a five-line oracle.
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { jobVerdict, nodeVerdict } from '../../../coordinator/core/machines.ts';
import { JOB_SIGNALS, JOB_TABLE, NODE_SIGNALS, NODE_TABLE } from '../../../coordinator/core/status-table.ts';

const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8').split('\n');

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

const FINAL = { succeeded: 'COMPLETE', failed: 'FAILED', terminated: 'TERMINATED' } as const;

describe('the status tables', () => {
  it("are the README's, cell by cell", () => {
    expect(readmeTable('job is / has')).to.deep.equal(JOB_TABLE);
    expect(readmeTable('node is / has')).to.deep.equal(NODE_TABLE);
  });

  it('never leave a job that is over, whatever is signalled', () => {
    for (const signal of JOB_SIGNALS) expect(jobVerdict('COMPLETE', true, signal).kind).to.not.equal('move');
  });

  it('walk as the oracle says: a final signal ends, silence is IDLE, a sign of life is RUNNING', () => {
    const oracle = (status: string, signal: string): string | null => {
      if (signal in FINAL) return FINAL[signal as keyof typeof FINAL];
      if (signal === 'quieted') return status === 'ORPHANED' ? status : 'IDLE';
      if (signal === 'doomed') return 'WILL_FAIL';
      if (signal === 'orphaned' || signal === 'expired') return 'ORPHANED';
      return status === 'IDLE' || status === 'ORPHANED' || signal === 'started' ? 'RUNNING' : status;
    };
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...JOB_SIGNALS), { maxLength: 20 }), (signals) => {
        let status = 'RUNNING';
        let over = false;
        for (const signal of signals) {
          const verdict = jobVerdict(status as 'RUNNING', over, signal);
          if (verdict.kind === 'bug') continue;
          const expected = over ? status : oracle(status, signal);
          if (verdict.kind === 'move') {
            status = verdict.to;
            over = verdict.over;
          }
          expect(status).to.equal(expected);
          expect(over).to.equal(over || signal in FINAL);
        }
      }),
    );
  });

  it('end a node that never started at once when the job expires', () => {
    expect(nodeVerdict('PENDING', false, 'expired')).to.deep.equal({
      kind: 'move',
      to: 'ORPHANED',
      over: true,
    });
    for (const signal of NODE_SIGNALS) expect(nodeVerdict('FAILED', true, signal).kind).to.not.equal('move');
  });
});
