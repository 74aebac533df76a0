// What must hold of anything shown: harmless, true to what it was, and never wider or higher than the terminal.
import { expect } from 'chai';
import fc from 'fast-check';
import { parse } from 'yaml';
import { liveView } from '../../../../coordinator/cli/jobs/live-view.ts';
import { WatchedJob } from '../../../../coordinator/cli/jobs/watched-job.ts';
import { yamlText } from '../../../../coordinator/cli/output.ts';
import { coloursFor } from '../../../../coordinator/cli/terminal/colours.ts';
import { harmless, harmlessJson, harmlessLines } from '../../../../coordinator/cli/terminal/harmless.ts';
import { tableLines } from '../../../../coordinator/cli/terminal/table.ts';
import { fit, widthOf, wrap } from '../../../../coordinator/cli/terminal/text-width.ts';
import { JOB_STATUSES } from '../../../../shared/status.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const STEERS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;
const hostile = fc.constantFrom(
  '\u001b[2J',
  '\u009b31m',
  '\u202e',
  '\u2066',
  '\u0007',
  '\r',
  '\u200b',
  '\ufeff',
  '\u0000',
);
const text = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      hostile,
      fc.constantFrom('表', '🙂', 'e\u0301', '\n', '\t', ': #'),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''));
const plain = coloursFor(false);

describe('what is shown on a terminal', () => {
  it('holds nothing that could steer it', () => {
    fc.assert(
      fc.property(text, fc.dictionary(text, text), (line, map) => {
        expect(harmless(line))
          .not.to.match(STEERS)
          .and.not.to.match(/[\n\t]/);
        for (const one of harmlessLines(line)) expect(one).not.to.match(STEERS);
        expect(harmlessJson(JSON.stringify(map))).not.to.match(STEERS);
        expect(yamlText(map)).not.to.match(STEERS);
      }),
    );
  });

  it('is, as JSON and YAML, what it was', () => {
    const value = fc.dictionary(
      text,
      fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null), fc.array(text)),
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(value, (map) => {
        expect(JSON.parse(harmlessJson(JSON.stringify(map)))).to.deep.equal(map);
        if (!Object.hasOwn(map, '__proto__')) expect(parse(yamlText(map))).to.deep.equal(map);
      }),
    );
  });

  it('is cut to fit, and not where it fits', () => {
    fc.assert(
      fc.property(
        text.map(harmless),
        fc.nat(40),
        fc.constantFrom('end' as const, 'middle' as const),
        (line, columns, at) => {
          const cut = fit(line, columns, at);
          expect(widthOf(cut)).to.be.at.most(columns);
          if (widthOf(line) <= columns) expect(cut).to.equal(line);
        },
      ),
    );
  });

  it('goes on in further lines, of which there are only so many', () => {
    fc.assert(
      fc.property(
        text.map(harmless),
        fc.integer({ min: 4, max: 40 }),
        fc.integer({ min: 1, max: 5 }),
        (line, columns, most) => {
          const lines = wrap(line, columns, most, '  ');
          expect(lines.length).to.be.within(1, most);
          for (const one of lines) expect(widthOf(one)).to.be.at.most(columns);
          if (widthOf(line) <= columns) expect(lines).to.deep.equal([line]);
        },
      ),
    );
    expect(wrap(' a', 5, 2, '  ')).to.deep.equal([' a']);
    const told = 'Held since the canary n2 failed: resume the job, or terminate it';
    expect(wrap(told, 30, 4, '  ')).to.deep.equal([
      'Held since the canary n2',
      '  failed: resume the job, or',
      '  terminate it',
    ]);
    expect(wrap(told, 30, 2, '  ')).to.deep.equal([
      'Held since the canary n2',
      '  failed: resume the job, or …',
    ]);
  });

  it('keeps both ends of a name that is cut', () => {
    expect(fit('node-with-a-name-042', 12, 'middle')).to.equal('node-wi…-042');
    expect(fit('表表表表表表', 8, 'middle')).to.equal('表表…表');
  });

  it('gives names the room of texts, as long as these still say something', () => {
    const columns = [
      { head: 'NAME', yields: 'name' },
      { head: 'WHAT', yields: 'text' },
    ] as const;
    const row = ['a-name-of-thirty-characters-042', `${'what it says '.repeat(4)}`];
    const [line] = tableLines(columns, [row], { most: 60, heads: false });
    expect(line).to.equal('a-name-of-thirty-characters-042  what it says what it says …');
    expect(tableLines(columns, [row], { most: 40, heads: false })).to.deep.equal([
      'a-name-of-t…ers-042  what it says what …',
    ]);
  });

  it('stands in columns, as wide as the terminal allows', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 14, max: 60 }),
        (rows, most) => {
          const lines = tableLines(
            [
              { head: 'A', yields: 'name' },
              { head: 'B', yields: 'text' },
            ],
            rows,
            { most },
          );
          for (const line of lines) expect(widthOf(line)).to.be.at.most(most);
          expect(lines).to.have.length(rows.length + 1);
        },
      ),
    );
  });

  it('is, of a job under way, one picture that fits the terminal and counts every node', () => {
    const node = fc.record({
      name: text,
      datacenter: text,
      status: fc.constantFrom(...JOB_STATUSES),
      said: text,
    });
    fc.assert(
      fc.property(
        fc.array(node, { maxLength: 40 }),
        fc.record({ columns: fc.integer({ min: 60, max: 160 }), rows: fc.integer({ min: 6, max: 30 }) }),
        fc.constantFrom(...JOB_STATUSES),
        text,
        (nodes, size, status, name) => {
          const now = Date.now();
          const waiting = { what: name };
          const watched = new WatchedJob({
            'job-type': 'restart',
            'cluster-name': name,
            status,
            'waiting-for': waiting,
            'created-on': new Date(now).toISOString(),
            'modified-on': new Date(now).toISOString(),
          });
          watched.nodes = nodes.map((one, at) => ({
            ...one,
            nodeId: String(at),
            label: one.name,
            progress: { 'step-number': 1, 'step-count': 2, step: name },
          }));
          const lines = liveView(watched, size, now, plain, 'connection lost');
          expect(lines.length).to.be.at.most(size.rows - 1);
          for (const line of lines) {
            expect(line).not.to.match(STEERS);
            expect(widthOf(line)).to.be.at.most(size.columns);
          }
          const hidden = Number(/and (\d+) more/.exec(lines.at(-1) ?? '')?.[1] ?? 0);
          const heads =
            lines.filter((line) => line.includes('connection lost') || line.startsWith('…')).length + 1;
          expect(lines.length - heads - (hidden > 0 ? 1 : 0) + hidden).to.equal(nodes.length);
        },
      ),
    );
  });
});
