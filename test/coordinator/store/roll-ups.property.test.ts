// What a ring shows of its jobs is what the attempts of its nodes add up to, whatever their history was.
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import fc from 'fast-check';
import { sql } from 'kysely';
import { insertJob, moveStatus } from '../../../coordinator/store/jobs.ts';
import { readModel } from '../../../coordinator/store/models.ts';
import { keepNodeOutcomes } from '../../../coordinator/store/outcomes.ts';
import { modelOf } from '../../../shared/models.ts';
import type { JobStatus } from '../../../shared/status.ts';
import { createMigratedDatabase } from '../../support/database.ts';

/** How a job leaves a node: `not-started` and `refused` are ended before their turn. */
type Left =
  | 'COMPLETE'
  | 'FAILED'
  | 'TERMINATED'
  | 'ORPHANED'
  | 'not-started'
  | 'refused'
  | 'at-work'
  | 'to-come';
interface Attempt {
  node: number;
  id: string;
  status: JobStatus;
  started: boolean;
  open: boolean;
}
interface Job {
  id: string;
  status: JobStatus;
  isLooking: boolean;
  attempts: Attempt[];
}
type Shown = [JobStatus | null, string | null];

const NODES = 4;
const DATACENTER_OF = [0, 0, 1, 1];
/** Nodes of the cluster, of each datacenter, of each node alone. */
const TARGETS = [[0, 1, 2, 3], [0, 1], [2, 3], [0], [1], [2], [3]];
const WORST_FIRST = ['FAILED', 'ORPHANED', 'TERMINATED', 'COMPLETE'];

describe('roll-ups', function () {
  this.timeout(120_000);
  let database: Awaited<ReturnType<typeof createMigratedDatabase>>;
  before(async () => {
    database = await createMigratedDatabase();
  });
  after(() => database.drop());

  const model = async () => {
    const { db } = database;
    const cluster = randomUUID();
    const datacenters = [randomUUID(), randomUUID()];
    const nodes = Array.from({ length: NODES }, () => randomUUID());
    await sql`insert into cluster (id, name) values (${cluster}, ${cluster})`.execute(db);
    for (const id of datacenters)
      await sql`insert into datacenter (id, name, cluster_id) values (${id}, ${id}, ${cluster})`.execute(db);
    for (const [at, id] of nodes.entries())
      await sql`insert into node (id, name, datacenter_id, ssh_management_address)
        values (${id}, ${id}, ${datacenters[DATACENTER_OF[at] ?? 0]}, '127.0.0.1')`.execute(db);
    return { cluster, datacenters, nodes };
  };
  type Ring = Awaited<ReturnType<typeof model>>;

  /** Does to a job what passes would, node by node. */
  const work = async (
    ring: Ring,
    target: number,
    left: readonly Left[],
    isOpen: boolean,
    isLooking = false,
  ): Promise<Job> => {
    const { db } = database;
    const wanted = TARGETS[target] ?? [];
    const [first = 0] = wanted;
    const scope = target === 0 ? 'cluster' : target < 3 ? 'datacenter' : 'node';
    const datacenterId = scope === 'cluster' ? null : (ring.datacenters[DATACENTER_OF[first] ?? 0] ?? null);
    const attempts = wanted.map(
      (node): Attempt => ({ node, id: randomUUID(), status: 'PENDING', started: false, open: true }),
    );
    const job: Job = { id: randomUUID(), status: 'PENDING', isLooking, attempts };
    await insertJob(db, {
      id: job.id,
      type: 'restart',
      scope,
      cluster: { id: ring.cluster, name: 'c' },
      datacenterId,
      datacenterName: datacenterId,
      nodeId: scope === 'node' ? (ring.nodes[first] ?? null) : null,
      nodeName: null,
      description: null,
      jobData: {},
      sealedSecrets: null,
      isLooking,
      continueOnError: false,
      holdOnError: false,
      askedBy: null,
      canary: null,
      retryOf: null,
      scheduleId: null,
      idleAfterS: null,
      nodes: attempts.map(({ node, id }, batch) => ({
        batch,
        id: ring.nodes[node] ?? '',
        jobNodeId: id,
        name: 'n',
        datacenterName: 'd',
        rack: 'r',
        seed: false,
      })),
    });
    const endedIds: string[] = [];
    const moveNode = async (attempt: Attempt, to: JobStatus, started: boolean, over: boolean) => {
      const move = { from: attempt.status, to, started, over };
      expect(await moveStatus(db, 'job_node', [attempt.id], move)).to.equal(true);
      if (over) endedIds.push(attempt.id);
      attempt.status = to;
      attempt.started ||= started;
      attempt.open = !over;
    };
    const moveJob = async (to: JobStatus, started: boolean, over: boolean) => {
      await moveStatus(db, 'job', [job.id], { from: job.status, to, started, over });
      job.status = to;
    };
    const begun = left.slice(0, attempts.length);
    if (begun.every((one) => one === 'to-come')) return job;
    await moveJob('RUNNING', true, false);
    for (const [at, attempt] of attempts.entries()) {
      const how = isOpen ? (begun[at] ?? 'to-come') : ended(begun[at] ?? 'COMPLETE');
      if (how === 'to-come') continue;
      if (how === 'not-started') await moveNode(attempt, 'TERMINATED', false, true);
      else if (how === 'refused') await moveNode(attempt, 'FAILED', false, true);
      else {
        await moveNode(attempt, 'RUNNING', true, false);
        if (how !== 'at-work') await moveNode(attempt, how, false, true);
      }
    }
    await keepNodeOutcomes(db, endedIds); // as a pass does of all that end in it
    if (isOpen && attempts.some(({ status }) => status === 'FAILED'))
      await moveJob('WILL_FAIL', false, false);
    if (!isOpen) await moveJob('COMPLETE', false, true);
    return job;
  };
  const ended = (how: Left): Left => (how === 'at-work' || how === 'to-come' ? 'COMPLETE' : how);

  /** By the words of the documentation, from all that ever happened. */
  const shownBy = (jobs: readonly Job[], nodes: readonly number[]): Shown => {
    const of = (node: number) =>
      jobs
        .filter(({ isLooking }) => !isLooking) // what touches nothing attempts nothing
        .flatMap((job) => job.attempts.filter((one) => one.node === node).map((one) => ({ ...one, job })));
    const latest = nodes.flatMap((node) => {
      const all = of(node);
      const got = all.filter(
        ({ open, started, status }) => !open && (started || !['TERMINATED', 'ORPHANED'].includes(status)),
      );
      return [all.find(({ open }) => open) ?? got.at(-1) ?? []].flat();
    });
    const number = (job: Job): number => jobs.indexOf(job);
    const [open] = latest.filter((one) => one.open).sort((a, b) => number(a.job) - number(b.job));
    if (open !== undefined) return [nodes.length === 1 ? open.status : open.job.status, open.job.id];
    const rank = (status: JobStatus): number => WORST_FIRST.indexOf(status);
    const [worst] = latest.sort((a, b) => rank(a.status) - rank(b.status) || number(b.job) - number(a.job));
    return worst === undefined ? [null, null] : [worst.status, worst.job.id];
  };
  const shown = async (path: string, id = ''): Promise<Shown> => {
    const row = await readModel(database.db, modelOf(path), id);
    return [row['job_status'] as JobStatus | null, row['last_job_id'] as string | null];
  };
  const compare = async (ring: Ring, jobs: readonly Job[]) => {
    expect(await shown('clusters', ring.cluster), 'cluster').to.deep.equal(shownBy(jobs, [0, 1, 2, 3]));
    for (const [at, id] of ring.datacenters.entries())
      expect(await shown('datacenters', id), `dc ${at}`).to.deep.equal(shownBy(jobs, TARGETS[at + 1] ?? []));
    for (const [at, id] of ring.nodes.entries())
      expect(await shown('nodes', id), `node ${at}`).to.deep.equal(shownBy(jobs, [at]));
  };

  const left = fc.array(
    fc.constantFrom<Left>(
      'COMPLETE',
      'COMPLETE',
      'FAILED',
      'TERMINATED',
      'ORPHANED',
      'not-started',
      'refused',
      'at-work',
      'to-come',
    ),
    { minLength: NODES, maxLength: NODES },
  );
  const job = fc.record({
    target: fc.nat({ max: TARGETS.length - 1 }),
    left,
    isLooking: fc.constantFrom(false, false, true),
  });
  const toCome: Left[] = Array<Left>(NODES).fill('to-come');

  it('are those of the latest attempts of all nodes, while jobs are open and once they are over', async () => {
    const queued = fc.array(fc.nat({ max: TARGETS.length - 1 }), { maxLength: 2 });
    await fc.assert(
      fc.asyncProperty(fc.array(job, { maxLength: 5 }), job, queued, async (past, present, waiting) => {
        const ring = await model();
        const jobs: Job[] = [];
        for (const { target, left, isLooking } of past)
          jobs.push(await work(ring, target, left, false, isLooking));
        await compare(ring, jobs);
        jobs.push(await work(ring, present.target, present.left, true, present.isLooking));
        for (const target of waiting) jobs.push(await work(ring, target, toCome, true));
        await compare(ring, jobs);
      }),
      { numRuns: 60 },
    );
  });

  it('are found in the history of a database that knew of none', async () => {
    const ring = await model();
    const jobs: Job[] = [];
    for (const [target, left] of [
      [0, ['COMPLETE', 'FAILED', 'refused', 'COMPLETE']],
      [1, ['COMPLETE', 'not-started']],
      [3, ['ORPHANED']],
      [6, ['COMPLETE']],
    ] as const)
      jobs.push(await work(ring, target, left, false));
    const text = await readFile(
      new URL('../../../coordinator/store/migrations/0014_what_nodes_were_left_with.sql', import.meta.url),
      'utf8',
    );
    await sql`update node set attempt_status = null, attempt_job_id = null, attempt_job_number = null`.execute(
      database.db,
    );
    await sql.raw(/update node set[^;]+;/.exec(text)?.[0] ?? '').execute(database.db);
    await compare(ring, jobs);
  });
});
