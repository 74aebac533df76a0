// Remote Java objects and their methods: how a call names them, and how a returned stub does.
import { createHash } from 'node:crypto';
import { isJavaObject, type JavaValue } from './java-value.ts';
import { utf } from './java-writer.ts';
import { JmxError } from './jmx-error.ts';

export interface RemoteObject {
  host: string;
  port: number;
  /** ObjID as it travels: 22 bytes */
  objectId: Buffer;
}

export interface RemoteMethod {
  /** -1, but for the registry, whose stub is of the old kind */
  operation: number;
  /** of the method, or of the old stub's interface */
  hash: bigint;
  returnsValue: boolean;
}

/** A method by its name and descriptor: SHA-1 of that as DataOutput writes it, first eight bytes, little end first. */
export const remoteMethod = (descriptor: string): RemoteMethod => ({
  operation: -1,
  hash: createHash('sha1').update(utf(descriptor)).digest().readBigInt64LE(0),
  returnsValue: !descriptor.endsWith(')V'),
});

/** java.rmi.registry.Registry.lookup: the third method of the interface with this hash, as every JDK's RegistryImpl_Stub calls it. */
export const LOOKUP: RemoteMethod = { operation: 2, hash: 4905912898345647071n, returnsValue: true };

/** The registry is always object 0. */
export const registryAt = (host: string, port: number): RemoteObject => ({
  host,
  port,
  objectId: Buffer.alloc(22),
});

/** The body of a call: an object stream that begins with a block of 34 bytes. */
export function callMessage(target: RemoteObject, method: RemoteMethod, args: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(12);
  head.writeInt32BE(method.operation, 0);
  head.writeBigInt64BE(method.hash, 4);
  const streamHeaderAndBlock = Buffer.from([0xac, 0xed, 0x00, 0x05, 0x77, 34]);
  return Buffer.concat([streamHeaderAndBlock, target.objectId, head, ...args]);
}

/**
 * What a returned stub points at. Its own host is only the machine's name for itself, if not a lure: the port is looked for on
 * the host that was asked.
 * @throws JmxError when it is no stub, or one that wants a socket factory (JMX over TLS)
 */
export function remoteOf(stub: JavaValue, host: string): RemoteObject {
  // A dynamic proxy keeps the reference in its invocation handler.
  const holder = isJavaObject(stub) && isJavaObject(stub.fields['h']) ? stub.fields['h'] : stub;
  const block = isJavaObject(holder) ? holder.annotation.find((item) => Buffer.isBuffer(item)) : undefined;
  if (block === undefined) throw new JmxError('a remote object was expected over JMX');
  try {
    const kindEnd = 2 + block.readUInt16BE(0);
    const kind = block.toString('latin1', 2, kindEnd);
    if (kind !== 'UnicastRef' && kind !== 'UnicastRef2')
      throw new JmxError(`remote reference of an unknown kind '${kind.slice(0, 32)}'`);
    const hasFactory = kind === 'UnicastRef2' && block.readUInt8(kindEnd) !== 0;
    if (hasFactory) throw new JmxError('JMX over TLS is not spoken here');
    const hostAt = kindEnd + (kind === 'UnicastRef2' ? 1 : 0);
    const portAt = hostAt + 2 + block.readUInt16BE(hostAt);
    const objectId = Buffer.from(block.subarray(portAt + 4, portAt + 26));
    if (objectId.length < 22) throw new RangeError('an object id cut short');
    const port = block.readUInt32BE(portAt);
    if (port < 1 || port > 65_535) throw new RangeError(`no port: ${port}`);
    return { host, port, objectId };
  } catch (cause) {
    throw cause instanceof JmxError ? cause : new JmxError('a remote reference cannot be read', { cause });
  }
}
