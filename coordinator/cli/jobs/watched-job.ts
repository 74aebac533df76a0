// A job as its stream and its nodes have told it so far: what the live view and the plain lines are made of.
import type { Json } from '../rest-client.ts';
import { titleOf, waitingOf } from './job-words.ts';

export interface WatchedNode {
  nodeId: string;
  name: string;
  datacenter: string;
  status: string;
  progress: unknown;
  /** of its newest event */
  said: string;
}

/** Something worth a line. `node`: its name; null for the job itself. */
export interface Telling {
  at: string;
  node: string | null;
  mark: 'status' | 'error' | 'change' | 'milestone' | 'check' | 'waiting';
  text: string;
  traceback: string | null;
}

export class WatchedJob {
  job: Json;
  nodes: readonly WatchedNode[] = [];
  /** the last error of each node, by its name; of the job itself under '' */
  readonly errors = new Map<string, string>();
  readonly #said = new Map<string, string>();
  #told = '';

  constructor(job: Json) {
    this.job = job;
  }

  get status(): string {
    return String(this.job['status']);
  }

  get title(): string {
    return titleOf(this.job);
  }

  /** A message of the stream. @returns what to tell of it */
  seen(kind: string, data: Json): Telling[] {
    if (kind === 'job') return this.#jobSeen(data);
    if (kind !== 'job-event') return [];
    const nodeId = typeof data['node-id'] === 'string' ? data['node-id'] : null;
    const node = nodeId === null ? null : (this.#nameOf(nodeId) ?? nodeId);
    const message = String(data['message']);
    const type = String(data['event-type']);
    if (nodeId !== null) this.#said.set(nodeId, message);
    if (type === 'error') this.errors.set(node ?? '', message);
    this.nodes = this.nodes.map((one) => (one.nodeId === nodeId ? { ...one, said: message } : one));
    const mark =
      type === 'error'
        ? 'error'
        : data['changes'] === true
          ? 'change'
          : type === 'milestone'
            ? 'milestone'
            : 'check';
    const traceback = typeof data['traceback'] === 'string' ? data['traceback'] : null;
    return [{ at: String(data['created-on']), node, mark, text: message, traceback }];
  }

  #jobSeen(job: Json): Telling[] {
    const before = this.#told;
    this.job = { ...this.job, ...job };
    const tellings: Telling[] = [];
    const at = String(job['modified-on']);
    const line = (mark: Telling['mark'], text: string): void =>
      void tellings.push({ at, node: null, mark, text, traceback: null });
    const waiting = waitingOf(job);
    this.#told = JSON.stringify([this.status, waiting]);
    const [status, waited] = before === '' ? ['', null] : (JSON.parse(before) as [string, string | null]);
    if (status !== this.status) line('status', this.status);
    if (waiting !== null && waiting !== waited) line('waiting', `waiting: ${waiting}`);
    return tellings;
  }

  /** The job's nodes as the API lists them. @returns whose status moved */
  nodesSeen(records: readonly Json[], at: string): Telling[] {
    const before = new Map(this.nodes.map((node) => [node.nodeId, node.status]));
    this.nodes = records.map((record) => ({
      nodeId: String(record['node-id']),
      name: String(record['node-name']),
      datacenter: String(record['datacenter-name']),
      status: String(record['status']),
      progress: record['progress'],
      said: this.#said.get(String(record['node-id'])) ?? '',
    }));
    return this.nodes
      .filter(({ nodeId, status }) => (before.get(nodeId) ?? 'PENDING') !== status)
      .map(({ name, status }) => ({ at, node: name, mark: 'status', text: status, traceback: null }));
  }

  #nameOf(nodeId: string): string | undefined {
    return this.nodes.find((node) => node.nodeId === nodeId)?.name;
  }
}
