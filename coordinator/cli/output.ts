// What commands print: data on stdout in the format asked for, everything else on stderr.
import { Document, isScalar, visit } from 'yaml';
import type { Json } from './rest-client.ts';
import { type Colours, coloursFor, paintStatus, wantsColour } from './terminal/colours.ts';
import { harmless, harmlessJson, needsQuotes } from './terminal/harmless.ts';
import { type Column, tableLines } from './terminal/table.ts';

export const FORMATS = ['table', 'wide', 'json', 'yaml'] as const;
export type Format = (typeof FORMATS)[number];

/** What is needed of stdout and stderr. */
export interface Sink {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
  rows?: number;
}

export interface OutputOptions {
  output: Format;
  headers: boolean;
  quiet: boolean;
  color: boolean;
}

/** Strings that could steer a terminal are written with escapes; read back they are the same. */
export function yamlText(value: unknown): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar: (_key, node) => {
      if (isScalar(node) && typeof node.value === 'string' && needsQuotes(node.value))
        node.type = 'QUOTE_DOUBLE';
    },
  });
  return harmlessJson(document.toString({ lineWidth: 0 }));
}

export class Output {
  readonly out: Sink;
  readonly err: Sink;
  readonly format: Format;
  readonly quiet: boolean;
  /** for stdout and for stderr, which need not be the same terminal */
  readonly colours: Colours;
  readonly errColours: Colours;
  readonly #heads: boolean;

  constructor(
    out: Sink,
    err: Sink,
    options: OutputOptions,
    env: Readonly<Record<string, string | undefined>>,
  ) {
    this.out = out;
    this.err = err;
    this.format = options.output;
    this.quiet = options.quiet;
    this.#heads = options.headers;
    this.colours = coloursFor(wantsColour(out.isTTY === true, options.color, env));
    this.errColours = coloursFor(wantsColour(err.isTTY === true, options.color, env));
  }

  get isData(): boolean {
    return this.format === 'json' || this.format === 'yaml';
  }

  get columns(): number | null {
    return this.out.isTTY === true ? (this.out.columns ?? 80) : null;
  }

  /** Already harmless, or our own words. */
  line(text: string): void {
    this.out.write(`${text}\n`);
  }

  /** For the person; never data. Already harmless, or our own words. */
  note(text: string): void {
    this.err.write(`${text}\n`);
  }

  /** A value as the API gave it. */
  data(value: unknown): void {
    if (this.format === 'yaml') this.out.write(yamlText(value));
    else this.line(harmlessJson(JSON.stringify(value, null, 2)));
  }

  ids(records: readonly Json[]): void {
    for (const record of records) this.line(harmless(String(record['id'])));
  }

  table(columns: readonly Column[], rows: readonly (readonly string[])[]): void {
    const options = { most: this.columns, heads: this.#heads };
    for (const line of tableLines(columns, rows, options)) this.line(line);
  }

  /** Names and values below one another. */
  sheet(pairs: readonly (readonly [string, string])[]): void {
    const width = Math.max(0, ...pairs.map(([name]) => name.length));
    for (const [name, value] of pairs)
      this.line(`${this.colours.dim(name.padEnd(width))}  ${harmless(value)}`.trimEnd());
  }

  /** A list: records as data or ids, else the table that `rows` makes of them. */
  list(
    records: readonly Json[],
    columns: readonly Column[],
    rows: readonly (readonly string[])[],
    nothing: string,
  ): void {
    if (this.quiet) this.ids(records);
    else if (this.isData) this.data(records);
    else if (records.length === 0) this.note(nothing);
    else this.table(columns, rows);
  }

  /** A column whose cells are statuses. */
  statusColumn(head = 'STATUS'): Column {
    return { head, paint: (padded, cell) => paintStatus(this.colours, padded, cell) };
  }
}

/** How a value of a field is shown in a table or sheet. */
export function cell(value: unknown): string {
  if (value === null || value === undefined) return '-';
  if (typeof value === 'object') return JSON.stringify(value);
  return value === true ? 'yes' : value === false ? 'no' : String(value);
}
