// Leave to stop the database node here: asked of the coordinator, which asks what other nodes see; and what this host's node sees, told it.
import { randomUUID } from 'node:crypto';
import type { Logger } from '../shared/log.ts';
import type { StopAnswer } from '../shared/ring-view.ts';
import { shortAddress } from '../shared/short-address.ts';
import { Slots } from '../shared/slots.ts';
import type { AgentMessage, CoordinatorMessage } from '../shared/wire/messages.ts';
import type { Host } from './host/host.ts';
import type { OwnNode } from './peers.ts';

const ASK_JMX_MS = 4_000;
const MOST_LOOKS = 4;

/** `unsupported`: a coordinator from before there was such a question. */
export type Leave = StopAnswer | 'unsupported';

interface Asked {
  question: Extract<AgentMessage, { kind: 'stop-question' }>;
  answers: Leave[];
  /** the coordinator of this stream has answered: it knows the question */
  isKnown: boolean;
  news: () => void;
}

export class StopLeave {
  readonly #host: Host;
  readonly #log: Logger;
  readonly #ownNode: () => OwnNode | null;
  readonly #open = new Map<string, Asked>();
  readonly #looks = new Slots(MOST_LOOKS);
  #send: (message: AgentMessage) => void = () => {};

  constructor(host: Host, ownNode: () => OwnNode | null, log: Logger) {
    this.#host = host;
    this.#ownNode = ownNode;
    this.#log = log.child({ component: 'stop-leave' });
  }

  /** A new stream: what was answered on the last one is not believed any more, and open questions are asked again. */
  attached(send: (message: AgentMessage) => void): void {
    this.#send = send;
    for (const asked of this.#open.values()) {
      const { question, answers } = asked;
      answers.length = 0;
      asked.isKnown = false;
      send(question);
    }
  }

  /** Yields answers as they come, the last of which is no `wait`; ends without one only with `signal`. */
  async *ask(runId: string, address: string, signal: AbortSignal): AsyncGenerator<Leave, void, void> {
    const question = {
      kind: 'stop-question',
      runId,
      questionId: randomUUID(),
      address: shortAddress(address),
    } as const;
    const asked: Asked = { question, answers: [], isKnown: false, news: () => {} };
    this.#open.set(question.questionId, asked);
    const wake = (): void => asked.news();
    signal.addEventListener('abort', wake, { once: true });
    this.#send(question);
    try {
      while (!signal.aborted) {
        const answer = asked.answers.shift();
        if (answer === undefined) {
          await new Promise<void>((resolve) => {
            asked.news = resolve;
          });
          continue;
        }
        yield answer;
        if (answer === 'unsupported' || answer.verdict !== 'wait') return;
      }
    } finally {
      signal.removeEventListener('abort', wake);
      this.#open.delete(question.questionId);
    }
  }

  answered(message: Extract<CoordinatorMessage, { kind: 'stop-answer' }>): void {
    const { verdict, notes } = message;
    const asked = this.#open.get(message.questionId);
    if (asked !== undefined) asked.isKnown = true;
    this.#hear(asked, { verdict, message: message.message, notes });
  }

  /** The coordinator did not know a message: of those that this version sends, only this question can be it. */
  unsupported(): void {
    for (const asked of this.#open.values()) if (!asked.isKnown) this.#hear(asked, 'unsupported');
  }

  #hear(asked: Asked | undefined, answer: Leave): void {
    asked?.answers.push(answer);
    asked?.news();
  }

  /** What this host's own node sees; a few at a time, since each reads all ranges of the ring. */
  async look(message: Extract<CoordinatorMessage, { kind: 'look-at-ring' }>): Promise<AgentMessage> {
    return await this.#looks.within(() => this.#look(message));
  }

  /** Of the ranges that the node at an address has a part in. */
  async #look(message: Extract<CoordinatorMessage, { kind: 'look-at-ring' }>): Promise<AgentMessage> {
    const { questionId, round } = message;
    const blind = (problem: string, down = false): AgentMessage => ({
      kind: 'ring-view',
      questionId,
      round,
      viewJson: '',
      problem,
      down,
    });
    const own = this.#ownNode();
    if (own === null) return blind('its agent was not told yet where its database node is');
    try {
      if ((await this.#host.findCassandra(own.directory)) === null)
        return blind('no database node runs there', true);
      const jmx = await this.#host.jmx(own.jmxPort, ASK_JMX_MS);
      try {
        const view = await jmx.ringView(message.address);
        return {
          kind: 'ring-view',
          questionId,
          round,
          viewJson: JSON.stringify(view),
          problem: '',
          down: false,
        };
      } finally {
        jmx.close();
      }
    } catch (err) {
      this.#log.warn('the ring was not looked at', { err });
      return blind('its database node does not answer over JMX');
    }
  }
}
