// What a pass reads of who is there and who is not: by the beats of the coordinators, on the database's clock.
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { sql } from 'kysely';
import { attachAgents, beat, detachAgents } from '../../../coordinator/store/presence.ts';
import { readWorld } from '../../../coordinator/store/world.ts';
import { IDLE_TIMEOUTS } from '../../../shared/settings.ts';
import { uuidv7 } from '../../../shared/uuid.ts';
import { createMigratedDatabase } from '../../support/database.ts';

const DEFAULTS = {
  settings: { ...IDLE_TIMEOUTS, 'adoption-window': 900 },
  limits: {
    orphanGraceMs: 0,
    adoptOrphans: true,
    bringAgents: true,
    terminateAwayMs: 1,
    terminateAgainMs: 1,
  },
};

describe('the world of a job', function () {
  this.timeout(60_000);
  const [jobId, nodeId, coordinatorId, sessionId] = [randomUUID(), randomUUID(), randomUUID(), uuidv7()];
  const stream = {
    nodeId,
    sessionId,
    version: '0',
    hostname: 'h',
    address: '10.0.0.1',
    certificateSerial: '1',
  };
  let database: Awaited<ReturnType<typeof createMigratedDatabase>>;
  before(async () => {
    database = await createMigratedDatabase();
    const { db } = database;
    const [clusterId, datacenterId] = [randomUUID(), randomUUID()];
    await sql`insert into cluster (id, name) values (${clusterId}, 'c')`.execute(db);
    await sql`insert into datacenter (id, name, cluster_id) values (${datacenterId}, 'd', ${clusterId})`.execute(
      db,
    );
    await sql`insert into node (id, name, datacenter_id, ssh_management_address)
      values (${nodeId}, 'n', ${datacenterId}, '127.0.0.1')`.execute(db);
    await sql`insert into job (id, job_type, job_scope, cluster_id, cluster_name, job_data, idle_after_s)
      values (${jobId}, 'restart', 'cluster', ${clusterId}, 'c', '{}', 300)`.execute(db);
    await sql`insert into job_node (id, job_id, node_id, node_name, datacenter_name, position)
      values (${randomUUID()}, ${jobId}, ${nodeId}, 'n', 'd', 0)`.execute(db);
  });
  after(() => database.drop());

  const world = async () => {
    const read = await readWorld(database.db, jobId, DEFAULTS);
    if (read === null) throw new Error('no such job');
    return read;
  };
  const agent = async () => (await world()).nodes[0]?.agent;
  const ago = (moment: number | null | undefined, nowMs: number): number =>
    Math.round((nowMs - (moment ?? 0)) / 1_000);
  const setBeat = (seconds: number) =>
    sql`update coordinator set beat_on = now() - make_interval(secs => ${seconds})`.execute(database.db);

  it('knows a node without an agent', async () => {
    expect(await agent()).to.deep.equal({ enrolled: false, connected: false, awaySinceMs: null });
  });

  it('knows an agent that is there, as long as its coordinator beats', async () => {
    await beat(database.db, coordinatorId);
    expect(await attachAgents(database.db, coordinatorId, [stream])).to.deep.equal(
      new Map([[nodeId, 'attached']]),
    );
    expect(await agent()).to.deep.equal({ enrolled: true, connected: true, awaySinceMs: null });
  });

  it('forgets a coordinator that is long dead with the next beat of another, not what is known of its agents', async () => {
    const other = randomUUID();
    const known = async () =>
      (await sql<{ id: string }>`select id from coordinator`.execute(database.db)).rows.map(({ id }) => id);
    await setBeat(590);
    await beat(database.db, other);
    expect(await known()).to.have.members([coordinatorId, other]);
    await sql`update coordinator set beat_on = now() - interval '610 seconds' where id = ${coordinatorId}`.execute(
      database.db,
    );
    await beat(database.db, other);
    expect(await known()).to.deep.equal([other]);
    const { nodes, nowMs } = await world();
    expect(nodes[0]?.agent.connected).to.equal(false);
    expect(ago(nodes[0]?.agent.awaySinceMs, nowMs)).to.be.within(610, 612);
    await sql`delete from coordinator`.execute(database.db);
    await beat(database.db, coordinatorId);
    const again = await attachAgents(database.db, coordinatorId, [stream]);
    expect(again).to.deep.equal(new Map([[nodeId, 'attached']]));
  });

  it('counts an agent as away from the last beat of the coordinator that died with its stream', async () => {
    await setBeat(100);
    const { nodes, nowMs } = await world();
    expect(nodes[0]?.agent.connected).to.equal(false);
    expect(ago(nodes[0]?.agent.awaySinceMs, nowMs)).to.be.within(100, 101);
    await detachAgents(database.db, [{ nodeId, sessionId }]);
    const after = await world();
    expect(ago(after.nodes[0]?.agent.awaySinceMs, after.nowMs)).to.be.within(0, 1);
  });

  it('counts no silence while nobody listened, though the first beat after that is still to come', async () => {
    const { db } = database;
    await sql`update listening set since = now() - interval '1 hour', beat_on = now() - interval '5 seconds'`.execute(
      db,
    );
    const heard = await world();
    expect(ago(heard.listeningSinceMs, heard.nowMs)).to.be.within(3_600, 3_601);
    await sql`update listening set beat_on = now() - interval '5 minutes'`.execute(db);
    const deaf = await world();
    expect(ago(deaf.listeningSinceMs, deaf.nowMs)).to.be.within(0, 1);
  });
});
