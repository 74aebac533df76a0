// One agent's stream: delivers its runs, takes its records and answers, tells it what is settled.
import type { Logger } from '../../shared/log.ts';
import { isUuid, uuidv7 } from '../../shared/uuid.ts';
import type { HeardMessage } from '../../shared/wire/heard.ts';
import type { CoordinatorMessage, RunProgress } from '../../shared/wire/messages.ts';
import type { Database } from '../store/database.ts';
import type { Due } from '../store/node-looks.ts';
import { standingOf } from '../store/presence.ts';
import { acceptRun, finishRun, letGoOfRun } from '../store/runs.ts';
import type { Wakes } from '../store/wakes.ts';
import type { Caller, Desk, Look } from './desk.ts';
import type { Ingest } from './ingest.ts';
import { CREDIT_BATCHES, Intake } from './intake.ts';
import type { LifeSigns } from './life-signs.ts';
import { PeerTalk } from './peer-talk.ts';
import { StopTalk } from './stop-talk.ts';

/** What a session needs besides the store; declared here, given by the server. */
export interface SessionParts {
  db: Database;
  wakes: Wakes;
  ingest: Ingest;
  desk: Desk;
  lifeSigns: Pick<LifeSigns, 'heard'>;
  agentMoved: (nodeId: string) => void;
  log: Logger;
}

export const HEARTBEAT_WITH_RUN_MS = 10_000;
export const HEARTBEAT_IDLE_MS = 60_000;

/** An agent's messages that may wait for their turn, the database being slow: no sound agent has that much to say. */
const MOST_IN_HAND = 100;

/** An agent that could not let go of a run is asked again; one that is still about it answers each time. */
const FENCE_AGAIN_MS = 60_000;

/** How a stream ended from our side. */
export type Ending = 'superseded' | 'unknown-node' | 'former-certificate' | 'protocol' | 'closed';

export class Session {
  readonly nodeId: string;
  readonly #parts: SessionParts;
  readonly #caller: Caller;
  readonly #send: (message: CoordinatorMessage) => void;
  readonly #end: (ending: Ending, message: string) => void;
  readonly #log: Logger;
  /** what this stream was told of each run, and when */
  readonly #told = new Map<string, number>();
  /** how far each run was in the last heartbeat */
  #ticks: ReadonlyMap<string, number> = new Map();
  #unlisten: (() => void) | null = null;
  readonly #intake: Intake;
  readonly #peers: PeerTalk;
  readonly #stops: StopTalk;
  /** messages are handled one after the other, so that what is told never races what was told before */
  #turn: Promise<void> = Promise.resolve();
  /** the stream's own, from its hello; null before */
  #id: string | null = null;
  /** the agent's messages waiting for their turn, the one being handled included */
  #inHand = 0;
  #lookAhead = false;
  #attached = false;
  #ended = false;

  constructor(
    caller: Caller,
    parts: SessionParts,
    send: (message: CoordinatorMessage) => void,
    end: (ending: Ending, message: string) => void,
  ) {
    const { nodeId } = caller;
    this.nodeId = nodeId;
    this.#caller = caller;
    this.#parts = parts;
    this.#send = (message) => {
      if (!this.#ended) send(message);
    };
    this.#end = end;
    this.#intake = new Intake(nodeId, parts.ingest, { send: this.#send, end });
    this.#peers = new PeerTalk(nodeId, parts.db, parts.wakes, this.#send);
    this.#stops = new StopTalk(nodeId, parts.db, parts.wakes, this.#send);
    this.#log = parts.log.child({ component: 'session', nodeId });
  }

  /** What the node's row names while this stream is attached; null before its hello. */
  get id(): string | null {
    return this.#id;
  }

  /** Looks again, soon, what there is to do for this node, and whether the stream is still its newest. */
  look(): void {
    if (this.#id === null || this.#lookAhead) return;
    // Wakes that come before the look that the first of them asked for need no look of their own.
    this.#lookAhead = true;
    this.#inTurn(() => {
      this.#lookAhead = false;
      return this.#lookAtNode();
    });
  }

  /** Whether this stream has still to be told: its wake may have been lost with the coordinator that was to send it. */
  lacks({ what, id }: Due): boolean {
    if (what === 'look-at-ring') return !this.#stops.wasHanded(id);
    return what === 'watch-peer' ? !this.#peers.wasHanded(id) : this.#isDue(what, id);
  }

  /** Whether answers to this agent's questions may have come unnoticed. */
  get isAsking(): boolean {
    return this.#peers.isAsking || this.#stops.isAsking;
  }

  receive(message: HeardMessage): void {
    if (this.#ended) return; // it was on its way when we ended the stream
    // These two do not wait for their turn: records are much, and a life sign says nothing once it is late.
    if (this.#attached && message.kind === 'record-batch') this.#intake.take(message.batch);
    else if (this.#attached && message.kind === 'heartbeat') this.#noteProgress(message.runs);
    else if (this.#inHand >= MOST_IN_HAND)
      this.#end('protocol', `more than ${MOST_IN_HAND} messages in hand`);
    else {
      this.#inHand += 1;
      this.#inTurn(() => this.#handle(message).finally(() => (this.#inHand -= 1)));
    }
  }

  #noteProgress(runs: readonly RunProgress[]): void {
    for (const run of runs)
      if (this.#ticks.get(run.runId) !== run.ticks) this.#parts.lifeSigns.heard(this.nodeId, run);
    this.#ticks = new Map(runs.map(({ runId, ticks }) => [runId, ticks]));
  }

  /** The stream is gone, for whatever reason. */
  async close(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    this.#intake.close();
    await this.#turn;
    this.#unlisten?.();
    if (this.#id === null) return;
    // Should this fail, the gateway finds the row later and clears it.
    await this.#parts.desk
      .left({ nodeId: this.nodeId, sessionId: this.#id })
      .catch((err) => this.#log.warn('cannot note that an agent left', { err }));
    this.#parts.agentMoved(this.nodeId);
    if (this.#attached) this.#log.info('agent left');
  }

  #inTurn(work: () => Promise<void>): void {
    this.#turn = this.#turn.then(work).catch((err) => {
      this.#log.warn('message not handled', { err });
      // The agent says hello again on a new stream, and everything not settled is told again.
      if (!this.#ended) this.#end('closed', 'the coordinator could not handle a message; attach again');
    });
  }

  async #handle(message: HeardMessage): Promise<void> {
    if (this.#ended) return;
    const { db, wakes } = this.#parts;
    if (!this.#attached) {
      if (message.kind !== 'hello') return this.#end('protocol', 'the first message must be hello');
      return await this.#attach(message);
    }
    switch (message.kind) {
      case 'run-accepted':
        await acceptRun(db, this.nodeId, message.runId);
        return this.#stops.tookOn(message.runId);
      case 'run-refused': {
        const jobId = await finishRun(db, this.nodeId, message.runId, 'refused', message.reason);
        if (jobId !== null) wakes.wake('job', jobId);
        return;
      }
      case 'let-go': {
        await letGoOfRun(db, this.nodeId, message.runId);
        this.#parts.agentMoved(this.nodeId);
        return;
      }
      case 'peer-question':
        return await this.#peers.ask(message);
      case 'peer-view':
        return await this.#peers.answer(message);
      case 'stop-question':
        return await this.#stops.ask(message);
      case 'ring-view':
        return await this.#stops.saw(message);
      case 'hello':
        return this.#end('protocol', 'hello comes once');
      case 'record-batch':
      case 'heartbeat':
        return;
      case 'unsupported':
        this.#log.warn('agent does not know a message of ours', { reason: message.what });
        return await this.#stops.unsupported();
    }
  }

  async #attach(hello: Extract<HeardMessage, { kind: 'hello' }>): Promise<void> {
    const { wakes, desk } = this.#parts;
    const id = isUuid(hello.streamId) ? hello.streamId.toLowerCase() : uuidv7();
    this.#id = id;
    const held = new Set(hello.runIds);
    // From before the look on: what is written after it wakes us for another.
    this.#unlisten = wakes.onId('node', this.nodeId, () => this.look());
    const answer = await desk.arrived({
      nodeId: this.nodeId,
      sessionId: id,
      version: hello.version,
      hostname: hello.hostname,
      address: this.#caller.address,
      certificateSerial: this.#caller.serial,
      heldRunIds: held,
    });
    if (answer === 'unknown-node') return this.#endUnknown();
    if (answer === 'former-certificate')
      return this.#end(
        answer,
        'this certificate is not good any more: another one was made for its node. Enrol this host anew, or stop this agent',
      );
    if (answer === 'older') return this.#end('closed', 'a newer stream of this node is attached');
    if (answer.look === null) return await this.#endAsItStands();
    const secrets: { runId: string; secretsJson: string }[] = [];
    for (const { id: runId, fenced, secretsJson } of answer.look.runs) {
      if (fenced || !held.has(runId)) continue;
      this.#told.set(`start-run ${runId}`, Date.now());
      secrets.push({ runId, secretsJson: secretsJson ?? '' });
    }
    this.#attached = true;
    this.#send({
      kind: 'welcome',
      heartbeatWithRunMs: HEARTBEAT_WITH_RUN_MS,
      heartbeatIdleMs: HEARTBEAT_IDLE_MS,
      creditBatches: CREDIT_BATCHES,
      secrets,
    });
    this.#log.info('agent attached', { version: hello.version, count: hello.runIds.length });
    await this.#tellWhatToDo(answer.look);
    this.#parts.agentMoved(this.nodeId);
    // The other stream, here or on another coordinator, finds itself superseded.
    if (answer.replaced) wakes.wake('node', this.nodeId);
  }

  /** Woken: a run was written, a stop or a fence asked for, a peer's question came or was answered, or we are no longer the newest. */
  async #lookAtNode(): Promise<void> {
    if (this.#ended || !this.#attached || this.#id === null) return;
    const look = await this.#parts.desk.look({ nodeId: this.nodeId, sessionId: this.#id });
    if (look === undefined) return await this.#endAsItStands();
    await this.#tellWhatToDo(look);
  }

  async #tellWhatToDo({ runs, questions, looks }: Look): Promise<void> {
    for (const { id: runId, fenced, accepted, stopRequested, input, secretsJson } of runs) {
      if (fenced) {
        this.#tell({ kind: 'fence-run', runId });
        continue;
      }
      if (!accepted) {
        if (input !== null) this.#stops.toTakeOn(runId, input);
        this.#tell({
          kind: 'start-run',
          runId,
          inputJson: JSON.stringify(input),
          secretsJson: secretsJson ?? '',
        });
      }
      if (stopRequested) this.#tell({ kind: 'stop-run', runId });
    }
    await this.#peers.look(questions);
    await this.#stops.look(looks);
  }

  #tell(order: Extract<CoordinatorMessage, { kind: 'start-run' | 'stop-run' | 'fence-run' }>): void {
    if (!this.#isDue(order.kind, order.runId)) return;
    this.#told.set(`${order.kind} ${order.runId}`, Date.now());
    this.#send(order);
  }

  /** What was said on a stream arrives, or the stream ends: once is enough. */
  #isDue(order: 'start-run' | 'stop-run' | 'fence-run', runId: string): boolean {
    const toldMs = this.#told.get(`${order} ${runId}`);
    return toldMs === undefined || (order === 'fence-run' && Date.now() - toldMs >= FENCE_AGAIN_MS);
  }

  /** The node does not hold this stream: says which way, so that an agent stops for good only when another one serves its node. */
  async #endAsItStands(): Promise<void> {
    switch (await standingOf(this.#parts.db, this.nodeId, this.#id ?? '')) {
      case 'superseded': {
        const reason = 'a newer stream of this node is attached';
        this.#send({ kind: 'superseded', reason });
        return this.#end('superseded', reason);
      }
      case 'detached':
        return this.#end('closed', 'this stream is not known as attached any more; attach again');
      case 'unknown-node':
        return this.#endUnknown();
    }
  }

  #endUnknown(): void {
    this.#end('unknown-node', `there is no node ${this.nodeId}: it was deleted from the model`);
  }
}
