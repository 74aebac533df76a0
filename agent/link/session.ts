// One attached stream: hello first, then records within the credit window, heartbeats, and what the coordinator orders.
import { once } from 'node:events';
import { type ClientDuplexStream, type ServiceError, status } from '@grpc/grpc-js';
import type { Logger } from '../../shared/log.ts';
import { agentMessageToWire, coordinatorMessageFromWire } from '../../shared/wire/codec.ts';
import type {
  AgentMessage,
  CoordinatorMessage,
  RecordBody,
  RunProgress,
} from '../../shared/wire/messages.ts';
import type { AgentStream } from '../../shared/wire/service.ts';
import type { Outbox } from '../disk/outbox.ts';
import type { Peers } from '../peers.ts';
import type { Runner } from '../runner.ts';
import type { StopLeave } from '../stop-leave.ts';

const MOST_RECORDS = 200;
const MOST_BATCH_BYTES = 256 * 1024;
/** A coordinator that takes our hello and stays silent is left for another; pings alone would not tell. */
const WELCOME_WITHIN_MS = 20_000;
/** How soon it is told which step a run has come to. */
const STEP_LOOK_MS = 1_000;

const stepsOf = (runs: readonly RunProgress[]): string =>
  runs.map(({ runId, stepNumber }) => `${runId} ${stepNumber}`).join(' ');

/** How a stream ended: superseded means never dial again. */
export interface SessionEnd {
  superseded: boolean;
  /** welcome came: the address is good */
  attached: boolean;
  /** the coordinator knows this agent no more: its node was deleted, or has another certificate now */
  refused: boolean;
  reason: string;
}

export interface SessionParts {
  runner: Pick<Runner, 'heldRunIds' | 'progress' | 'take' | 'secretsCame' | 'stop' | 'fence' | 'stored'>;
  outbox: Pick<Outbox, 'ready' | 'take' | 'rewind'>;
  peers: Pick<Peers, 'attached' | 'watch' | 'answered'>;
  stopLeave: Pick<StopLeave, 'attached' | 'look' | 'answered' | 'unsupported'>;
  version: string;
  hostname: string;
  log: Logger;
  /** welcome came */
  onAttached?: () => void;
}

export interface SessionSignals {
  /** the agent ends */
  ending: AbortSignal;
  /** the stream was opened with a certificate that another has taken the place of */
  replaced?: AbortSignal;
}

/**
 * Lives until the stream ends or one of the signals fires. Never throws.
 * @param streamId a UUIDv7 larger than those of all streams before
 */
export async function runSession(
  stream: AgentStream,
  streamId: string,
  parts: SessionParts,
  signals: SessionSignals,
): Promise<SessionEnd> {
  return await new Session(stream, parts).run(streamId, signals);
}

class Session {
  readonly #stream: ClientDuplexStream<object, never>;
  readonly #parts: SessionParts;
  readonly #over = new AbortController();
  #credit = 0;
  #creditCame: () => void = () => {};
  #heartbeat: NodeJS.Timeout | null = null;
  #beatenMs = performance.now();
  #beatenSteps = '';
  #pace = { withRunMs: 10_000, idleMs: 60_000 };
  #attached = false;
  #superseded: string | null = null;
  #refused = false;
  #endWith: (reason: string) => void = () => {};
  #turn: Promise<void> = Promise.resolve();

  constructor(stream: AgentStream, parts: SessionParts) {
    this.#stream = stream as unknown as ClientDuplexStream<object, never>;
    this.#parts = parts;
  }

  async run(streamId: string, { ending, replaced }: SessionSignals): Promise<SessionEnd> {
    const { runner, version, hostname } = this.#parts;
    const ended = new Promise<string>((resolve) => {
      this.#endWith = resolve;
    });
    this.#stream.on('error', (error: Partial<ServiceError> & Error) => {
      this.#refused = error.code === status.PERMISSION_DENIED;
      this.#endWith(error.message);
    });
    this.#stream.on('end', () => this.#endWith('the coordinator ended the stream'));
    // These signals outlive the stream: its listeners must not.
    const { signal } = this.#over;
    ending.addEventListener('abort', () => this.#endWith('the agent ends'), { signal });
    replaced?.addEventListener('abort', () => this.#endWith('a new certificate came'), { signal });
    this.#stream.on('data', (raw: Parameters<typeof coordinatorMessageFromWire>[0]) => {
      const message = coordinatorMessageFromWire(raw);
      // Only what is unknown is answered, never the other side's own Unsupported; and it is no answer to anything of ours.
      if (message.kind === 'unsupported' && raw.kind !== 'unsupported') {
        this.#send(message);
        this.#warnOfUnknown(message.what);
      } else this.#receive(message);
    });
    const limit = setTimeout(() => {
      if (!this.#attached) this.#endWith('no welcome came');
    }, WELCOME_WITHIN_MS);
    this.#send({ kind: 'hello', version, hostname, runIds: runner.heldRunIds(), streamId });
    const reason = await ended;
    clearTimeout(limit);
    this.#over.abort();
    if (this.#heartbeat !== null) clearTimeout(this.#heartbeat);
    this.#creditCame();
    this.#stream.end();
    this.#stream.cancel();
    await this.#turn; // the next hello must name every run that this stream brought
    return {
      superseded: this.#superseded !== null,
      attached: this.#attached,
      refused: this.#refused,
      reason: this.#superseded ?? reason,
    };
  }

  #send(message: AgentMessage): boolean {
    return this.#over.signal.aborted ? true : this.#stream.write(agentMessageToWire(message));
  }

  #receive(message: CoordinatorMessage): void {
    // Neither is held up by orders under way: the stream ends right after the second.
    if (message.kind === 'ack') {
      this.#credit += message.batches;
      this.#creditCame();
    } else if (message.kind === 'superseded') {
      this.#superseded = message.reason;
      this.#endWith(message.reason);
      return;
    }
    this.#turn = this.#turn.then(() => this.#handle(message)).catch((err) => this.#failed(message, err));
  }

  #warnOfUnknown(reason: string): void {
    const { log } = this.#parts;
    log.warn('a message of one side is unknown to the other', { component: 'link', reason });
  }

  /** A coordinator tells an order once a stream: on the next one it tells again whatever is not settled. */
  #failed({ kind }: CoordinatorMessage, err: unknown): void {
    this.#parts.log.error('order not carried out', { component: 'link', reason: kind, err });
    this.#endWith(`${kind} could not be carried out`);
  }

  async #handle(message: CoordinatorMessage): Promise<void> {
    const { runner, peers, stopLeave, log } = this.#parts;
    switch (message.kind) {
      case 'welcome':
        this.#attached = true;
        this.#parts.onAttached?.();
        this.#pace = { withRunMs: message.heartbeatWithRunMs, idleMs: message.heartbeatIdleMs };
        this.#credit = message.creditBatches;
        for (const { runId, secretsJson } of message.secrets) await runner.secretsCame(runId, secretsJson);
        peers.attached((question) => void this.#send(question));
        stopLeave.attached((question) => void this.#send(question));
        this.#parts.outbox.rewind();
        void this.#sendRecords();
        this.#beatLater();
        log.info('attached', { component: 'link' });
        return;
      case 'start-run': {
        const refused = await runner.take(message.runId, message.inputJson, message.secretsJson);
        this.#send(
          refused === null
            ? { kind: 'run-accepted', runId: message.runId }
            : { kind: 'run-refused', runId: message.runId, reason: refused },
        );
        this.#beat(); // how far it is, before the first pause is over
        return;
      }
      case 'stop-run':
        return await runner.stop(message.runId);
      case 'fence-run':
        // Letting go may take as long as the step needs; nothing else waits for it.
        void runner.fence(message.runId).then(
          () => this.#send({ kind: 'let-go', runId: message.runId }),
          (err) => this.#failed(message, err),
        );
        return;
      case 'ack':
        for (const { runId, seq } of message.acks) await runner.stored(runId, seq);
        return;
      case 'superseded':
        return; // in #receive
      case 'watch-peer':
        void peers.watch(message).then(
          (view) => this.#send(view),
          (err) => this.#failed(message, err),
        );
        return;
      case 'peer-answer':
        return peers.answered(message);
      case 'look-at-ring':
        void stopLeave.look(message).then(
          (view) => this.#send(view),
          (err) => this.#failed(message, err),
        );
        return;
      case 'stop-answer':
        return stopLeave.answered(message);
      case 'unsupported':
        stopLeave.unsupported(message.what);
        return this.#warnOfUnknown(message.what);
    }
  }

  /** As often as the coordinator asked, and within a second of a step's beginning. */
  #beatLater(): void {
    if (this.#over.signal.aborted) return;
    if (this.#heartbeat !== null) clearTimeout(this.#heartbeat);
    const isHeld = this.#parts.runner.progress().length > 0;
    const dueMs = this.#beatenMs + (isHeld ? this.#pace.withRunMs : this.#pace.idleMs);
    const lookMs = Math.max(0, Math.min(dueMs - performance.now(), isHeld ? STEP_LOOK_MS : Infinity));
    this.#heartbeat = setTimeout(() => {
      if (performance.now() >= dueMs || stepsOf(this.#parts.runner.progress()) !== this.#beatenSteps)
        this.#beat();
      else this.#beatLater();
    }, lookMs);
  }

  #beat(): void {
    const runs = this.#parts.runner.progress();
    this.#send({ kind: 'heartbeat', runs });
    this.#beatenMs = performance.now();
    this.#beatenSteps = stepsOf(runs);
    this.#beatLater();
  }

  /** An idle outbox is sent at once; while batches are unacknowledged the next one gathers by itself. */
  async #sendRecords(): Promise<void> {
    const { outbox, log } = this.#parts;
    const { signal } = this.#over;
    try {
      while (!signal.aborted) {
        await outbox.ready(signal);
        while (this.#credit <= 0 && !signal.aborted)
          await new Promise<void>((resolve) => (this.#creditCame = resolve));
        if (signal.aborted) return;
        const entries = outbox.take(MOST_RECORDS, MOST_BATCH_BYTES);
        if (entries.length === 0) continue;
        this.#credit -= 1;
        const records = entries.map(({ runId, seq, body }) => ({ runId, seq, body: body as RecordBody }));
        if (!this.#send({ kind: 'record-batch', records })) await once(this.#stream, 'drain', { signal });
      }
    } catch (err) {
      if (signal.aborted) return;
      log.error('records not sent', { component: 'link', err });
      this.#endWith('the records to be sent could not be read'); // the next stream begins with all of them
    }
  }
}
