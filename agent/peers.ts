// Questions between nodes: asks the cluster's other agents about this node, and answers theirs from this host's own database node.
import { randomUUID } from 'node:crypto';
import type { Clock } from '../shared/clock.ts';
import type { Logger } from '../shared/log.ts';
import type { AgentMessage, CoordinatorMessage, PeerSight, PeerStanding } from '../shared/wire/messages.ts';
import type { Host, OwnNode } from './host/host.ts';

const WATCH_EVERY_MS = 200;
const ASK_JMX_MS = 5_000;

interface Asked {
  question: Extract<AgentMessage, { kind: 'peer-question' }>;
  standing: PeerStanding | null;
  news: () => void;
}

export class Peers {
  readonly #host: Host;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #ownNode: () => OwnNode | null;
  readonly #open = new Map<string, Asked>();
  #send: (message: AgentMessage) => void = () => {};

  constructor(host: Host, ownNode: () => OwnNode | null, clock: Clock, log: Logger) {
    this.#host = host;
    this.#ownNode = ownNode;
    this.#clock = clock;
    this.#log = log.child({ component: 'peers' });
  }

  /** A new stream: open questions are asked again on it. */
  attached(send: (message: AgentMessage) => void): void {
    this.#send = send;
    for (const { question } of this.#open.values()) send(question);
  }

  /** Yields how the peers stand whenever that changed, until the caller has seen enough or the time is over. */
  async *ask(
    runId: string,
    address: string,
    withinMs: number,
    signal: AbortSignal,
  ): AsyncIterable<PeerStanding> {
    const question = { kind: 'peer-question', runId, questionId: randomUUID(), address, withinMs } as const;
    const asked: Asked = { question, standing: null, news: () => {} };
    this.#open.set(question.questionId, asked);
    this.#send(question);
    const deadlineMs = this.#clock.nowMs() + withinMs;
    try {
      let shown: PeerStanding | null = null;
      while (!signal.aborted) {
        if (asked.standing !== shown && asked.standing !== null) {
          shown = asked.standing;
          yield shown;
          continue;
        }
        const leftMs = deadlineMs - this.#clock.nowMs();
        if (leftMs <= 0) return;
        const over = new AbortController();
        await Promise.race([
          new Promise<void>((resolve) => (asked.news = resolve)),
          this.#clock.wait(leftMs, AbortSignal.any([over.signal, signal])).catch(() => {}),
        ]);
        over.abort();
      }
    } finally {
      this.#open.delete(question.questionId);
    }
  }

  answered(message: Extract<CoordinatorMessage, { kind: 'peer-answer' }>): void {
    const asked = this.#open.get(message.questionId);
    if (asked === undefined) return;
    const { normal, waiting, notNormal, blind, notTold, away, saw } = message;
    asked.standing = { normal, waiting, notNormal, blind, notTold, away, saw };
    asked.news();
  }

  /** Watches this host's own node until it sees the address as normal, or the time is over. */
  async watch(question: Extract<CoordinatorMessage, { kind: 'watch-peer' }>): Promise<AgentMessage> {
    const { questionId, address, withinMs } = question;
    const answer = (sight: PeerSight, detail: string): AgentMessage => ({
      kind: 'peer-view',
      questionId,
      sight,
      detail,
    });
    const own = this.#ownNode();
    if (own === null) return answer('not-told', 'this agent was not told yet where its database node is');
    const deadlineMs = this.#clock.nowMs() + withinMs;
    let detail = '';
    do {
      try {
        if ((await this.#host.findCassandra(own.directory)) === null)
          return answer('blind', 'no database node runs here');
        const jmx = await this.#host.jmx(own, ASK_JMX_MS);
        try {
          for (; this.#clock.nowMs() < deadlineMs; await this.#clock.wait(WATCH_EVERY_MS)) {
            const sight = await jmx.sightOf(address);
            if (sight.normal) return answer('normal', sight.detail);
            detail = sight.detail;
          }
        } finally {
          jmx.close();
        }
      } catch (err) {
        detail = 'the database node here does not answer';
        this.#log.debug('own node not asked', { err });
        await this.#clock.wait(WATCH_EVERY_MS);
      }
    } while (this.#clock.nowMs() < deadlineMs);
    return answer('not-normal', detail);
  }
}
