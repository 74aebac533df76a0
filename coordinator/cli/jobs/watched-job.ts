// A job as its stream and its nodes have told it so far: what the live view and the plain lines are made of.
import type { Json } from '../rest-client.ts';
import { harmlessLines } from '../terminal/harmless.ts';
import { titleOf, waitingOf } from './job-words.ts';

export interface WatchedNode {
  nodeId: string;
  name: string;
  datacenter: string;
  /** its name, with that of its datacenter where another node of the job goes by the same */
  label: string;
  status: string;
  progress: unknown;
  /** of its newest event */
  said: string;
}

/** Something worth a line. `node`: its label; null for the job itself. */
export interface Telling {
  at: string;
  node: string | null;
  mark: 'status' | 'error' | 'change' | 'reached' | 'note' | 'end' | 'look' | 'check' | 'waiting';
  text: string;
  /** lines under it, harmless: its traceback, or that it has one */
  under: readonly string[];
}

/** Milestones at which nothing was reached: what the coordinator tells of a job, and looks that nobody took. */
const NOTES = [
  'start',
  'bootstrap-started',
  'not-started',
  'taken-first',
  'terminate-requested',
  'no-peers',
  'peers-did-not-look',
];

/** Looks worth a line: most likely a slip of whoever asked for the job, what the job goes on without, and what a dry-run is asked for. */
const TOLD_CHECKS = [
  'gate-unknown-keyspace',
  'config-not-validated',
  'plan',
  'drain-failed',
  'file-left-to-hand',
];

function markOf(event: Json): Telling['mark'] {
  const [type, subtype] = [event['event-type'], String(event['event-subtype'])];
  if (type === 'error') return 'error';
  if (event['changes'] === true) return 'change';
  if (type !== 'milestone') return TOLD_CHECKS.includes(subtype) ? 'look' : 'check';
  if (subtype === 'end' && event['node-id'] === null) return 'end';
  return NOTES.includes(subtype) ? 'note' : 'reached';
}

export class WatchedJob {
  job: Json;
  nodes: readonly WatchedNode[] = [];
  /** the last error of each node, by its label; of the job itself under '' */
  readonly errors = new Map<string, string>();
  readonly #wholeTracebacks: boolean;
  readonly #said = new Map<string, string>();
  #toldJob = '';
  /** of all that was told */
  #latestMs = 0;

  /** @param wholeTracebacks otherwise only that there is one, and of how many lines */
  constructor(job: Json, wholeTracebacks = false) {
    this.job = job;
    this.#wholeTracebacks = wholeTracebacks;
  }

  get status(): string {
    return String(this.job['status']);
  }

  get title(): string {
    return titleOf(this.job);
  }

  /** A message of the stream. @returns what to tell of it */
  seen(kind: string, data: Json): Telling[] {
    if (kind === 'job') return this.#told(this.#jobSeen(data));
    if (kind !== 'job-event') return [];
    const nodeId = typeof data['node-id'] === 'string' ? data['node-id'] : null;
    const node = nodeId === null ? null : (this.#labelOf(nodeId) ?? nodeId);
    const message = String(data['message']);
    if (nodeId !== null) this.#said.set(nodeId, message);
    const mark = markOf(data);
    if (mark === 'error') this.errors.set(node ?? '', message);
    this.nodes = this.nodes.map((one) => (one.nodeId === nodeId ? { ...one, said: message } : one));
    const under = typeof data['traceback'] === 'string' ? this.#linesOf(data['traceback']) : [];
    return this.#told([{ at: String(data['created-on']), node, mark, text: message, under }]);
  }

  #told(tellings: Telling[]): Telling[] {
    for (const { at } of tellings) this.#latestMs = Math.max(this.#latestMs, Date.parse(at));
    return tellings;
  }

  #jobSeen(job: Json): Telling[] {
    const before = this.#toldJob;
    this.job = { ...this.job, ...job };
    const tellings: Telling[] = [];
    const line = (at: unknown, mark: Telling['mark'], text: string): void =>
      void tellings.push({ at: String(at), node: null, mark, text, under: [] });
    const waiting = waitingOf(job);
    this.#toldJob = JSON.stringify([this.status, waiting]);
    const [status, waited] = before === '' ? ['', null] : (JSON.parse(before) as [string, string | null]);
    if (status !== this.status) line(job['modified-on'], 'status', this.status);
    if (waiting !== null && waiting !== waited)
      line(
        this.#waitAt(job, String((job['waiting-for'] as Json)['since'])),
        'waiting',
        `waiting: ${waiting}`,
      );
    return tellings;
  }

  /** What is waited for may be older than the job, or than what was told of it since: its line is from before none of those above it. */
  #waitAt(job: Json, since: string): string {
    const atMs = [since, String(job['modified-on'])].map((at) => Date.parse(at));
    return new Date(Math.max(...atMs, this.#latestMs)).toISOString();
  }

  /** The job's nodes as the API lists them. @returns whose status moved */
  nodesSeen(records: readonly Json[]): Telling[] {
    const before = new Map(this.nodes.map((node) => [node.nodeId, node.status]));
    const names = records.map((record) => String(record['node-name']));
    this.nodes = records.map((record, at) => {
      const [name, datacenter] = [names[at] ?? '', String(record['datacenter-name'])];
      return {
        nodeId: String(record['node-id']),
        name,
        datacenter,
        label: names.indexOf(name) === names.lastIndexOf(name) ? name : `${datacenter}/${name}`,
        status: String(record['status']),
        progress: record['progress'],
        said: this.#said.get(String(record['node-id'])) ?? '',
      };
    });
    const moved = this.nodes.flatMap(({ nodeId, label, status }, at): Telling[] =>
      (before.get(nodeId) ?? 'PENDING') === status
        ? []
        : [
            {
              at: String(records[at]?.['modified-on']),
              node: label,
              mark: 'status',
              text: status,
              under: [],
            },
          ],
    );
    return this.#told(moved);
  }

  #linesOf(traceback: string): string[] {
    const lines = harmlessLines(traceback);
    if (this.#wholeTracebacks) return lines;
    const count = lines.length === 1 ? 'one line' : `${lines.length} lines`;
    return [`traceback of ${count}: --traceback shows it`];
  }

  #labelOf(nodeId: string): string | undefined {
    return this.nodes.find((node) => node.nodeId === nodeId)?.label;
  }
}
