// Calls remote Java objects over JRMP (Java RMI Specification, chapter 10): one connection an endpoint, one call at a time.
import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { type JavaObject, JavaReader, JavaStreamError, type JavaValue } from './java-stream.ts';

const MOST_REPLY_BYTES = 16 * 1024 * 1024;

/** The remote side refused, or does not speak as expected. `remote` is the remote exception's class when there was one. */
export class JmxError extends Error {
  readonly remote: string | null;
  constructor(message: string, remote: string | null = null, cause?: unknown) {
    super(message, { cause });
    this.name = 'JmxError';
    this.remote = remote;
  }
}

export interface RemoteObject {
  host: string;
  port: number;
  /** ObjID as it travels: 22 bytes */
  objectId: Buffer;
}

/** The registry is always object 0. */
export const registryAt = (host: string, port: number): RemoteObject => ({
  host,
  port,
  objectId: Buffer.alloc(22),
});

/** The hash that names a method: SHA-1 of name and descriptor, the first eight bytes, little end first. */
export const methodHash = (descriptor: string): bigint =>
  createHash('sha1').update(javaUtf(descriptor)).digest().readBigInt64LE(0);

const javaUtf = (text: string): Buffer => {
  const bytes = Buffer.from(text, 'utf8');
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

export const NULL = Buffer.from([0x70]);
export const javaString = (text: string): Buffer => Buffer.concat([Buffer.from([0x74]), javaUtf(text)]);

/** javax.management.ObjectName: no fields, its name as an annotation. RMI wants a (null) code base after each class. */
export const javaObjectName = (name: string): Buffer => {
  const uid = Buffer.alloc(8);
  uid.writeBigInt64BE(1081892073854801359n);
  return Buffer.concat([
    Buffer.from([0x73, 0x72]),
    javaUtf('javax.management.ObjectName'),
    uid,
    Buffer.from([0x03, 0x00, 0x00, 0x70, 0x78, 0x70]),
    javaString(name),
    Buffer.from([0x78]),
  ]);
};

function callBytes(target: RemoteObject, operation: number, hash: bigint, args: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(12);
  head.writeInt32BE(operation, 0);
  head.writeBigInt64BE(hash, 4);
  return Buffer.concat([
    Buffer.from([0x50, 0xac, 0xed, 0x00, 0x05, 0x77, 34]),
    target.objectId,
    head,
    ...args,
  ]);
}

/** One TCP connection; replies are read whole, which shows by their parsing without running out of bytes. */
class Wire {
  readonly #socket: Socket;
  #bytes = Buffer.alloc(0);
  #wake: () => void = () => {};
  #failed: Error | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      if (this.#bytes.length > MOST_REPLY_BYTES) this.fail(new JmxError('the answer is too large'));
      this.#wake();
    });
    socket.on('error', (error) =>
      this.fail(new JmxError(`JMX connection failed: ${error.message}`, null, error)),
    );
    socket.on('close', () => this.fail(new JmxError('the JMX connection was closed')));
  }

  static async open(host: string, port: number): Promise<Wire> {
    const socket = connect({ host, port, noDelay: true });
    const wire = new Wire(socket);
    socket.write(Buffer.from([0x4a, 0x52, 0x4d, 0x49, 0x00, 0x02, 0x4b]));
    await wire.#read((bytes) => {
      if (bytes.readUInt8(0) !== 0x4e) throw new JmxError('this port does not speak RMI');
      // Our host and port as the server sees them: nothing that we need.
      const used = 7 + bytes.readUInt16BE(1);
      if (bytes.length < used) throw new RangeError('not there yet');
      return { value: null, used };
    });
    socket.write(Buffer.concat([javaUtf('127.0.0.1'), Buffer.alloc(4)]));
    return wire;
  }

  fail(error: Error): void {
    this.#failed ??= error;
    this.#socket.destroy();
    this.#wake();
  }

  /** Parses again whenever more bytes came: replies are small, and running out of them throws RangeError. */
  async #read<T>(parse: (bytes: Buffer) => { value: T; used: number }): Promise<T> {
    for (;;) {
      if (this.#failed !== null) throw this.#failed;
      try {
        const { value, used } = parse(this.#bytes);
        this.#bytes = this.#bytes.subarray(used);
        return value;
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
      }
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  async call(bytes: Buffer, expectsValue: boolean): Promise<JavaValue> {
    this.#bytes = Buffer.alloc(0);
    this.#socket.write(bytes);
    return await this.#read((reply) => {
      if (reply.readUInt8(0) !== 0x51) throw new JmxError('unexpected answer over RMI');
      const reader = new JavaReader(reply, 1);
      const normal = reader.blockData().readInt8(0) === 1;
      const value = normal && !expectsValue ? null : reader.object();
      if (!normal) throw remoteError(value);
      return { value, used: reply.length };
    });
  }
}

function remoteError(value: JavaValue): JmxError {
  let at = value as JavaObject | null;
  let message = '';
  let name = 'unknown';
  // The cause says more than the wrappers around it.
  for (let depth = 0; at !== null && typeof at === 'object' && depth < 8; depth += 1) {
    name = at.className;
    const text = at.fields['detailMessage'];
    if (typeof text === 'string') message = text;
    const cause = at.fields['cause'] ?? at.fields['exception'] ?? at.fields['detail'];
    if (cause === at || cause === null || typeof cause !== 'object') break;
    at = cause as JavaObject;
  }
  return new JmxError(`${name}: ${message}`, name);
}

/** Connections by endpoint; closed together. */
export class RmiClient {
  readonly #wires = new Map<string, Promise<Wire>>();
  #closed: Error | null = null;

  /** @param expectsValue false for methods that return void */
  async call(
    target: RemoteObject,
    operation: number,
    hash: bigint,
    args: readonly Buffer[],
    expectsValue = true,
  ): Promise<JavaValue> {
    if (this.#closed !== null) throw this.#closed;
    const key = `${target.host} ${target.port}`;
    const known = this.#wires.get(key) ?? Wire.open(target.host, target.port);
    this.#wires.set(key, known);
    try {
      return await (await known).call(callBytes(target, operation, hash, args), expectsValue);
    } catch (error) {
      if (error instanceof JavaStreamError) throw new JmxError('the answer cannot be read', null, error);
      throw error;
    }
  }

  close(reason: Error = new JmxError('the JMX client was closed')): void {
    this.#closed ??= reason;
    for (const wire of this.#wires.values()) wire.then((open) => open.fail(reason)).catch(() => {});
  }
}

/** What a returned stub points at: UnicastRef or UnicastRef2 in its annotation. */
export function remoteOf(stub: JavaValue, host: string): RemoteObject {
  const block =
    typeof stub === 'object' && stub !== null && !Array.isArray(stub)
      ? stub.annotation.find(Buffer.isBuffer)
      : undefined;
  if (block === undefined) throw new JmxError('a remote object was expected');
  const kind = block.subarray(2, 2 + block.readUInt16BE(0)).toString('utf8');
  let at = 2 + kind.length;
  if (kind === 'UnicastRef2') at += 1;
  else if (kind !== 'UnicastRef') throw new JmxError(`remote reference of an unknown kind ${kind}`);
  const nameLength = block.readUInt16BE(at);
  at += 2 + nameLength;
  // The stub's own host is the machine's name for itself; the port is on the host that we asked.
  return { host, port: block.readInt32BE(at), objectId: Buffer.from(block.subarray(at + 4, at + 26)) };
}
