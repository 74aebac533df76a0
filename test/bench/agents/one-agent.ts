// The memory of one real agent, started as npm starts it: after enrolling, after a later start, and after work.
import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openOutbox } from '../../../agent/disk/outbox.ts';
import { describeDropped, eventRecord } from '../../../agent/run-events.ts';
import { modelRing } from '../../../coordinator/cli/quickstart/ring-model.ts';
import { silentLogger } from '../../../shared/log.ts';
import { uuidv7 } from '../../../shared/uuid.ts';
import { eventually } from '../../support/eventually.ts';
import type { CoordinatorSite } from './coordinator-site.ts';
import { cpuSecondsOf, type Memory, memoryOf, type Program, startByNpm } from './programs.ts';

const VERSION = '5.0.8';
const EVENTS = 100_000;
/** V8 looks for garbage to give back some 8 s after the last work, and again 8 s after that. */
const SETTLED_MS = 8_000;
const QUIET_TIMES = 4;

export interface AgentMemory {
  /** the start that enrols, some seconds after it attached */
  enrolling: Memory;
  /** a later start */
  later: Memory;
  /** after a configure run that wrote every file, and 100,000 events */
  afterWork: Memory;
}

/** An agent of its own on a node of its own. */
export async function measureAgent(site: CoordinatorSite, name: string): Promise<AgentMemory> {
  const directory = await mkdtemp(join(tmpdir(), 'bench-agent-'));
  const data = join(directory, 'agent');
  const ring = await modelRing(site.rest, {
    name,
    tarballUrl: 'file:///nowhere/cassandra.tar.gz',
    version: VERSION,
    directory,
    addresses: ['127.0.0.1'],
    jmxPorts: [1], // nobody answers there
  });
  const [node] = ring.nodes;
  if (node === undefined) throw new Error('a ring of one has a node');
  const { bundle } = await site.rest.post(`nodes/${node.id}/enrolment`);
  const env = {
    RINGMASTER_AGENT_DATA_DIR: data,
    RINGMASTER_ENROLMENT: String(bundle),
    RINGMASTER_COORDINATORS: site.agentAddress,
  };
  let starts = 0;
  const started = async (): Promise<Program> => {
    starts += 1;
    const agent = startByNpm('agent', env, join(directory, `agent-${starts}.log`));
    await eventually(
      () => {
        if (!agent.log().includes('"message":"attached"')) throw new Error(`not attached:\n${agent.log()}`);
      },
      { withinMs: 30_000 },
    );
    return agent;
  };
  const idle = async (agent: Program): Promise<Memory> => {
    for (let quiet = 0, before = cpuSecondsOf(agent.pid); quiet < QUIET_TIMES; ) {
      await delay(SETTLED_MS);
      const now = cpuSecondsOf(agent.pid);
      quiet = now - before > 0.05 ? 0 : quiet + 1;
      before = now;
    }
    return memoryOf(agent.pid);
  };
  try {
    const first = await started();
    const enrolling = await idle(first);
    await first.stop();
    const second = await started();
    const later = await idle(second);
    await second.stop();
    await layUpEvents(join(data, 'outbox'));
    fakeInstallation(node.directory);
    const third = await started();
    await configure(site, ring.clusterId, third);
    const afterWork = await idle(third);
    await third.stop();
    return { enrolling, later, afterWork };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Events of a run, unsent, as after an outage: the next start sends them all. */
async function layUpEvents(directory: string): Promise<void> {
  const outbox = await openOutbox({ directory, describeDropped, log: silentLogger });
  const runId = uuidv7();
  const path = '/etc/dse/cassandra/cassandra.yaml';
  const message = `Checking if the contents of ${path} need to be updated`;
  const event = { type: 'check', subtype: 'file-contents', resource: path, message, changes: false } as const;
  for (let done = 0; done < EVENTS; done += 1_000) {
    const records = Array.from({ length: 1_000 }, () => eventRecord(event, Date.now()));
    await Promise.all(records.map((record) => outbox.append(runId, record)));
  }
  await outbox.close();
}

/** Real configuration files, and a launcher that gives up at once. */
function fakeInstallation(directory: string): void {
  const home = join(directory, `cassandra-${VERSION}`);
  mkdirSync(join(home, 'bin'), { recursive: true });
  cpSync('coordinator/cli/quickstart/tarball/conf', join(home, 'conf'), { recursive: true });
  writeFileSync(join(home, 'bin', 'cassandra'), '#!/bin/sh\nexit 1\n');
  chmodSync(join(home, 'bin', 'cassandra'), 0o755);
}

/** Goes through all of the recipe's code up to a database node that does not start. */
async function configure(site: CoordinatorSite, clusterId: string, agent: Program): Promise<void> {
  const { id } = await site.rest.post('actions/configure', {
    'job-scope': 'cluster',
    'resource-id': clusterId,
  });
  const status = await site.rest.follow(String(id), () => {}, AbortSignal.timeout(60_000));
  const done = agent.log();
  if (status !== 'FAILED' || !/"step done".*"write-config-files"|write-config-files.*"step done"/.test(done))
    throw new Error(`the run went another way, ${status}:\n${done}`);
}
