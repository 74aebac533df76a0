// The questions between nodes on one stream: those this agent asks of its peers, and those of peers that it has to answer.
import type { AgentMessage, CoordinatorMessage } from '../../shared/wire/messages.ts';
import type { Database } from '../store/database.ts';
import type { OpenQuestion } from '../store/node-looks.ts';
import { answerQuestion, askPeers, standings } from '../store/peers.ts';
import type { Wakes } from '../store/wakes.ts';

/** Nobody waits for longer than a day to be seen. */
const MOST_WITHIN_MS = 86_400_000;

export class PeerTalk {
  readonly #nodeId: string;
  readonly #db: Database;
  readonly #wakes: Pick<Wakes, 'wake'>;
  readonly #send: (message: CoordinatorMessage) => void;
  /** questions of this agent that are still open, with what was last told of each; only these are told about */
  readonly #asked = new Map<string, string>();
  /** peers' questions handed to this agent that it has not answered yet */
  readonly #handed = new Set<string>();

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

  /** Whether this agent waits for answers: wakes for them can get lost. */
  get isAsking(): boolean {
    return this.#asked.size > 0;
  }

  wasHanded(questionId: string): boolean {
    return this.#handed.has(questionId);
  }

  async ask(question: Extract<AgentMessage, { kind: 'peer-question' }>): Promise<void> {
    const { questionId, runId, address } = question;
    const withinMs = Math.min(question.withinMs, MOST_WITHIN_MS);
    this.#asked.set(questionId, '');
    const asked = { id: questionId, runId, askingNodeId: this.#nodeId, address, withinMs };
    for (const nodeId of await askPeers(this.#db, asked)) this.#wakes.wake('node', nodeId);
    await this.#tellStandings();
  }

  async answer({ questionId, sight, detail }: Extract<AgentMessage, { kind: 'peer-view' }>): Promise<void> {
    const asking = await answerQuestion(this.#db, this.#nodeId, questionId, sight, detail);
    if (asking !== null) this.#wakes.wake('node', asking);
  }

  /** Hands on what peers have asked meanwhile, and tells how this agent's own questions stand. */
  async look(open: readonly OpenQuestion[]): Promise<void> {
    forgetOthers(
      this.#handed,
      open.map(({ id }) => id),
    );
    for (const { id, address, withinMs } of open) {
      if (this.#handed.has(id)) continue;
      this.#handed.add(id);
      this.#send({ kind: 'watch-peer', questionId: id, address, withinMs });
    }
    await this.#tellStandings();
  }

  async #tellStandings(): Promise<void> {
    if (this.#asked.size === 0) return;
    const open = await standings(this.#db, this.#nodeId);
    forgetOthers(
      this.#asked,
      open.map(({ questionId }) => questionId),
    );
    for (const standing of open) {
      const [before, now] = [this.#asked.get(standing.questionId), JSON.stringify(standing)];
      if (before === undefined || before === now) continue;
      this.#asked.set(standing.questionId, now);
      this.#send({ kind: 'peer-answer', ...standing });
    }
  }
}

function forgetOthers(known: Set<string> | Map<string, string>, open: readonly string[]): void {
  for (const id of known.keys()) if (!open.includes(id)) known.delete(id);
}
