// Reads Java's object serialization (Java Object Serialization Specification, chapter 6): any value, into plain data.
import { type JavaObject, type JavaValue, plainForm } from './java-value.ts';
import { fromModifiedUtf8 } from './modified-utf8.ts';

/** Bounds against a hostile or broken peer; reading as many items as this takes about a tenth of a second. */
const MOST_DEPTH = 64;
const MOST_ITEMS = 500_000;

/** The bytes are no object stream, or one beyond the bounds. */
export class JavaStreamError extends Error {}
/** More bytes could still make an object of it. */
export class StreamEndsTooSoon extends JavaStreamError {}

interface ClassDescription {
  name: string;
  flags: number;
  fields: { type: string; name: string }[];
  parent: ClassDescription | null;
  /** how many classes stand above it */
  ancestors: number;
}

const TAG = {
  null: 0x70,
  reference: 0x71,
  classDescription: 0x72,
  object: 0x73,
  string: 0x74,
  array: 0x75,
  class: 0x76,
  blockData: 0x77,
  endOfBlockData: 0x78,
  longBlockData: 0x7a,
  exception: 0x7b,
  longString: 0x7c,
  proxyClassDescription: 0x7d,
  enum: 0x7e,
} as const;
const FLAG = { writeMethod: 1, serializable: 2, externalizable: 4, blockData: 8 } as const;
const FIRST_HANDLE = 0x7e0000;

const plainLong = (value: bigint): number | bigint =>
  Number.isSafeInteger(Number(value)) ? Number(value) : value;

export class JavaReader {
  readonly #bytes: Buffer;
  #at: number;
  #depth = 0;
  #items = 0;
  /** What each handle stands for; a class where a value is expected would be a lie of the peer's. */
  readonly #handles: (
    | { kind: 'value'; value: JavaValue }
    | { kind: 'class'; description: ClassDescription }
  )[] = [];

  /**
   * Every method throws StreamEndsTooSoon when the bytes run out, and JavaStreamError when they are malformed.
   * @param at where the stream header (AC ED 00 05) stands
   */
  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes;
    this.#at = at;
    if (this.#u16() !== 0xaced || this.#u16() !== 5) throw new JavaStreamError('not a Java object stream');
  }

  /** How far it has read. */
  get at(): number {
    return this.#at;
  }

  blockData(): Buffer {
    const tag = this.#u8();
    if (tag === TAG.blockData) return this.#take(this.#u8());
    if (tag === TAG.longBlockData) return this.#take(this.#i32());
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
    if (++this.#items > MOST_ITEMS) throw new JavaStreamError('too many objects');
  }

  #object(): JavaValue {
    const tag = this.#u8();
    switch (tag) {
      case TAG.null:
        return null;
      case TAG.reference: {
        const entry = this.#reference();
        if (entry.kind !== 'value') throw new JavaStreamError('a reference to a class in place of an object');
        return entry.value;
      }
      case TAG.string:
        return this.#remember(this.#utf());
      case TAG.longString: {
        if (this.#i32() !== 0) throw new JavaStreamError('too long a string');
        return this.#remember(fromModifiedUtf8(this.#take(this.#i32())));
      }
      case TAG.object:
        return this.#instance();
      case TAG.array:
        return this.#array();
      case TAG.enum: {
        this.#class();
        const slot = this.#reserve();
        return this.#fill(slot, this.object());
      }
      case TAG.class:
        return this.#remember(this.#class()?.name ?? null);
      case TAG.exception: {
        // The writer failed half-way, and says why: handles start anew.
        this.#handles.length = 0;
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
    const slot = this.#reserve(object);
    const line: ClassDescription[] = [];
    for (let part: ClassDescription | null = description; part !== null; part = part.parent)
      line.unshift(part);
    for (const { name, flags, fields: declared } of line) {
      if (flags & FLAG.serializable) {
        for (const field of declared) fields[field.name] = this.#field(field.type);
        if (flags & FLAG.writeMethod) this.#annotation(object.annotation);
      } else if (flags & FLAG.externalizable) {
        if (!(flags & FLAG.blockData)) throw new JavaStreamError(`${name} has no readable form`);
        this.#annotation(object.annotation);
      }
    }
    return this.#fill(slot, plainForm(object));
  }

  #array(): JavaValue {
    const description = this.#class();
    const values: JavaValue[] = [];
    this.#reserve(values);
    const type = description?.name[1] ?? '';
    for (let left = this.#i32(); left > 0; left -= 1) values.push(this.#field(type));
    return values;
  }

  #class(): ClassDescription | null {
    return this.#nested(() => this.#classDescription());
  }

  #classDescription(): ClassDescription | null {
    const tag = this.#u8();
    if (tag === TAG.null) return null;
    if (tag === TAG.reference) {
      const entry = this.#reference();
      if (entry.kind !== 'class') throw new JavaStreamError('a reference to an object in place of a class');
      return entry.description;
    }
    if (tag !== TAG.classDescription && tag !== TAG.proxyClassDescription)
      throw new JavaStreamError(`class description expected, got tag ${tag}`);
    const isProxy = tag === TAG.proxyClassDescription;
    const description: ClassDescription = {
      name: 'proxy',
      flags: FLAG.serializable,
      fields: [],
      parent: null,
      ancestors: 0,
    };
    if (!isProxy) {
      description.name = this.#utf();
      this.#take(8); // serialVersionUID
    }
    this.#handles.push({ kind: 'class', description });
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
    for (let left = this.#i32(); left > 0; left -= 1) {
      this.#countItem();
      this.#utf();
    }
  }

  #declaration(description: ClassDescription): void {
    description.flags = this.#u8();
    for (let left = this.#u16(); left > 0; left -= 1) {
      this.#countItem();
      const type = String.fromCharCode(this.#u8());
      description.fields.push({ type, name: this.#utf() });
      if (type === 'L' || type === '[') this.object(); // its type, as a string
    }
  }

  #annotation(into: (JavaValue | Buffer)[]): void {
    for (;;) {
      const tag = this.#u8();
      if (tag === TAG.endOfBlockData) return;
      this.#at -= 1;
      this.#countItem();
      into.push(tag === TAG.blockData || tag === TAG.longBlockData ? this.blockData() : this.object());
    }
  }

  #field(type: string): JavaValue {
    this.#countItem();
    switch (type) {
      case 'Z':
        return this.#u8() !== 0;
      case 'B':
        return this.#take(1).readInt8();
      case 'S':
        return this.#take(2).readInt16BE();
      case 'C':
        return String.fromCharCode(this.#u16());
      case 'I':
        return this.#i32();
      case 'F':
        return this.#take(4).readFloatBE();
      case 'D':
        return this.#take(8).readDoubleBE();
      case 'J':
        return plainLong(this.#take(8).readBigInt64BE());
      case 'L':
      case '[':
        return this.object();
      default:
        throw new JavaStreamError(`unknown field type ${type}`);
    }
  }

  #reserve(value: JavaValue = null): number {
    return this.#handles.push({ kind: 'value', value }) - 1;
  }
  #fill(slot: number, value: JavaValue): JavaValue {
    this.#handles[slot] = { kind: 'value', value };
    return value;
  }
  #remember(value: JavaValue): JavaValue {
    return this.#fill(this.#reserve(), value);
  }
  #reference() {
    const entry = this.#handles[this.#i32() - FIRST_HANDLE];
    if (entry === undefined) throw new JavaStreamError('a reference to nothing');
    return entry;
  }
  #take(count: number): Buffer {
    if (count < 0) throw new JavaStreamError('a negative length');
    if (this.#at + count > this.#bytes.length) throw new StreamEndsTooSoon('the stream ends too soon');
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }
  #u8 = (): number => this.#take(1).readUInt8();
  #u16 = (): number => this.#take(2).readUInt16BE();
  #i32 = (): number => this.#take(4).readInt32BE();
  #utf = (): string => fromModifiedUtf8(this.#take(this.#u16()));
}
