// How Java's object serialization is written: its tags, its flags, and classes as a stream describes them.

export const TAG = {
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
export const FLAG = { writeMethod: 1, serializable: 2, externalizable: 4, blockData: 8 } as const;

export class ClassDescription {
  name: string;
  flags: number;
  readonly fields: { type: string; name: string }[] = [];
  parent: ClassDescription | null = null;
  /** how many classes stand above it */
  ancestors = 0;
  #line: ClassDescription[] | null = null;

  constructor(name: string, flags: number) {
    this.name = name;
    this.flags = flags;
  }

  /** It and those above it, from the top: in this order come the fields of an object. Only once its parent is known. */
  line(): readonly ClassDescription[] {
    this.#line ??= this.parent === null ? [this] : [...this.parent.line(), this];
    return this.#line;
  }
}
