// A Java class of a few instructions that has the database load its configuration as at a start, and does nothing else.

/** The class that is told to load it, in the JVM's own form of a name, and its method without parameters. */
export interface ConfigLoader {
  className: string;
  method: string;
}

/** What the JVM is to start; it has no package. */
export const LOADER = 'RingmasterConfigTrial';

/** With which it ends where the configuration was refused, and the exception told; the JVM itself ends with 1 or beyond 128. */
export const REFUSED = 77;

/** Of Java 5, which every later JVM takes: from 7 on a class with a handler needs tables of types for the verifier. */
const CLASS_VERSION = 49;
const [PUBLIC_STATIC, PUBLIC_SUPER] = [0x0009, 0x0021];

const u1 = (...values: number[]): Buffer => Buffer.from(values);
const u2 = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 2);
  for (const [at, value] of values.entries()) bytes.writeUInt16BE(value, at * 2);
  return bytes;
};
const u4 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** The names that the instructions speak of, each once, by number from 1: JVM specification, 4.4. */
class Constants {
  readonly #entries: Buffer[] = [];

  #add(...parts: Buffer[]): number {
    const entry = Buffer.concat(parts);
    const known = this.#entries.findIndex((one) => one.equals(entry));
    return known === -1 ? this.#entries.push(entry) : known + 1;
  }
  text(text: string): number {
    const bytes = Buffer.from(text, 'utf8');
    return this.#add(u1(1), u2(bytes.length), bytes);
  }
  class(name: string): number {
    return this.#add(u1(7), u2(this.text(name)));
  }
  method(className: string, name: string, descriptor: string): number {
    const signature = this.#add(u1(12), u2(this.text(name), this.text(descriptor)));
    return this.#add(u1(10), u2(this.class(className), signature));
  }
  get bytes(): Buffer {
    return Buffer.concat([u2(this.#entries.length + 1), ...this.#entries]);
  }
}

/**
 * `try { Database.load(); System.exit(0); } catch (Throwable t) { t.printStackTrace(); System.exit(REFUSED); }`, as the bytes of
 * a class file: no compiler is needed where the node is, nor a Java of ours. It exits by itself since what is loaded may have
 * started threads that would keep the JVM up.
 */
export function loaderClass({ className, method }: ConfigLoader): Buffer {
  const constants = new Constants();
  const throwable = constants.class('java/lang/Throwable');
  const exit = constants.method('java/lang/System', 'exit', '(I)V');
  const [invokeStatic, invokeVirtual, zero, byte, done] = [0xb8, 0xb6, 0x03, 0x10, 0xb1];
  const load = [u1(invokeStatic), u2(constants.method(className, method, '()V'))];
  const end = [u1(zero, invokeStatic), u2(exit), u1(done)];
  const print = [u1(invokeVirtual), u2(constants.method('java/lang/Throwable', 'printStackTrace', '()V'))];
  const refuse = [...print, u1(byte, REFUSED, invokeStatic), u2(exit), u1(done)];
  const code = Buffer.concat([...load, ...end, ...refuse]);
  const lengthOf = (parts: readonly Buffer[]): number => Buffer.concat(parts).length;
  const handler = u2(0, lengthOf(load), lengthOf([...load, ...end]), throwable);
  const body = Buffer.concat([u2(1, 1), u4(code.length), code, u2(1), handler, u2(0)]);
  const main = [
    u2(PUBLIC_STATIC, constants.text('main'), constants.text('([Ljava/lang/String;)V'), 1),
    u2(constants.text('Code')),
    u4(body.length),
    body,
  ];
  const names = u2(PUBLIC_SUPER, constants.class(LOADER), constants.class('java/lang/Object'));
  const head = Buffer.concat([u4(0xcafebabe), u2(0, CLASS_VERSION), constants.bytes, names]);
  return Buffer.concat([head, u2(0, 0, 1), ...main, u2(0)]); // no interfaces, no fields, one method
}
