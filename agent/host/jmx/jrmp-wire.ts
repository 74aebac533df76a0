// One TCP connection to an RMI endpoint (Java RMI Specification, chapter 10, "RMI Wire Protocol"): one call at a time.
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { JavaReader, JavaStreamError, StreamEndsTooSoon } from './java-reader.ts';
import type { JavaValue } from './java-value.ts';
import { utf } from './java-writer.ts';
import { JmxError } from './jmx-error.ts';
import { remoteError } from './remote-error.ts';

export const MOST_REPLY_BYTES = 16 * 1024 * 1024;
const GOODBYE_MS = 1_000;

/** "JRMI", version 2, StreamProtocol. */
const HELLO = Buffer.from([0x4a, 0x52, 0x4d, 0x49, 0x00, 0x02, 0x4b]);
const [PROTOCOL_ACK, CALL, RETURN] = [0x4e, 0x50, 0x51];
const NORMAL_RETURN = 1;

/** Reads one whole message, or throws StreamEndsTooSoon when more bytes are needed. `used`: how many it took. */
type Parse<T> = (bytes: Buffer) => { value: T; used: number };

export class JrmpWire {
  readonly #socket: Socket;
  #chunks: Buffer[] = [];
  #size = 0;
  #wake: () => void = () => {};
  #failed: JmxError | null = null;
  #greeted = false;

  constructor(host: string, port: number) {
    this.#socket = connect({ host, port, noDelay: true });
    this.#socket.on('data', (chunk) => {
      this.#chunks.push(chunk);
      this.#size += chunk.length;
      if (this.#size > MOST_REPLY_BYTES) this.fail(new JmxError('the answer over JMX is too large'));
      this.#wake();
    });
    this.#socket.on('error', (cause) =>
      this.fail(new JmxError(`no JMX connection to ${host}:${port}`, { cause })),
    );
    this.#socket.on('close', () => this.fail(new JmxError('the JMX connection was closed')));
  }

  /** Ends the connection; the call under way rejects with this error. The first one holds. */
  fail(error: JmxError): void {
    this.#failed ??= error;
    this.#socket.destroy();
    this.#wake();
  }

  /** A last call whose answer does not matter: sends it and goes, within a second. */
  sayGoodbye(message: Buffer): void {
    this.#socket.unref();
    this.#socket.setTimeout(GOODBYE_MS, () => this.#socket.destroy());
    this.#socket.end(frame(message));
  }

  /** False once it was ended by either side. */
  get isOpen(): boolean {
    return this.#failed === null;
  }

  /**
   * Ends the connection unless it succeeds: after an exception that came up before the method ran, the server hangs up.
   * @param returnsValue false for methods that return void
   * @throws JmxError
   */
  async call(message: Buffer, returnsValue: boolean): Promise<JavaValue> {
    try {
      if (!this.#greeted) await this.#greet();
      // Else a late one would pass for the answer to this question.
      if (this.#size > 0) throw new JmxError('an answer over JMX without a question');
      this.#socket.write(frame(message));
      const answer = await this.#read((bytes) => parseReturn(bytes, returnsValue));
      if (this.#size > 0) throw new JmxError('more than one answer over JMX');
      if (answer.isNormal) return answer.value;
      throw remoteError(answer.value);
    } catch (cause) {
      const error =
        cause instanceof JmxError ? cause : new JmxError('the answer over JMX cannot be read', { cause });
      this.fail(error);
      throw error;
    }
  }

  async #greet(): Promise<void> {
    this.#socket.write(HELLO);
    await this.#read((bytes) => {
      if (bytes[0] !== PROTOCOL_ACK) throw new JmxError('this port does not speak RMI');
      // Our host (a counted text) and port as the server sees them: nothing that we need.
      const used = bytes.length < 3 ? 3 : 7 + bytes.readUInt16BE(1);
      if (bytes.length < used) throw new StreamEndsTooSoon('not there yet');
      return { value: null, used };
    });
    // The address where this client would serve calls, if it did.
    this.#socket.write(Buffer.concat([utf('127.0.0.1'), Buffer.alloc(4)]));
    this.#greeted = true;
  }

  /** Messages carry no length: whether one is whole shows by reading it, so it is tried again as more bytes come. */
  async #read<T>(parse: Parse<T>): Promise<T> {
    for (;;) {
      const tried = this.#size;
      const startedMs = performance.now();
      const parsed = tried === 0 ? null : this.#tryTo(parse);
      if (parsed !== null) return parsed.value;
      if (this.#failed !== null) throw this.#failed;
      // A peer that sends a huge answer in crumbs gets at most half of our time.
      const tookMs = performance.now() - startedMs;
      if (tookMs > 2) await delay(tookMs);
      if (this.#size === tried && this.#failed === null)
        await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #tryTo<T>(parse: Parse<T>): { value: T } | null {
    const bytes = Buffer.concat(this.#chunks);
    this.#chunks = [bytes];
    try {
      const { value, used } = parse(bytes);
      this.#chunks = [bytes.subarray(used)];
      this.#size -= used;
      return { value };
    } catch (error) {
      if (error instanceof StreamEndsTooSoon) return null;
      throw error;
    }
  }
}

const frame = (message: Buffer): Buffer => Buffer.concat([Buffer.from([CALL]), message]);

/** ReturnData: a byte for normal or exceptional, a UID for acknowledging (see rmi-client.ts), then the value if there is one. */
export function parseReturn(
  bytes: Buffer,
  returnsValue: boolean,
): { value: { isNormal: boolean; value: JavaValue }; used: number } {
  if (bytes[0] !== RETURN) throw new JavaStreamError(`unexpected message ${bytes[0]} over RMI`);
  const reader = new JavaReader(bytes, 1);
  const isNormal = reader.blockData()[0] === NORMAL_RETURN;
  const value = isNormal && !returnsValue ? null : reader.object();
  return { value: { isNormal, value }, used: reader.at };
}
