// Job nodes and events of one cluster or datacenter, among those of all: which they are, in which order, and what comes after one.
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { openDatabase } from '../../../coordinator/store/database.ts';
import { silentLogger } from '../../../shared/log.ts';
import { modelCluster, startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { type ToldJob, tellEvents, tellJob, toldEvent } from '../../support/told-jobs.ts';

const DAY = Date.parse('2026-03-01T00:00:00Z');
const onDay = (day: number): string => new Date(DAY + day * 86_400_000).toISOString();
const ABSENT = '00000000-0000-4000-8000-000000000000';

describe('lists of all job nodes and events', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  let opened: ReturnType<typeof openDatabase>;
  let clusterId: string;
  /** dc1 has the first node of each job, dc2 the second */
  let dc1: string;
  const dc2 = randomUUID();
  /** of the cluster but for the second, oldest first; the last was asked for dc2 alone */
  let jobs: [ToldJob, ToldJob, ToldJob];
  const list = async (path: string): Promise<Record<string, string>[]> => {
    const answer = await coordinator.call('GET', path);
    expect(answer.status, `${path} ${JSON.stringify(answer.body)}`).to.equal(200);
    return answer.body.results;
  };
  const messages = async (query: string) =>
    (await list(`job_events/?${query}`)).map(({ message }) => message);
  const nodes = async (query: string) => (await list(`job_nodes/?${query}`)).map(({ id }) => id);

  before(async () => {
    coordinator = await startTestCoordinator();
    opened = openDatabase({ url: coordinator.databaseUrl }, silentLogger, 4);
    const { db, pool } = opened;
    ({ clusterId, datacenterId: dc1 } = await modelCluster(coordinator, 'c1', []));
    await pool.query("insert into datacenter (id, name, cluster_id) values ($1, 'dc2', $2)", [
      dc2,
      clusterId,
    ]);
    jobs = [
      await tellJob(db, 2, { cluster_id: clusterId, created_on: onDay(0) }),
      await tellJob(db, 2, { created_on: onDay(1) }),
      await tellJob(db, 2, { cluster_id: clusterId, created_on: onDay(2), datacenter_id: dc2 }),
    ];
    const [first, other, last] = jobs;
    for (const [at, [job, node, datacenter]] of (
      [
        [first, 0, dc1],
        [first, 1, dc2],
        [last, 0, dc2],
        [last, 1, dc2],
      ] as const
    ).entries())
      await pool.query(
        'insert into node (id, name, datacenter_id, ssh_management_address) values ($1, $2, $3, $4)',
        [job.jobNodes[node]?.nodeId, `n${at}`, datacenter, `10.9.0.${at}`],
      );
    const at = (day: number) => DAY + day * 86_400_000;
    const told = { changes: true, atMs: at(0.1) };
    await tellEvents(db, [
      toldEvent(first, -1, { message: 'started', event_type: 'milestone', atMs: at(0) }),
      toldEvent(first, 0, { message: 'one', ...told }),
      toldEvent(first, 1, { message: 'two', event_type: 'error', atMs: at(0.2) }),
      toldEvent(other, 0, { message: 'not ours', ...told }),
      toldEvent(last, 0, { message: 'three', changes: true, atMs: at(2.1) }),
      toldEvent(last, 1, { message: 'four', event_type: 'error', atMs: at(2.2) }),
    ]);
    // An agent that was away: the time is the first job's, and it was stored last.
    await tellEvents(db, [toldEvent(first, 0, { message: 'late', atMs: at(0.15) })]);
  });
  after(async () => {
    await opened.db.destroy();
    await coordinator.remove();
  });

  it('give the job nodes of a cluster, those of the newest job first, the last of them before the first', async () => {
    const [first, , last] = jobs;
    const newest = [...first.jobNodes, ...last.jobNodes].map(({ id }) => id).reverse();
    const ofCluster = `cluster-id=${clusterId}`;
    expect(await nodes(ofCluster)).to.deep.equal(newest);
    expect(await nodes(`${ofCluster}&sort=created-on`)).to.deep.equal([...newest].reverse());
    for (const at of [0, 1, 2, 3])
      expect(await nodes(`${ofCluster}&after=${newest[at]}`), `after ${at}`).to.deep.equal(
        newest.slice(at + 1),
      );
    expect(await nodes(`${ofCluster}&since=${onDay(1)}`)).to.deep.equal(newest.slice(0, 2));
    expect(await nodes(`${ofCluster}&until=${onDay(1)}&page=2&per-page=1`)).to.deep.equal(newest.slice(3));
    const one = last.jobNodes[1];
    await opened.pool.query("update job_node set status = 'FAILED' where id = $1", [one?.id]);
    expect(await nodes(`${ofCluster}&status=FAILED`)).to.deep.equal([one?.id]);
    expect(await nodes(`${ofCluster}&node-id=${one?.nodeId}`)).to.deep.equal([one?.id]);
    expect(await nodes(`cluster-id=${ABSENT}&node-id=${one?.nodeId}`)).to.deep.equal([]);
    expect(await nodes(`cluster-id=${ABSENT}`)).to.deep.equal([]);
    expect(await nodes(`datacenter-id=${dc1}`)).to.deep.equal([first.jobNodes[0]?.id]);
    expect(await nodes(`datacenter-id=${dc2}`)).to.deep.equal([newest[0], newest[1], newest[2]]);
    expect(await nodes(`datacenter-id=${dc2}&node-id=${first.jobNodes[0]?.nodeId}`)).to.deep.equal([]);
  });

  it('give the events of a cluster job after job, and by their times within a time range', async () => {
    const stored = ['started', 'one', 'two', 'late', 'three', 'four'];
    for (const [query, wanted] of [
      [`cluster-id=${clusterId}`, stored],
      [`cluster-id=${clusterId}&sort=-created-on`, [...stored].reverse()],
      [`cluster-id=${clusterId}&page=2&per-page=4`, ['three', 'four']],
      [`cluster-id=${clusterId}&event-type=error`, ['two', 'four']],
      [`cluster-id=${clusterId}&changes=true&sort=-created-on`, ['three', 'one']],
      [`cluster-id=${clusterId}&since=${onDay(0)}`, ['started', 'one', 'late', 'two', 'three', 'four']],
      [`cluster-id=${clusterId}&until=${onDay(1)}&event-type=error`, ['two']],
      [`cluster-id=${clusterId}&since=${onDay(0)}&text=LATE`, ['late']],
      [`cluster-id=${clusterId}&node-id=${jobs[0].jobNodes[0]?.nodeId}`, ['one', 'late']],
      [`cluster-id=${ABSENT}`, []],
      [`cluster-id=${ABSENT}&since=${onDay(0)}`, []],
      [`datacenter-id=${dc1}`, ['one', 'late']],
      [`datacenter-id=${dc2}`, ['two', 'three', 'four']],
      [`datacenter-id=${dc2}&since=${onDay(1)}&sort=-created-on`, ['four', 'three']],
      [`datacenter-id=${dc2}&cluster-id=${ABSENT}`, []],
      [`datacenter-id=${ABSENT}`, []],
    ] as const)
      expect(await messages(query), query).to.deep.equal(wanted);
    const events = await list(`job_events/?cluster-id=${clusterId}`);
    for (const [at, event] of events.entries()) {
      const after = `cluster-id=${clusterId}&after=${event['id']}`;
      expect(await messages(after), `after ${at}`).to.deep.equal(stored.slice(at + 1));
      expect(await messages(`${after}&sort=-created-on`), `before ${at}`).to.deep.equal(
        stored.slice(0, at).reverse(),
      );
    }
    const elsewhere = (await list(`jobs/${jobs[1].id}/job_events/`))[0]?.['id'];
    const refused = await coordinator.call('GET', `job_events/?cluster-id=${clusterId}&after=${elsewhere}`);
    expect([refused.status, refused.body.errors[0].pointer]).to.deep.equal([400, '/after']);
  });

  it('are filtered by neither within a job', async () => {
    for (const path of [`jobs/${jobs[0].id}/job_events/`, `jobs/${jobs[0].id}/job_nodes/`]) {
      const refused = await coordinator.call('GET', `${path}?cluster-id=${clusterId}`);
      expect([refused.status, refused.body.errors[0].pointer]).to.deep.equal([400, '/cluster-id']);
    }
  });
});
