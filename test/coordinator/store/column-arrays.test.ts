// Rows handed over as arrays: whatever a text holds, PostgreSQL gets exactly that.
import { expect } from 'chai';
import fc from 'fast-check';
import { sql } from 'kysely';
import { unnest } from '../../../coordinator/store/column-arrays.ts';
import { createMigratedDatabase } from '../../support/database.ts';

const COLUMNS = { n: 'int', word: 'text', yes: 'boolean', data: 'json' };
type Row = { n: number; word: string | null; yes: boolean; data: string | null };

describe('rows as arrays', function () {
  this.timeout(60_000);
  let database: Awaited<ReturnType<typeof createMigratedDatabase>>;
  before(async () => {
    database = await createMigratedDatabase();
  });
  after(() => database.drop());

  const through = async (rows: readonly Row[]): Promise<Row[]> =>
    (
      await sql<Row>`select n, word, yes, data::text as data
        from ${unnest(COLUMNS, rows, (row, name) => row[name])} r (n, word, yes, data)`.execute(database.db)
    ).rows;

  it('come out as they went in', async () => {
    const hostile = fc.constantFrom(
      '',
      'null',
      'NULL',
      '{}',
      '{a,b}',
      '"',
      '\\',
      '\\"',
      ',',
      ' ',
      '\n',
      '"},{"',
    );
    const text = fc.oneof(
      hostile,
      fc.string({ unit: 'grapheme' }),
      fc.array(hostile).map((parts) => parts.join('')),
    );
    const word = text.filter((value) => !value.includes('\0'));
    const row = fc.record({
      n: fc.integer({ min: -1_000, max: 1_000 }),
      word: fc.option(word),
      yes: fc.boolean(),
      data: fc.option(
        fc.object({ key: word, values: [word] }).map((value) => JSON.stringify(value, null, 1)),
      ),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1 }), async (rows) => {
        expect(await through(rows)).to.deep.equal(rows);
      }),
      { numRuns: 200 },
    );
  });

  it('are refused when a text is no value of its type, instead of passing for several', async () => {
    const refused = async (data: string): Promise<unknown> =>
      through([{ n: 1, word: 'w', yes: true, data }]).then(
        () => 'taken',
        ({ code }) => code,
      );
    expect(await refused('{"a":1}","{"b":2}')).to.equal('22P02');
    expect(await refused('')).to.equal('22P02');
  });
});
