// Reads Java's object serialization (Java Object Serialization Specification, chapter 6): any value, into plain data.

/** Bounds against a hostile or broken peer. */
const MOST_DEPTH = 64;
const MOST_ITEMS = 1_000_000;

/** An object of no class known here: its fields and what its writeObject added. */
export interface JavaObject {
  className: string;
  fields: Record<string, JavaValue>;
  /** objects and Buffers (block data), in order */
  annotation: (JavaValue | Buffer)[];
}
export type JavaValue = string | number | bigint | boolean | null | JavaValue[] | JavaObject;

export class JavaStreamError extends Error {}

interface ClassDescription {
  name: string;
  flags: number;
  fields: { type: string; name: string }[];
  parent: ClassDescription | null;
}

const [SERIALIZABLE, WRITE_METHOD, EXTERNALIZABLE, BLOCK_DATA] = [2, 1, 4, 8];

export class JavaReader {
  readonly #bytes: Buffer;
  #at: number;
  #depth = 0;
  #items = 0;
  readonly #handles: unknown[] = [];

  /** @param at where the stream header (AC ED 00 05) stands */
  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes;
    this.#at = at;
    if (this.#u16() !== 0xaced || this.#u16() !== 5) throw new JavaStreamError('not a Java object stream');
  }

  /** @throws JavaStreamError for malformed bytes, RangeError when they end too soon */
  blockData(): Buffer {
    const tag = this.#u8();
    if (tag === 0x77) return this.#take(this.#u8());
    if (tag === 0x7a) return this.#take(this.#i32());
    throw new JavaStreamError(`block data expected, got tag ${tag}`);
  }

  object(): JavaValue {
    if (++this.#depth > MOST_DEPTH) throw new JavaStreamError('nested too deeply');
    if (++this.#items > MOST_ITEMS) throw new JavaStreamError('too many objects');
    try {
      return this.#object();
    } finally {
      this.#depth -= 1;
    }
  }

  #object(): JavaValue {
    const tag = this.#u8();
    switch (tag) {
      case 0x70:
        return null;
      case 0x71:
        return this.#reference() as JavaValue;
      case 0x74:
        return this.#remember(this.#utf());
      case 0x7c: {
        this.#i32(); // the upper half of the length
        return this.#remember(this.#take(this.#i32()).toString('utf8'));
      }
      case 0x73:
        return this.#instance();
      case 0x75:
        return this.#array();
      case 0x7e: {
        const description = this.#classDescription();
        const slot = this.#reserve();
        const name = this.object();
        this.#handles[slot] = name;
        void description;
        return name;
      }
      case 0x76: {
        const description = this.#classDescription();
        return this.#remember(description?.name ?? null);
      }
      default:
        throw new JavaStreamError(`unknown tag ${tag}`);
    }
  }

  #instance(): JavaValue {
    const description = this.#classDescription();
    if (description === null) throw new JavaStreamError('an object without a class');
    const object: JavaObject = {
      className: description.name,
      fields: Object.create(null) as Record<string, JavaValue>,
      annotation: [],
    };
    const slot = this.#reserve();
    this.#handles[slot] = object;
    const line: ClassDescription[] = [];
    for (let at: ClassDescription | null = description; at !== null; at = at.parent) line.unshift(at);
    for (const part of line) {
      if (part.flags & SERIALIZABLE) {
        for (const { type, name } of part.fields) object.fields[name] = this.#field(type);
        if (part.flags & WRITE_METHOD) object.annotation.push(...this.#annotation());
      } else if (part.flags & EXTERNALIZABLE) {
        if (!(part.flags & BLOCK_DATA)) throw new JavaStreamError(`${part.name} has no readable form`);
        object.annotation.push(...this.#annotation());
      }
    }
    const value = simplified(object);
    this.#handles[slot] = value;
    return value;
  }

  #array(): JavaValue {
    const description = this.#classDescription();
    const values: JavaValue[] = [];
    this.#handles[this.#reserve()] = values;
    const type = description?.name[1] ?? '';
    for (let left = this.#i32(); left > 0; left -= 1) {
      if (++this.#items > MOST_ITEMS) throw new JavaStreamError('too many objects');
      values.push(this.#field(type));
    }
    return values;
  }

  #classDescription(): ClassDescription | null {
    const tag = this.#u8();
    if (tag === 0x70) return null;
    if (tag === 0x71) return this.#reference() as ClassDescription;
    if (tag === 0x7d) {
      const proxy: ClassDescription = { name: 'proxy', flags: SERIALIZABLE, fields: [], parent: null };
      this.#handles[this.#reserve()] = proxy;
      for (let left = this.#i32(); left > 0; left -= 1) this.#utf();
      this.#annotation();
      proxy.parent = this.#classDescription();
      return proxy;
    }
    if (tag !== 0x72) throw new JavaStreamError(`class description expected, got tag ${tag}`);
    const description: ClassDescription = { name: this.#utf(), flags: 0, fields: [], parent: null };
    this.#take(8); // serialVersionUID
    this.#handles[this.#reserve()] = description;
    description.flags = this.#u8();
    for (let left = this.#u16(); left > 0; left -= 1) {
      const type = String.fromCharCode(this.#u8());
      description.fields.push({ type, name: this.#utf() });
      if (type === 'L' || type === '[') this.object();
    }
    this.#annotation();
    description.parent = this.#classDescription();
    return description;
  }

  #annotation(): (JavaValue | Buffer)[] {
    const items: (JavaValue | Buffer)[] = [];
    for (;;) {
      const tag = this.#bytes.readUInt8(this.#at);
      if (tag === 0x78) {
        this.#at += 1;
        return items;
      }
      items.push(tag === 0x77 || tag === 0x7a ? this.blockData() : this.object());
    }
  }

  #field(type: string): JavaValue {
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
        return this.#take(8).readBigInt64BE();
      case 'L':
      case '[':
        return this.object();
      default:
        throw new JavaStreamError(`unknown field type ${type}`);
    }
  }

  #reserve(): number {
    return this.#handles.push(null) - 1;
  }
  #remember<T>(value: T): T {
    this.#handles.push(value);
    return value;
  }
  #reference(): unknown {
    const handle = this.#i32() - 0x7e0000;
    if (handle < 0 || handle >= this.#handles.length) throw new JavaStreamError('a reference to nothing');
    return this.#handles[handle];
  }
  #take(count: number): Buffer {
    if (count < 0 || this.#at + count > this.#bytes.length) throw new RangeError('the stream ends too soon');
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }
  #u8 = (): number => this.#take(1).readUInt8();
  #u16 = (): number => this.#take(2).readUInt16BE();
  #i32 = (): number => this.#take(4).readInt32BE();
  /** Modified UTF-8; what Cassandra sends here is ASCII. */
  #utf = (): string => this.#take(this.#u16()).toString('utf8');
}

const BOXED = /^java\.lang\.(Boolean|Integer|Long|Short|Byte|Double|Float)$/;

/** Boxed values and lists become plain ones. */
function simplified(object: JavaObject): JavaValue {
  if (BOXED.test(object.className)) return object.fields['value'] ?? null;
  if (/^java\.util\.(ArrayList|LinkedList|concurrent\.CopyOnWriteArrayList)$/.test(object.className)) {
    return object.annotation.filter((item): item is JavaValue => !Buffer.isBuffer(item));
  }
  const inner = object.fields['list'] ?? object.fields['c'];
  if (/^java\.util\.Collections\$Unmodifiable/.test(object.className) && inner !== undefined) return inner;
  return object;
}
