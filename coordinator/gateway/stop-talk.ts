// Leave to stop a node, on one stream: what this agent asks and is answered, and what it is asked to see of its ring for others.
import { inert } from '../../shared/inert-text.ts';
import { isLooking } from '../../shared/looking.ts';
import type { RingView } from '../../shared/ring-view.ts';
import { viewOf } from '../../shared/ring-view-form.ts';
import type { RunInput } from '../../shared/run-input.ts';
import { shortAddress } from '../../shared/short-address.ts';
import type { AgentMessage, CoordinatorMessage } from '../../shared/wire/messages.ts';
import { sharingOf } from '../core/planning/sharing.ts';
import type { Database } from '../store/database.ts';
import { askToStop, keepView, type Seen, stopAnswers } from '../store/gate.ts';
import type { OpenLook } from '../store/node-looks.ts';
import { keepSharing, knowsSharing } from '../store/ring-sharing.ts';
import type { Wakes } from '../store/wakes.ts';
import { formFrom } from './ring-view-schema.ts';

const NOT_READABLE = 'what its agent said of the ring cannot be read';

/** @returns the view, or a problem instead of one */
function seenOf({ viewJson, problem, down }: Extract<AgentMessage, { kind: 'ring-view' }>): Seen {
  if (viewJson === '') return { problem: inert(problem) || NOT_READABLE, down };
  try {
    // PostgreSQL's JSON holds no NUL.
    if (viewJson.includes('\\u0000')) return { problem: NOT_READABLE, down: false };
    return { view: formFrom(viewJson) };
  } catch {
    return { problem: NOT_READABLE, down: false };
  }
}

const lookKey = ({ id, round }: OpenLook): string => `${id} ${round}`;

export class StopTalk {
  readonly #nodeId: string;
  readonly #db: Database;
  readonly #wakes: Pick<Wakes, 'wake'>;
  readonly #send: (message: CoordinatorMessage) => void;
  /** questions that this agent asked on this stream, with what it was told last */
  readonly #asked = new Map<string, string>();
  /** looks that this agent was asked for and has not answered */
  #handed = new Map<string, OpenLook>();
  /** checks that this agent was given, by run, with the address of its node: not answered yet */
  readonly #checks = new Map<string, string>();

  constructor(
    nodeId: string,
    db: Database,
    wakes: Pick<Wakes, 'wake'>,
    send: (message: CoordinatorMessage) => void,
  ) {
    this.#nodeId = nodeId;
    this.#db = db;
    this.#wakes = wakes;
    this.#send = send;
  }

  get isAsking(): boolean {
    return this.#asked.size > 0;
  }

  /** @param look the question's id and the round */
  wasHanded(look: string): boolean {
    return this.#handed.has(look);
  }

  async ask({ questionId, runId, address }: Extract<AgentMessage, { kind: 'stop-question' }>): Promise<void> {
    const asked = await askToStop(this.#db, { id: questionId, runId, nodeId: this.#nodeId, address });
    if (asked === null) return;
    this.#asked.set(questionId, '');
    for (const nodeId of asked.nodesToWake) this.#wakes.wake('node', nodeId);
    this.#wakes.wake('job', asked.jobId); // should nobody answer, the pass is to notice it
  }

  toTakeOn(runId: string, input: RunInput): void {
    if (!isLooking(input)) return;
    const { broadcastAddress, listenAddress } = input.node;
    this.#checks.set(runId, shortAddress(broadcastAddress ?? listenAddress));
  }

  /**
   * Its agent is at it, and knows where its database node is. What a node that is checked sees of its own ranges says who shares
   * them: plans want that before the first stop.
   */
  async tookOn(runId: string): Promise<void> {
    const address = this.#checks.get(runId);
    if (address === undefined) return;
    if (await knowsSharing(this.#db, this.#nodeId)) this.#checks.delete(runId);
    else this.#send({ kind: 'look-at-ring', questionId: runId, address, round: 0 });
  }

  async saw(message: Extract<AgentMessage, { kind: 'ring-view' }>): Promise<void> {
    const { questionId, round } = message;
    const checked = this.#checks.get(questionId);
    if (checked !== undefined) {
      this.#checks.delete(questionId);
      const seen = seenOf(message);
      if ('view' in seen) await this.#keepSharing(checked, viewOf(seen.view));
      return;
    }
    await this.#keep(questionId, round, seenOf(message));
  }

  /** While a node joins, leaves or moves, or where the ring knows it by another address, its view does not say who shares its ranges. */
  async #keepSharing(address: string, view: RingView): Promise<void> {
    const { live, joining, leaving, moving } = view;
    const sharing = sharingOf(address, [view]);
    const isAtRest = live.includes(address) && [...joining, ...leaving, ...moving].length === 0;
    if (isAtRest && sharing.groups.length > 0) await keepSharing(this.#db, this.#nodeId, sharing);
  }

  /** This agent did not know a message: it is from before nodes were asked what they see. */
  async unsupported(): Promise<void> {
    const problem = 'its agent is of a version that cannot look at the ring';
    for (const { id, round } of this.#handed.values()) await this.#keep(id, round, { problem, down: false });
  }

  async #keep(questionId: string, round: number, seen: Seen): Promise<void> {
    const jobId = await keepView(this.#db, this.#nodeId, questionId, round, seen);
    if (jobId !== null) this.#wakes.wake('job', jobId);
  }

  /** Hands on what it is to look for, and tells what was decided on its own questions. */
  async look(open: readonly OpenLook[]): Promise<void> {
    const before = this.#handed;
    this.#handed = new Map(open.map((one) => [lookKey(one), one]));
    for (const [key, { id, address, round }] of this.#handed)
      if (!before.has(key)) this.#send({ kind: 'look-at-ring', questionId: id, address, round });
    if (this.#asked.size === 0) return;
    for (const answer of await stopAnswers(this.#db, this.#nodeId)) {
      const now = JSON.stringify(answer);
      const told = this.#asked.get(answer.questionId);
      if (told === undefined || told === now) continue;
      this.#send({ kind: 'stop-answer', ...answer });
      if (answer.verdict === 'wait') this.#asked.set(answer.questionId, now);
      else this.#asked.delete(answer.questionId);
    }
  }
}
