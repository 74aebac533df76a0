// Runs a recipe's steps in order as the runner does, without journal and outbox, and keeps what they tell.

import { expect } from 'chai';
import type { Host } from '../../../agent/host/host.ts';
import type { Step, StepContext } from '../../../agent/steps/step.ts';
import type { StepEvent } from '../../../shared/events.ts';
import type { StopAnswer } from '../../../shared/ring-view.ts';
import type { RunInput, RunSecrets } from '../../../shared/run-input.ts';

export interface Driven {
  events: StepEvent[];
  results: Map<string, unknown>;
  /** by step: what it noted */
  notes: Map<string, unknown[]>;
  ticks: number;
}

export interface DriveOptions {
  host: Host;
  input: RunInput;
  secrets?: Partial<RunSecrets>;
  /** what an earlier, crashed try left */
  before?: Pick<Driven, 'results' | 'notes'>;
  stopping?: AbortSignal;
  aborted?: AbortSignal;
  askPeers?: StepContext['askPeers'];
  askLeave?: StepContext['askLeave'];
  onEvent?: (event: StepEvent, step: string) => void | Promise<void>;
}

const NO_SECRETS: RunSecrets = {
  repositoryPassword: null,
  newCassandraPassword: null,
  oldCassandraPassword: null,
  profile: {},
};

async function* everybodySeesUs() {
  yield { normal: ['peer'], waiting: [], notNormal: [], blind: [], notTold: [], away: [], saw: {} };
}

async function* everybodyAgrees(): AsyncGenerator<StopAnswer, void, void> {
  yield { verdict: 'allowed', message: 'Every range keeps its level', notes: [] };
}

/** The API's words are kebab-case, and before and after are shown by it as they are. */
function expectApiWords(value: unknown, where: string): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    if (!Array.isArray(value)) expect(name, where).to.match(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expectApiWords(inner, where);
  }
}

/** @throws what a step throws */
export async function drive(steps: readonly Step[], options: DriveOptions): Promise<Driven> {
  const driven: Driven = {
    events: [],
    results: new Map(options.before?.results),
    notes: new Map(options.before?.notes),
    ticks: 0,
  };
  for (const step of steps) {
    const noted = driven.notes.get(step.name) ?? [];
    driven.notes.set(step.name, noted);
    const context: StepContext = {
      host: options.host,
      input: options.input,
      secrets: { ...NO_SECRETS, ...options.secrets },
      stopping: options.stopping ?? new AbortController().signal,
      aborted: options.aborted ?? new AbortController().signal,
      tick: () => {
        driven.ticks += 1;
      },
      notes: [...noted],
      note: async (value) => {
        noted.push(value);
      },
      resultOf: (name) => driven.results.get(name),
      askLeave: options.askLeave ?? everybodyAgrees,
      askPeers: options.askPeers ?? everybodySeesUs,
    };
    const events = step.run(context);
    for (let next = await events.next(); ; next = await events.next()) {
      if (next.done === true) {
        driven.results.set(step.name, next.value);
        break;
      }
      const { before, after, subtype } = next.value;
      expectApiWords({ before, after }, `${step.name} ${subtype}`);
      driven.events.push(next.value);
      await options.onEvent?.(next.value, step.name);
    }
  }
  return driven;
}

/** A run's input for a node on 127.0.0.1. */
export const inputFor = (
  recipe: RunInput['recipe'],
  directory: string,
  rest: Partial<RunInput> = {},
): RunInput => ({
  recipe,
  product: 'cassandra',
  version: '5.0.8',
  install: { type: 'tarball', directory },
  repository: null,
  cluster: { name: 'testing', seeds: ['127.0.0.1'] },
  node: {
    name: 'node1',
    datacenter: 'dc1',
    rack: 'rack1',
    listenAddress: '127.0.0.1',
    broadcastAddress: null,
    nativeTransportAddress: '127.0.0.1',
    nativeTransportBroadcastAddress: null,
    initialToken: '0',
    autoBootstrap: null,
    workloads: { graph: false, solr: false, spark: false },
  },
  ports: { native: 9042, storage: 7000, jmx: 7199 },
  profile: {},
  defaultPassword: 'not-asked',
  limits: { drainMs: 60_000, stopMs: 30_000, startMs: 120_000, peersMs: 10_000, downloadMs: 60_000 },
  ...rest,
});

/** Of one whose Cassandra comes from packages, of repositories that are set up by hand. */
export const packagedInputFor = (recipe: RunInput['recipe'], rest: Partial<RunInput> = {}): RunInput =>
  inputFor(recipe, '/usr/share/cassandra', {
    install: { type: 'package', directory: '/usr/share/cassandra' },
    packageRepository: {
      manual: true,
      url: null,
      keyUrl: null,
      username: null,
      dist: 'stable',
      components: ['main'],
    },
    ...rest,
  });
