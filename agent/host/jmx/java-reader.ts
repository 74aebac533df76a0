// Reads Java's object serialization (Java Object Serialization Specification, chapter 6): any value, into plain data.
import { inOnePiece, type JavaBytes, JavaStreamError, type ReadingStep } from './java-bytes.ts';
import { ClassDescription, FLAG, TAG } from './java-format.ts';
import { JavaHandles } from './java-handles.ts';
import { primitive } from './java-primitive.ts';
import { hasNullAtItsEnd, isMap, type JavaObject, type JavaValue, plainForm } from './java-value.ts';
import { fromModifiedUtf8 } from './modified-utf8.ts';

/** Bounds against a hostile or broken peer; reading as many items as this takes about a tenth of a second. */
const MOST_DEPTH = 64;
const MOST_ITEMS = 500_000;
/** Of an answer whose pairs are taken one by one; the ranges of 1,000 nodes with 256 tokens and nine replicas are half of it. */
const MOST_ITEMS_IN_PAIRS = 20_000_000;

/** Takes one pair of a map, and is not to keep more of it than it needs. */
export type TakePair = (key: JavaValue, value: JavaValue) => void;

interface Mark {
  at: number;
  items: number;
  handles: JavaHandles;
  handleCount: number;
}

export class JavaReader {
  readonly #bytes: JavaBytes;
  #depth = 0;
  #items = 0;
  #mostItems = MOST_ITEMS;
  #handles = new JavaHandles();

  /**
   * Every method throws StreamEndsTooSoon when the bytes run out, and JavaStreamError when they are malformed.
   * @param bytes that begin with the stream header (AC ED 00 05)
   */
  constructor(bytes: JavaBytes) {
    this.#bytes = bytes;
    if (bytes.u16() !== 0xaced || bytes.u16() !== 5) throw new JavaStreamError('not a Java object stream');
  }

  mark(): Mark {
    return {
      at: this.#bytes.mark(),
      items: this.#items,
      handles: this.#handles,
      handleCount: this.#handles.count,
    };
  }

  backTo({ at, items, handles, handleCount }: Mark): void {
    this.#bytes.backTo(at);
    this.#items = items;
    this.#handles = handles;
    handles.backTo(handleCount);
    this.#depth = 0;
  }

  /**
   * Reads an object, which may be far larger than what is to be kept of it when it is a map.
   * @param take gets the pairs of a map, whose value is an empty one then; null: the value has them
   */
  *objectInSteps(take: TakePair | null): Generator<ReadingStep, JavaValue, void> {
    if (take === null) return yield* inOnePiece(this, () => this.object());
    const begun = yield* inOnePiece(this, () => this.#mapBegun() ?? { value: this.object() });
    if (begun instanceof ClassDescription) {
      yield* this.#mapInSteps(begun, take);
      return new Map();
    }
    if (!(begun.value instanceof Map)) return begun.value;
    for (const [key, value] of begun.value) take(key, value); // one within another object
    return new Map();
  }

  /** @returns its class; null, and back where it was, when it is no map */
  #mapBegun(): ClassDescription | null {
    const mark = this.mark();
    const description = this.#bytes.u8() === TAG.object ? this.#class() : null;
    if (description !== null && isMap(description.name)) {
      this.#handles.reserve();
      return description;
    }
    this.backTo(mark);
    return null;
  }

  /** As `#instance` reads it, but for the pairs. */
  *#mapInSteps(description: ClassDescription, take: TakePair): Generator<ReadingStep, void, void> {
    for (const { flags, fields } of description.line()) {
      if (!(flags & FLAG.serializable)) continue;
      yield* inOnePiece(this, () => {
        for (const { type } of fields) this.#field(type);
      });
      if (!(flags & FLAG.writeMethod)) continue;
      for (;;) {
        // Each by itself within the bounds of any answer.
        this.#mostItems = Math.min(this.#items + MOST_ITEMS, MOST_ITEMS_IN_PAIRS);
        const pair = yield* inOnePiece(this, () => this.#pair());
        if (pair === null) break;
        if (pair.key !== null || !hasNullAtItsEnd(description.name)) take(pair.key, pair.value);
        if (this.#handles.forgetValues() > MOST_ITEMS) throw new JavaStreamError('too many classes');
        yield 'on';
      }
    }
  }

  /** @returns null at the end */
  #pair(): { key: JavaValue; value: JavaValue } | null {
    let key = this.#written();
    while (Buffer.isBuffer(key)) key = this.#written(); // how many there are
    if (key === undefined) return null;
    const value = this.#written();
    if (value === undefined || Buffer.isBuffer(value)) throw new JavaStreamError('a key without a value');
    return { key, value };
  }

  blockData(): Buffer {
    const tag = this.#bytes.u8();
    if (tag === TAG.blockData) return this.#bytes.take(this.#bytes.u8());
    if (tag === TAG.longBlockData) return this.#bytes.take(this.#bytes.i32());
    throw new JavaStreamError(`block data expected, got tag ${tag}`);
  }

  object(): JavaValue {
    return this.#nested(() => this.#object());
  }

  #nested<T>(read: () => T): T {
    if (++this.#depth > MOST_DEPTH) throw new JavaStreamError('nested too deeply');
    this.#countItem();
    const value = read();
    this.#depth -= 1; // after an exception nobody reads on
    return value;
  }

  #countItem(): void {
    if (++this.#items > this.#mostItems) throw new JavaStreamError('too many objects');
  }

  #object(): JavaValue {
    const tag = this.#bytes.u8();
    switch (tag) {
      case TAG.null:
        return null;
      case TAG.reference: {
        const value = this.#handles.at(this.#bytes.i32());
        if (value instanceof ClassDescription)
          throw new JavaStreamError('a reference to a class in place of an object');
        return value;
      }
      case TAG.string:
        return this.#handles.remember(this.#bytes.utf());
      case TAG.longString: {
        if (this.#bytes.i32() !== 0) throw new JavaStreamError('too long a string');
        return this.#handles.remember(fromModifiedUtf8(this.#bytes.take(this.#bytes.i32())));
      }
      case TAG.object:
        return this.#instance();
      case TAG.array:
        return this.#array();
      case TAG.enum: {
        this.#class();
        const slot = this.#handles.reserve();
        return this.#handles.fill(slot, this.object());
      }
      case TAG.class:
        return this.#handles.remember(this.#class()?.name ?? null);
      case TAG.exception: {
        // The writer failed half-way, and says why: handles start anew.
        this.#handles = new JavaHandles();
        const thrown = this.object();
        const name = typeof thrown === 'object' && thrown !== null && 'className' in thrown;
        throw new JavaStreamError(
          `the remote side could not write it: ${name ? thrown.className : 'unknown'}`,
        );
      }
      default:
        throw new JavaStreamError(`unknown tag ${tag}`);
    }
  }

  #instance(): JavaValue {
    const description = this.#class();
    if (description === null) throw new JavaStreamError('an object without a class');
    const fields = Object.create(null) as Record<string, JavaValue>;
    const object: JavaObject = { className: description.name, fields, annotation: [] };
    const slot = this.#handles.reserve(object);
    for (const { name, flags, fields: declared } of description.line()) {
      if (flags & FLAG.serializable) {
        for (const field of declared) fields[field.name] = this.#field(field.type);
        if (flags & FLAG.writeMethod) this.#annotation(object.annotation);
      } else if (flags & FLAG.externalizable) {
        if (!(flags & FLAG.blockData)) throw new JavaStreamError(`${name} has no readable form`);
        this.#annotation(object.annotation);
      }
    }
    return this.#handles.fill(slot, plainForm(object));
  }

  #array(): JavaValue {
    const description = this.#class();
    const values: JavaValue[] = [];
    this.#handles.reserve(values);
    const type = description?.name[1] ?? '';
    for (let left = this.#bytes.i32(); left > 0; left -= 1) values.push(this.#field(type));
    return values;
  }

  #class(): ClassDescription | null {
    return this.#nested(() => this.#classDescription());
  }

  #classDescription(): ClassDescription | null {
    const tag = this.#bytes.u8();
    if (tag === TAG.null) return null;
    if (tag === TAG.reference) {
      const description = this.#handles.at(this.#bytes.i32());
      if (!(description instanceof ClassDescription))
        throw new JavaStreamError('a reference to an object in place of a class');
      return description;
    }
    if (tag !== TAG.classDescription && tag !== TAG.proxyClassDescription)
      throw new JavaStreamError(`class description expected, got tag ${tag}`);
    const isProxy = tag === TAG.proxyClassDescription;
    const description = new ClassDescription('proxy', FLAG.serializable);
    if (!isProxy) {
      description.name = this.#bytes.utf();
      this.#bytes.take(8); // serialVersionUID
    }
    this.#handles.reserve(description);
    if (isProxy) this.#interfaces();
    else this.#declaration(description);
    this.#annotation([]);
    const parent = this.#class();
    for (let above = parent; above !== null; above = above.parent)
      if (above === description) throw new JavaStreamError('a class that extends itself');
    description.parent = parent;
    description.ancestors = parent === null ? 0 : parent.ancestors + 1;
    // Every object walks up all of them: a long line, though cheap to send, would cost much to read.
    if (description.ancestors > MOST_DEPTH) throw new JavaStreamError('too long a line of classes');
    return description;
  }

  #interfaces(): void {
    for (let left = this.#bytes.i32(); left > 0; left -= 1) {
      this.#countItem();
      this.#bytes.utf();
    }
  }

  #declaration(description: ClassDescription): void {
    description.flags = this.#bytes.u8();
    for (let left = this.#bytes.u16(); left > 0; left -= 1) {
      this.#countItem();
      const type = String.fromCharCode(this.#bytes.u8());
      description.fields.push({ type, name: this.#bytes.utf() });
      if (type === 'L' || type === '[') this.object(); // its type, as a string
    }
  }

  #annotation(into: (JavaValue | Buffer)[]): void {
    for (let item = this.#written(); item !== undefined; item = this.#written()) into.push(item);
  }

  /** What a class's own writeObject wrote, piece by piece; undefined: that was all. */
  #written(): JavaValue | Buffer | undefined {
    const mark = this.#bytes.mark();
    const tag = this.#bytes.u8();
    if (tag === TAG.endOfBlockData) return undefined;
    this.#bytes.backTo(mark);
    this.#countItem();
    return tag === TAG.blockData || tag === TAG.longBlockData ? this.blockData() : this.object();
  }

  #field(type: string): JavaValue {
    this.#countItem();
    return type === 'L' || type === '[' ? this.object() : primitive(this.#bytes, type);
  }
}
