// Where streams report: arrivals, looks and departures of many at once become a few statements.
import type { Logger } from '../../shared/log.ts';
import type { SentSecrets } from '../../shared/run-input.ts';
import type { Database } from '../store/database.ts';
import { type DeliverableRun, lookAtNodes, type NodeLook } from '../store/node-looks.ts';
import {
  type Arrival,
  type Arriving,
  attachAgents,
  contestants,
  detachAgents,
  type Stream,
} from '../store/presence.ts';
import { settleHeldRuns } from '../store/runs.ts';
import { Together } from '../store/together.ts';
import type { Wakes } from '../store/wakes.ts';

/** Who opened a stream: by its verified certificate, and by its connection. */
export interface Caller {
  nodeId: string;
  /** of the certificate */
  serial: string;
  /** without the port */
  address: string;
}

/** A stream with what its hello said. */
export interface Newcomer extends Arriving {
  heldRunIds: ReadonlySet<string>;
}

/** What there is to do; a run that its agent has to be given, or given again, comes with its secrets. */
export interface Look extends NodeLook {
  runs: (DeliverableRun & { secretsJson: string | null })[];
}

/** `replaced`: the node held another stream until now. `look` is null when a newer one came in between. */
export type Arrived =
  | 'older'
  | 'unknown-node'
  | 'former-certificate'
  | { replaced: boolean; look: Look | null };

const isIn = (arrival: Arrival | undefined): arrival is 'attached' | 'replaced' | 'contested' =>
  arrival === 'attached' || arrival === 'replaced' || arrival === 'contested';

export interface DeskParts {
  db: Database;
  wakes: Pick<Wakes, 'wake'>;
  coordinatorId: string;
  secretsOf: (runIds: readonly string[]) => Promise<ReadonlyMap<string, SentSecrets>>;
  log: Logger;
}

export class Desk {
  readonly #parts: DeskParts;
  readonly #arrivals: Together<Newcomer, Arrived>;
  readonly #looks: Together<Stream, Look>;
  readonly #departures: Together<Stream, never>;

  constructor(parts: DeskParts) {
    this.#parts = parts;
    this.#arrivals = new Together((streams) => this.#takeIn(streams));
    this.#looks = new Together(async (streams) =>
      this.#withSecrets(await lookAtNodes(parts.db, streams), (run) => !run.accepted),
    );
    this.#departures = new Together(async (streams) => {
      await detachAgents(parts.db, streams);
      return new Map<string, never>();
    });
  }

  async arrived(stream: Newcomer): Promise<Arrived> {
    return (await this.#arrivals.ask(stream)) ?? 'unknown-node';
  }

  /** @returns undefined when the node holds another stream, or none */
  look(stream: Stream): Promise<Look | undefined> {
    return this.#looks.ask(stream);
  }

  async left(stream: Stream): Promise<void> {
    await this.#departures.ask(stream);
  }

  async #takeIn(streams: readonly Newcomer[]): Promise<Map<string, Arrived>> {
    const { db, wakes, coordinatorId } = this.#parts;
    const arrivals = await attachAgents(db, coordinatorId, streams);
    const attached = streams.filter(({ nodeId }) => isIn(arrivals.get(nodeId)));
    for (const [nodeId, arrival] of arrivals) if (arrival === 'contested') await this.#warnOfTurns(nodeId);
    const looks = await lookAtNodes(db, attached);
    const held = new Set<string>();
    const lost = new Set<string>();
    const jobIds = new Set<string>();
    for (const { nodeId, heldRunIds } of attached) {
      for (const { id, jobId, fenced, accepted } of looks.get(nodeId)?.runs ?? []) {
        if (fenced || !(accepted || heldRunIds.has(id))) continue;
        (heldRunIds.has(id) ? held : lost).add(id);
        jobIds.add(jobId);
      }
    }
    await settleHeldRuns(db, [...held], [...lost]);
    for (const look of looks.values()) look.runs = look.runs.filter(({ id }) => !lost.has(id));
    const told = await this.#withSecrets(looks, (run) => held.has(run.id) || !run.accepted);
    for (const jobId of jobIds) wakes.wake('job', jobId);
    return new Map(
      streams.map(({ nodeId }): [string, Arrived] => {
        const arrival = arrivals.get(nodeId) ?? 'unknown-node';
        if (!isIn(arrival)) return [nodeId, arrival];
        return [nodeId, { replaced: arrival !== 'attached', look: told.get(nodeId) ?? null }];
      }),
    );
  }

  /** Each is told to stop by turns, and something starts it again: nobody but an operator can say which host is the node's. */
  async #warnOfTurns(nodeId: string): Promise<void> {
    const hosts = (await contestants(this.#parts.db, nodeId)).join(' and ');
    this.#parts.log.warn('agents of two hosts take turns as one node', {
      nodeId,
      reason: `${hosts} have one identity, as after copying an agent's data directory: leave the one that is the host of this node as it is; on the other one stop the agent, remove its data directory, and enrol that host as a node of its own`,
    });
  }

  async #withSecrets(
    looks: ReadonlyMap<string, NodeLook>,
    isTold: (run: DeliverableRun) => boolean,
  ): Promise<Map<string, Look>> {
    const runs = [...looks.values()].flatMap((look) => look.runs);
    const told = runs.filter((run) => run.mayHaveSecrets && !run.fenced && isTold(run)).map(({ id }) => id);
    const secrets = told.length === 0 ? null : await this.#parts.secretsOf(told);
    const secretsJson = (id: string): string | null => {
      const own = secrets?.get(id);
      return own === undefined ? null : JSON.stringify(own);
    };
    return new Map(
      [...looks].map(([nodeId, look]) => [
        nodeId,
        { ...look, runs: look.runs.map((run) => ({ ...run, secretsJson: secretsJson(run.id) })) },
      ]),
    );
  }
}
