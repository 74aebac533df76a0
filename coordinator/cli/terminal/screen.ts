// A block of lines at the bottom of a terminal that is drawn again in place; what is told above it stays.
import type { Sink } from '../output.ts';

const ESC = '\u001b[';
/** Begin and end of a synchronised update: terminals that know it show no half-drawn picture, others ignore it. */
const [HOLD, SHOW] = [`${ESC}?2026h`, `${ESC}?2026l`];

export class Screen {
  readonly #out: Sink;
  #drawn: readonly string[] = [];

  constructor(out: Sink) {
    this.#out = out;
  }

  get size(): { columns: number; rows: number } {
    return { columns: this.#out.columns || 80, rows: this.#out.rows || 24 };
  }

  /** @param above lines that scroll away upwards @param block what stands below them from now on */
  draw(above: readonly string[], block: readonly string[]): void {
    if (above.length === 0 && block.join('\n') === this.#drawn.join('\n')) return;
    const back = this.#drawn.length === 0 ? '' : `\r${ESC}${this.#drawn.length}A${ESC}J`;
    const text = [...above, ...block].map((line) => `${line}\n`).join('');
    this.#out.write(`${HOLD}${back}${text}${SHOW}`);
    this.#drawn = block;
  }
}
