// One TCP connection to an RMI endpoint (Java RMI Specification, chapter 10, "RMI Wire Protocol"): one call at a time.
import { connect, type Socket } from 'node:net';
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import { inOnePiece, JavaBytes, JavaStreamError, type ReadingStep } from './java-bytes.ts';
import { JavaReader, type TakePair } from './java-reader.ts';
import type { JavaValue } from './java-value.ts';
import { utf } from './java-writer.ts';
import { JmxError } from './jmx-error.ts';
import { remoteError } from './remote-error.ts';

/** That have come and were not read; of most answers, all. */
const MOST_UNREAD_BYTES = 16 * 1024 * 1024;
/** Of an answer whose pairs are taken one by one; the ranges of 1,000 nodes with 256 tokens and nine replicas are a quarter of it. */
const MOST_REPLY_BYTES = 256 * 1024 * 1024;
/** More than this has to wait at the sender while what came before is read. */
const MOST_WAITING_BYTES = 1024 * 1024;
/** Reading stands back for others after so long. */
const SLICE_MS = 10;
const GOODBYE_MS = 1_000;

/** "JRMI", version 2, StreamProtocol. */
const HELLO = Buffer.from([0x4a, 0x52, 0x4d, 0x49, 0x00, 0x02, 0x4b]);
const [PROTOCOL_ACK, CALL, RETURN] = [0x4e, 0x50, 0x51];
const NORMAL_RETURN = 1;

export class JrmpWire {
  readonly #socket: Socket;
  readonly #bytes = new JavaBytes();
  /** come and not yet among them */
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  /** since the last question */
  #cameBytes = 0;
  #wake: () => void = () => {};
  #failed: JmxError | null = null;
  #greeted = false;

  constructor(host: string, port: number) {
    this.#socket = connect({ host, port, noDelay: true });
    this.#socket.on('data', (chunk) => {
      this.#waiting.push(chunk);
      this.#waitingBytes += chunk.length;
      this.#cameBytes += chunk.length;
      const unread = this.#bytes.left + this.#waitingBytes;
      if (unread > MOST_UNREAD_BYTES || this.#cameBytes > MOST_REPLY_BYTES)
        this.fail(new JmxError('the answer over JMX is too large'));
      if (this.#waitingBytes > MOST_WAITING_BYTES) this.#socket.pause();
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
   * @param take gets the pairs of a map that is returned, as they come, and the map is empty then; null: the map has them
   * @throws JmxError
   */
  async call(message: Buffer, returnsValue: boolean, take: TakePair | null): Promise<JavaValue> {
    try {
      if (!this.#greeted) await this.#greet();
      // Else a late one would pass for the answer to this question.
      if (this.#hasUnread()) throw new JmxError('an answer over JMX without a question');
      this.#cameBytes = 0;
      this.#socket.write(frame(message));
      const answer = await this.#read(readReturn(this.#bytes, returnsValue, take));
      if (this.#hasUnread()) throw new JmxError('more than one answer over JMX');
      if (answer.isNormal) return answer.value;
      throw remoteError(answer.value);
    } catch (cause) {
      const error =
        cause instanceof JmxError ? cause : new JmxError('the answer over JMX cannot be read', { cause });
      this.fail(error);
      throw error;
    }
  }

  #hasUnread = (): boolean => this.#bytes.left + this.#waitingBytes > 0;

  async #greet(): Promise<void> {
    this.#socket.write(HELLO);
    const bytes = this.#bytes;
    const hello = inOnePiece(bytes, () => {
      if (bytes.u8() !== PROTOCOL_ACK) throw new JmxError('this port does not speak RMI');
      // Our host (a counted text) and port as the server sees them: nothing that we need.
      bytes.utf();
      bytes.i32();
    });
    await this.#read(hello);
    // The address where this client would serve calls, if it did.
    this.#socket.write(Buffer.concat([utf('127.0.0.1'), Buffer.alloc(4)]));
    this.#greeted = true;
  }

  /** Messages carry no length: whether one, or a piece of it, is whole shows by reading it. */
  async #read<T>(steps: Generator<ReadingStep, T, void>): Promise<T> {
    await this.#more();
    let sliceMs = performance.now();
    for (;;) {
      const startedMs = performance.now();
      const step = steps.next();
      if (step.done) return step.value;
      if (this.#failed !== null && step.value === 'on') throw this.#failed;
      const nowMs = performance.now();
      if (step.value === 'more') {
        // A peer that sends a huge piece in crumbs gets at most half of our time.
        if (nowMs - startedMs > 2) await delay(nowMs - startedMs);
        await this.#more();
      } else if (nowMs - sliceMs < SLICE_MS) continue;
      else await turn();
      sliceMs = performance.now();
    }
  }

  /** Resolves once there are more bytes. @throws JmxError */
  async #more(): Promise<void> {
    while (this.#waiting.length === 0) {
      if (this.#failed !== null) throw this.#failed;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    this.#bytes.add(this.#waiting);
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#socket.resume();
  }
}

const frame = (message: Buffer): Buffer => Buffer.concat([Buffer.from([CALL]), message]);

/** ReturnData: a byte for normal or exceptional, a UID for acknowledging (see rmi-client.ts), then the value if there is one. */
export function* readReturn(
  bytes: JavaBytes,
  returnsValue: boolean,
  take: TakePair | null,
): Generator<ReadingStep, { isNormal: boolean; value: JavaValue }, void> {
  const { reader, isNormal } = yield* inOnePiece(bytes, () => {
    const message = bytes.u8();
    if (message !== RETURN) throw new JavaStreamError(`unexpected message ${message} over RMI`);
    const begun = new JavaReader(bytes);
    return { reader: begun, isNormal: begun.blockData()[0] === NORMAL_RETURN };
  });
  if (isNormal && !returnsValue) return { isNormal, value: null };
  return { isNormal, value: yield* reader.objectInSteps(isNormal ? take : null) };
}
