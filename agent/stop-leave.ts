// Leave to stop the database node here: asked of the coordinator, which asks what other nodes see; and what this host's node sees, told it.
import { randomUUID } from 'node:crypto';
import { reasonOf, rootReason } from '../shared/errors.ts';
import type { Logger } from '../shared/log.ts';
import type { StopAnswer } from '../shared/ring-view.ts';
import { formOf } from '../shared/ring-view-form.ts';
import { shortAddress } from '../shared/short-address.ts';
import { Slots } from '../shared/slots.ts';
import type { AgentMessage, CoordinatorMessage } from '../shared/wire/messages.ts';
import { MOST_AGENT_MESSAGE_BYTES } from '../shared/wire/service.ts';
import type { Host, OwnNode } from './host/host.ts';

const ASK_JMX_MS = 4_000;
/** Each has the node write down all ranges of its ring, for which it takes hundreds of MiB where these are many. */
const MOST_LOOKS = 1;
/** Leaves room for what else the message says. */
const MOST_VIEW_BYTES = MOST_AGENT_MESSAGE_BYTES - 16 * 1024;

/** How a coordinator names a message whose kind it does not know (shared/wire/codec.ts). */
const UNKNOWN_KIND = 'agent message ';

/** `unsupported`: a coordinator from before there was such a question. */
export type LeaveAnswer = StopAnswer | 'unsupported';

interface Asked {
  question: Extract<AgentMessage, { kind: 'stop-question' }>;
  answers: LeaveAnswer[];
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
  /** the round that was asked for last, by question, of looks that are not over */
  readonly #rounds = new Map<string, number>();
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
  async *ask(runId: string, address: string, signal: AbortSignal): AsyncGenerator<LeaveAnswer, void, void> {
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

  /**
   * The coordinator could not take a message. One from before this question says so in these words, as it says of every kind that it
   * does not know, and of those that this version sends only the question can be that. Whatever else it says is about another message.
   */
  unsupported(what: string): void {
    if (!what.startsWith(UNKNOWN_KIND)) return;
    for (const asked of this.#open.values()) if (!asked.isKnown) this.#hear(asked, 'unsupported');
  }

  #hear(asked: Asked | undefined, answer: LeaveAnswer): void {
    asked?.answers.push(answer);
    asked?.news();
  }

  /** What this host's own node sees; one look after the other, and none for a round that was given up since. */
  async look(message: Extract<CoordinatorMessage, { kind: 'look-at-ring' }>): Promise<AgentMessage> {
    const { questionId, round } = message;
    this.#rounds.set(questionId, round);
    const isLatest = (): boolean => (this.#rounds.get(questionId) ?? round) <= round;
    try {
      return await this.#looks.within(async () =>
        isLatest() ? await this.#look(message) : blindOf(message, 'it was asked anew before its turn came'),
      );
    } finally {
      if (isLatest()) this.#rounds.delete(questionId);
    }
  }

  /** Of the ranges that the node at an address has a part in. */
  async #look(message: Extract<CoordinatorMessage, { kind: 'look-at-ring' }>): Promise<AgentMessage> {
    const own = this.#ownNode();
    if (own === null) return blindOf(message, 'its agent was not told yet where its database node is');
    try {
      if ((await this.#host.findCassandra(own.directory)) === null)
        return blindOf(message, 'no database node runs there', true);
      const jmx = await this.#host.jmx(own, ASK_JMX_MS);
      try {
        const viewJson = JSON.stringify(formOf(await jmx.ringView(message.address)));
        const bytes = Buffer.byteLength(viewJson);
        return bytes > MOST_VIEW_BYTES
          ? blindOf(message, `what its database node sees is too large to be sent (${bytes} bytes)`)
          : { ...blindOf(message, ''), viewJson };
      } finally {
        jmx.close();
      }
    } catch (err) {
      this.#log.warn('the ring was not looked at', { err });
      return blindOf(message, `its database node does not tell over JMX what it sees: ${why(err)}`);
    }
  }
}

/** A view's message without one. @param down since no database node runs there */
const blindOf = (
  { questionId, round }: Extract<CoordinatorMessage, { kind: 'look-at-ring' }>,
  problem: string,
  down = false,
): Extract<AgentMessage, { kind: 'ring-view' }> => ({
  kind: 'ring-view',
  questionId,
  round,
  viewJson: '',
  problem,
  down,
});

function why(error: unknown): string {
  const [reason, root] = [reasonOf(error), rootReason(error)];
  return reason === root ? reason : `${reason}: ${root}`;
}
