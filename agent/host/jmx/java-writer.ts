// Writes the few Java objects that questions over JMX carry, each as it stands in the stream of an RMI call.
import { JmxError } from './jmx-error.ts';
import { toModifiedUtf8 } from './modified-utf8.ts';

export const NULL = Buffer.from([0x70]);
const NO_PARENT = NULL;
const END = Buffer.from([0x78]);
/** RMI wants the code base of each class after its description (null: none); in a MarshalledObject it stands elsewhere. */
const IN_CALL = NULL;
const IN_MARSHALLED = Buffer.alloc(0);

const int = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const long = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
};

/** A string with its length in two bytes, as DataOutput.writeUTF. */
export function utf(text: string): Buffer {
  const bytes = toModifiedUtf8(text);
  if (bytes.length > 0xffff) throw new JmxError('a text for JMX is too long');
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
}

interface JavaClass {
  name: string;
  uid: bigint;
  /** 2: serializable, 3: and with a writeObject of its own */
  flags: 2 | 3;
  /** primitives first, by name, as Java sorts them; for objects the type's descriptor */
  fields?: readonly (readonly [type: string, name: string, descriptor?: string])[];
}

function classDescription({ name, uid, flags, fields = [] }: JavaClass, codeBase: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from([0x72]),
    utf(name),
    long(uid),
    Buffer.from([flags, 0, fields.length]),
    ...fields.flatMap(([type, field, descriptor]) => [
      Buffer.from(type),
      utf(field),
      descriptor === undefined ? Buffer.alloc(0) : javaString(descriptor),
    ]),
    codeBase,
    END,
    NO_PARENT,
  ]);
}

const javaObject = (type: JavaClass, codeBase: Buffer, ...content: readonly Buffer[]): Buffer =>
  Buffer.concat([Buffer.from([0x73]), classDescription(type, codeBase), ...content]);
const javaArray = (type: JavaClass, codeBase: Buffer, count: number, content: readonly Buffer[]): Buffer =>
  Buffer.concat([Buffer.from([0x75]), classDescription(type, codeBase), int(count), ...content]);

export const javaString = (text: string): Buffer => Buffer.concat([Buffer.from([0x74]), utf(text)]);

// The UIDs below are what serialver(1) prints; they are part of each class's published form.
const OBJECT_NAME: JavaClass = { name: 'javax.management.ObjectName', uid: 1081892073854801359n, flags: 3 };
const STRINGS: JavaClass = { name: '[Ljava.lang.String;', uid: -5921575005990323385n, flags: 2 };
const OBJECTS: JavaClass = { name: '[Ljava.lang.Object;', uid: -8012369246846506644n, flags: 2 };
const BYTES: JavaClass = { name: '[B', uid: -5984413125824719648n, flags: 2 };
const MARSHALLED_OBJECT: JavaClass = {
  name: 'java.rmi.MarshalledObject',
  uid: 8988374069173025854n,
  flags: 2,
  fields: [
    ['I', 'hash'],
    ['[', 'locBytes', '[B'],
    ['[', 'objBytes', '[B'],
  ],
};

/** Its fields are transient; writeObject writes the canonical name. */
export const javaObjectName = (name: string): Buffer =>
  javaObject(OBJECT_NAME, IN_CALL, javaString(name), END);

export const javaStrings = (texts: readonly string[]): Buffer =>
  javaArray(STRINGS, IN_CALL, texts.length, texts.map(javaString));

const BOOLEAN: JavaClass = {
  name: 'java.lang.Boolean',
  uid: -3665804199014368530n,
  flags: 2,
  fields: [['Z', 'value']],
};

export type JavaArgument = string | boolean | readonly string[];

/** As an operation's signature names it. */
export const javaTypeOf = (arg: JavaArgument): string =>
  typeof arg === 'string' ? 'java.lang.String' : typeof arg === 'boolean' ? 'boolean' : '[Ljava.lang.String;';

function argument(arg: JavaArgument): Buffer {
  if (typeof arg === 'string') return javaString(arg);
  if (typeof arg === 'boolean') return javaObject(BOOLEAN, IN_MARSHALLED, Buffer.from([arg ? 1 : 0]));
  return javaArray(STRINGS, IN_MARSHALLED, arg.length, arg.map(javaString));
}

/** An Object[] of arguments in a stream of its own inside the stream; the hash only serves equals(). */
export function marshalled(args: readonly JavaArgument[]): Buffer {
  const objects = Buffer.concat([
    Buffer.from([0xac, 0xed, 0x00, 0x05]),
    javaArray(OBJECTS, IN_MARSHALLED, args.length, args.map(argument)),
  ]);
  const hash = objects.reduce((sum, byte) => (Math.imul(31, sum) + ((byte << 24) >> 24)) | 0, 13);
  const bytes = javaArray(BYTES, IN_CALL, objects.length, [objects]);
  return javaObject(MARSHALLED_OBJECT, IN_CALL, int(hash), NULL, bytes);
}
