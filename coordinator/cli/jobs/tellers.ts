// Three ways to tell of a job while it runs: a picture that is redrawn, plain lines, or its stream as data.
import { setInterval as every } from 'node:timers';
import type { Output } from '../output.ts';
import { yamlText } from '../output.ts';
import type { Json } from '../rest-client.ts';
import { harmlessJson } from '../terminal/harmless.ts';
import { Screen } from '../terminal/screen.ts';
import { ENDED } from './job-words.ts';
import { liveView } from './live-view.ts';
import { dayOf, plainLines } from './plain-lines.ts';
import { inOrder } from './told-order.ts';
import type { Telling, WatchedJob } from './watched-job.ts';

export interface Teller {
  /** a message of the stream, and what came of it */
  seen(kind: string, data: Json, tellings: readonly Telling[]): void;
  nodes(tellings: readonly Telling[]): void;
  /** null: the connection stands again */
  link(problem: string | null): void;
  end(): void;
}

const REDRAW_MS = 250;
/** Lines wait no longer than this for the statuses of nodes that belong among them. */
const HOLD_MS = 1_000;

/** Rows redrawn in place; errors, and looks worth a line, scroll by above them and stay. */
export class LiveTeller implements Teller {
  readonly #watched: WatchedJob;
  readonly #output: Output;
  readonly #screen: Screen;
  readonly #timer: NodeJS.Timeout;
  #link: string | null = null;
  #above: string[] = [];

  constructor(watched: WatchedJob, output: Output) {
    [this.#watched, this.#output, this.#screen] = [watched, output, new Screen(output.out)];
    this.#draw();
    this.#timer = every(() => this.#draw(), REDRAW_MS);
  }

  seen(_kind: string, _data: Json, tellings: readonly Telling[]): void {
    const wide = Math.max(3, ...this.#watched.nodes.map(({ label }) => label.length));
    for (const telling of tellings)
      if (['error', 'look'].includes(telling.mark))
        this.#above.push(...plainLines(telling, wide, this.#output.colours));
  }

  nodes(): void {}

  link(problem: string | null): void {
    this.#link =
      problem === null ? null : `connection lost (${problem}); the job goes on without it; trying again …`;
  }

  end(): void {
    clearInterval(this.#timer);
    this.#draw();
  }

  #draw(): void {
    const { size } = this.#screen;
    this.#screen.draw(
      this.#above.splice(0),
      liveView(this.#watched, size, Date.now(), this.#output.colours, this.#link),
    );
  }
}

export interface LineOptions {
  /** checks that changed nothing as well */
  all: boolean;
  /** statuses only: for waiting without watching */
  brief: boolean;
  /** on stdout, when they are what was asked for */
  asData: boolean;
}

export class LineTeller implements Teller {
  readonly #held: Telling[] = [];
  #overdue: NodeJS.Timeout | null = null;
  readonly #last: Telling[] = [];
  readonly #watched: WatchedJob;
  readonly #output: Output;
  readonly #options: LineOptions;
  /** of the line above; before the first, of whoever reads it */
  #day = dayOf(Date.now());

  constructor(watched: WatchedJob, output: Output, options: LineOptions) {
    [this.#watched, this.#output, this.#options] = [watched, output, options];
  }

  seen(_kind: string, _data: Json, tellings: readonly Telling[]): void {
    // Its nodes may be heard of a moment later; the job's own end is the last word.
    const isLast = ({ node, mark, text }: Telling): boolean =>
      node === null && (mark === 'end' || (mark === 'status' && ENDED.includes(text)));
    this.#last.push(...tellings.filter(isLast));
    this.#held.push(...tellings.filter((telling) => !isLast(telling)));
    this.#overdue ??= setTimeout(() => this.#flush([]), HOLD_MS);
  }

  nodes(tellings: readonly Telling[]): void {
    this.#flush(tellings);
  }

  link(problem: string | null): void {
    const what =
      problem === null
        ? 'connected again; nothing was missed'
        : `connection lost (${problem}); the job goes on without it; trying again`;
    this.#flush([]);
    this.#output.note(what);
  }

  end(): void {
    this.#flush([]);
    this.#print(this.#last);
  }

  #flush(statuses: readonly Telling[]): void {
    if (this.#overdue !== null) clearTimeout(this.#overdue);
    this.#overdue = null;
    this.#print(inOrder(this.#held.splice(0), statuses));
  }

  #print(tellings: readonly Telling[]): void {
    const { all, brief, asData } = this.#options;
    const wide = Math.max(3, ...this.#watched.nodes.map(({ label }) => label.length));
    for (const telling of tellings) {
      if (telling.mark === 'check' && !all) continue;
      if (brief && !['status', 'waiting', 'error'].includes(telling.mark)) continue;
      const colours = asData ? this.#output.colours : this.#output.errColours;
      const day = dayOf(telling.at);
      const heading = day === this.#day ? [] : [colours.dim(`— ${day} —`)];
      this.#day = day;
      for (const line of [...heading, ...plainLines(telling, wide, colours)])
        if (asData) this.#output.line(line);
        else this.#output.note(line);
    }
  }
}

/** Each message of the stream on a line of its own (JSON), or as a document (YAML). */
export class DataTeller implements Teller {
  readonly #output: Output;

  constructor(output: Output) {
    this.#output = output;
  }

  seen(kind: string, data: Json): void {
    const message = { kind, data };
    if (this.#output.format === 'yaml') this.#output.out.write(`---\n${yamlText(message)}`);
    else this.#output.line(harmlessJson(JSON.stringify(message)));
  }

  nodes(): void {}

  link(problem: string | null): void {
    this.#output.note(
      problem === null
        ? 'connected again; nothing was missed'
        : `connection lost (${problem}); the job goes on without it; trying again`,
    );
  }

  end(): void {}
}
