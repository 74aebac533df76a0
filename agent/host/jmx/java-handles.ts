// What the objects and classes of a stream are referred to by, once they were written: numbers, in the order of their beginnings.
import { JavaStreamError } from './java-bytes.ts';
import { ClassDescription } from './java-format.ts';
import type { JavaValue } from './java-value.ts';

type Entry = JavaValue | ClassDescription;

const FIRST = 0x7e0000;
/** Far more than there are things that a map's pairs might share, such as addresses. */
const ALWAYS_KEPT = 100_000;

export class JavaHandles {
  readonly #first: Entry[] = [];
  /** after these, but for what was forgotten */
  readonly #classes = new Map<number, ClassDescription>();
  #latest: Entry[] = [];
  #latestFrom = ALWAYS_KEPT;
  #next = 0;

  /** How many there were so far. */
  get count(): number {
    return this.#next;
  }

  /** What came after these may come once more. */
  backTo(count: number): void {
    this.#next = count;
  }

  /** The next one, for something that may be referred to before it was read to its end. */
  reserve(entry: Entry = null): number {
    this.#put(this.#next, entry);
    return this.#next++;
  }

  fill(place: number, value: JavaValue): JavaValue {
    this.#put(place, value);
    return value;
  }

  remember(value: JavaValue): JavaValue {
    return this.fill(this.reserve(), value);
  }

  /** @throws JavaStreamError when there is none, or it was forgotten */
  at(handle: number): Entry {
    const place = handle - FIRST;
    const entry = place < this.#next ? this.#entry(place) : undefined;
    if (entry === undefined) throw new JavaStreamError('a reference to nothing');
    return entry;
  }

  /**
   * Of all but the first ones only classes are kept, to which every object refers.
   * @returns how many
   */
  forgetValues(): number {
    if (this.#next <= this.#latestFrom) return this.#classes.size;
    for (let place = this.#latestFrom; place < this.#next; place += 1) {
      const entry = this.#entry(place);
      if (entry instanceof ClassDescription) this.#classes.set(place, entry);
    }
    this.#latest = [];
    this.#latestFrom = this.#next;
    return this.#classes.size;
  }

  #entry(place: number): Entry | undefined {
    if (place < ALWAYS_KEPT) return this.#first[place];
    return place < this.#latestFrom ? this.#classes.get(place) : this.#latest[place - this.#latestFrom];
  }

  #put(place: number, entry: Entry): void {
    if (place < ALWAYS_KEPT) this.#first[place] = entry;
    else this.#latest[place - this.#latestFrom] = entry;
  }
}
