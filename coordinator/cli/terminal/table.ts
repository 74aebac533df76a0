// Rows as aligned columns; where the terminal is too narrow, the columns that may give way are cut.
import { harmless } from './harmless.ts';
import { fit, padTo, widthOf } from './text-width.ts';

export interface Column {
  head: string;
  /** may be cut when the terminal is too narrow: a text at its end, and before any name is; a name in its middle */
  yields?: 'text' | 'name';
  paint?: (padded: string, cell: string) => string;
}

const GAP = 2;
/** Who gives way, in this order, and down to how many columns: a text of 24 still says something. */
const TURNS = [
  { yields: ['text'], least: 24 },
  { yields: ['text', 'name'], least: 6 },
];

/** Takes what is too much from the widest columns whose turn it is, a character at a time. */
function narrowed(columns: readonly Column[], widths: readonly number[], most: number): number[] {
  const now = [...widths];
  const total = (): number => now.reduce((sum, width) => sum + width, 0) + GAP * (now.length - 1);
  for (const turn of TURNS)
    while (total() > most) {
      let widest = -1;
      for (const [at, { yields }] of columns.entries()) {
        const width = now[at] ?? 0;
        if (
          yields !== undefined &&
          turn.yields.includes(yields) &&
          width > turn.least &&
          width > (now[widest] ?? 0)
        )
          widest = at;
      }
      if (widest < 0) break;
      now[widest] = (now[widest] ?? 0) - 1;
    }
  return now;
}

/**
 * @param most columns of the terminal; null: as wide as it gets
 * @returns lines, the last column not padded
 */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  { most = null, heads = true }: { most?: number | null; heads?: boolean } = {},
): string[] {
  const clean = rows.map((row) => row.map(harmless));
  const natural = columns.map((column, at) =>
    Math.max(heads ? widthOf(column.head) : 0, ...clean.map((row) => widthOf(row[at] ?? ''))),
  );
  const widths = most === null ? natural : narrowed(columns, natural, most);
  const line = (cells: readonly string[], paint: boolean): string =>
    columns
      .map((column, at) => {
        const cell = fit(cells[at] ?? '', widths[at] ?? 0, column.yields === 'name' ? 'middle' : 'end');
        const padded = at === columns.length - 1 ? cell : padTo(cell, widths[at] ?? 0);
        return paint && cell !== '' && column.paint !== undefined
          ? column.paint(padded, cells[at] ?? '')
          : padded;
      })
      .join(' '.repeat(GAP))
      .trimEnd();
  return [
    ...(heads
      ? [
          line(
            columns.map(({ head }) => head),
            false,
          ),
        ]
      : []),
    ...clean.map((row) => line(row, true)),
  ];
}
