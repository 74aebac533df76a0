// Who may bring an agent, and for how long; what is told of it by whom; the way into a host; and the host's pinned key.
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { sql } from 'kysely';
import {
  askForAgent,
  endBootstraps,
  giveLeaseBack,
  isGoodCertificate,
  knownHostKey,
  type Lease,
  noteEntered,
  pinHostKey,
  readHostAccess,
  renewLease,
  takeBootstraps,
  tellOfTry,
  underLease,
} from '../../../coordinator/store/bootstraps.ts';
import { ownEvent } from '../../../coordinator/store/events.ts';
import { insertModel } from '../../../coordinator/store/models.ts';
import { modelOf } from '../../../shared/models.ts';
import { masterBox } from '../../support/coordinator.ts';
import { createMigratedDatabase } from '../../support/database.ts';

const LEASE_MS = 30_000;

describe('an agent to be brought', function () {
  this.timeout(60_000);
  let database: Awaited<ReturnType<typeof createMigratedDatabase>>;
  let asked: { jobId: string; jobNodeId: string; nodeId: string };
  const box = masterBox();

  before(async () => {
    database = await createMigratedDatabase();
  });
  after(() => database.drop());
  beforeEach(async () => {
    const { db } = database;
    await sql`delete from bootstrap`.execute(db);
    const [clusterId, datacenterId] = [randomUUID(), randomUUID()];
    asked = { jobId: randomUUID(), jobNodeId: randomUUID(), nodeId: randomUUID() };
    const { jobId, jobNodeId, nodeId } = asked;
    await sql`insert into cluster (id, name) values (${clusterId}, ${clusterId})`.execute(db);
    await sql`insert into datacenter (id, name, cluster_id) values (${datacenterId}, 'dc1', ${clusterId})`.execute(
      db,
    );
    await sql`insert into node (id, name, datacenter_id, ssh_management_address)
      values (${nodeId}, 'a', ${datacenterId}, '10.0.0.1')`.execute(db);
    await sql`insert into job (id, job_type, job_scope, cluster_id, cluster_name, job_data)
      values (${jobId}, 'install', 'cluster', ${clusterId}, 'c', '{}')`.execute(db);
    await sql`insert into job_node (id, job_id, node_id, node_name, datacenter_name, position)
      values (${jobNodeId}, ${jobId}, ${nodeId}, 'a', 'dc1', 0)`.execute(db);
    await sql`insert into job_counter (job_id) values (${jobId})`.execute(db);
    await sql`insert into job_node_counter (job_node_id) values (${jobNodeId})`.execute(db);
    await askForAgent(db, asked);
  });

  const take = async (): Promise<Lease> => {
    const [lease] = await takeBootstraps(database.db, 1, LEASE_MS);
    if (lease === undefined) throw new Error('nothing was due');
    return lease;
  };
  const lapse = () =>
    sql`update bootstrap set leased_until = clock_timestamp() - interval '1 second'`.execute(database.db);
  const event = () => ownEvent(asked, { type: 'error', subtype: 'bootstrap-timeout', message: 'm' });
  const events = async (): Promise<number> =>
    (await sql`select 1 from job_event where job_id = ${asked.jobId}`.execute(database.db)).rows.length;
  const row = async () => {
    const { rows } = await sql<
      Record<string, unknown>
    >`select failed_tries, reason, outcome, ended_on is not null as ended
      from bootstrap`.execute(database.db);
    return rows[0];
  };

  it('is taken by one of many', async () => {
    const taken = await Promise.all(
      Array.from({ length: 8 }, () => takeBootstraps(database.db, 4, LEASE_MS)),
    );
    expect(taken.flat()).to.have.length(1);
    expect(taken.flat()[0]).to.include({ ...asked, failedTries: 0 });
  });

  it('is asked for once, however often', async () => {
    await askForAgent(database.db, asked);
    expect(await takeBootstraps(database.db, 4, LEASE_MS)).to.have.length(1);
  });

  it('is brought for no dry-run, whatever coordinator asks for it', async () => {
    const { db } = database;
    await sql`update job set dry_run = true where id = ${asked.jobId}`.execute(db);
    expect(await takeBootstraps(db, 4, LEASE_MS)).to.deep.equal([]);
    await sql`delete from bootstrap`.execute(db);
    await askForAgent(db, asked);
    expect(await row()).to.equal(undefined);
  });

  it('goes to another once its lease has run out, and nothing that the first one tells counts any more', async () => {
    const first = await take();
    expect(await takeBootstraps(database.db, 1, LEASE_MS)).to.deep.equal([]);
    await lapse();
    const second = await take();
    expect(await renewLease(database.db, first, LEASE_MS)).to.equal(false);
    expect(await tellOfTry(database.db, first, event(), { outcome: 'succeeded' })).to.equal(false);
    await giveLeaseBack(database.db, first);
    expect(await events()).to.equal(0);
    expect(await row()).to.include({ outcome: null, failed_tries: 0 });
    expect(await renewLease(database.db, second, LEASE_MS)).to.equal(true);
    expect(await takeBootstraps(database.db, 1, LEASE_MS)).to.deep.equal([]);
  });

  it('goes to another at once when it is given back', async () => {
    const first = await take();
    await giveLeaseBack(database.db, first);
    expect((await take()).leaseId).to.not.equal(first.leaseId);
  });

  it('is tried again only after a while', async () => {
    const failed = { outcome: 'again', reason: 'why', inMs: 60_000 } as const;
    expect(await tellOfTry(database.db, await take(), event(), failed)).to.equal(true);
    expect(await row()).to.deep.equal({ failed_tries: 1, reason: 'why', outcome: null, ended: false });
    expect(await events()).to.equal(1);
    expect(await takeBootstraps(database.db, 1, LEASE_MS)).to.deep.equal([]);
    await sql`update bootstrap set next_try_on = clock_timestamp()`.execute(database.db);
    expect((await take()).failedTries).to.equal(1);
  });

  it('is over when it failed for good, or the agent is there', async () => {
    const failed = { outcome: 'failed', reason: 'why' } as const;
    await tellOfTry(database.db, await take(), event(), failed);
    expect(await row()).to.deep.equal({ failed_tries: 1, reason: 'why', outcome: 'failed', ended: true });
    expect(await takeBootstraps(database.db, 1, LEASE_MS)).to.deep.equal([]);
  });

  it('is of nobody any more once its job node is over', async () => {
    const lease = await take();
    await endBootstraps(database.db, [asked.jobNodeId], 'dropped');
    expect(await renewLease(database.db, lease, LEASE_MS)).to.equal(false);
    expect(await tellOfTry(database.db, lease, event(), null)).to.equal(false);
    expect(await noteEntered(database.db, lease)).to.equal(false);
    let isDone = false;
    const work = async () => {
      isDone = true; // a bundle would be made, or a key pinned
    };
    expect(await underLease(database.db, lease, work)).to.equal(null);
    expect(isDone).to.equal(false);
    expect(await events()).to.equal(0);
  });

  it('is not brought for one job while a try of another is still on the host', async () => {
    const lease = await take();
    expect(await endBootstraps(database.db, [asked.jobNodeId], 'dropped')).to.deep.equal([asked.jobNodeId]);
    expect(await endBootstraps(database.db, [asked.jobNodeId], 'dropped')).to.deep.equal([]);
    const later = { ...asked, jobNodeId: randomUUID() };
    await sql`insert into job_node (id, job_id, node_id, node_name, datacenter_name, position)
      values (${later.jobNodeId}, ${later.jobId}, ${later.nodeId}, 'a', 'dc1', 1)`.execute(database.db);
    await askForAgent(database.db, later);
    expect(await takeBootstraps(database.db, 4, LEASE_MS)).to.deep.equal([]);
    await giveLeaseBack(database.db, lease);
    expect((await take()).jobNodeId).to.equal(later.jobNodeId);
  });

  it('waits without a way in until the model has changed, whatever part of it', async () => {
    await tellOfTry(database.db, await take(), event(), { outcome: 'waits', reason: 'why', inMs: null });
    expect(await row()).to.deep.equal({ failed_tries: 0, reason: 'why', outcome: null, ended: false });
    expect(await takeBootstraps(database.db, 1, LEASE_MS)).to.deep.equal([]);
    await sql`update cluster set modified_on = clock_timestamp()
      where id = (select cluster_id from job where id = ${asked.jobId})`.execute(database.db);
    const again = await take();
    expect(again.waitedFor).to.equal('why');
    await tellOfTry(database.db, again, null, { outcome: 'waits', reason: 'why', inMs: 0 });
    expect((await take()).jobNodeId).to.equal(asked.jobNodeId);
  });

  it('has its tries counted anew once there is a way in', async () => {
    const again = { outcome: 'again', reason: 'why', inMs: 0 } as const;
    await tellOfTry(database.db, await take(), event(), again);
    await tellOfTry(database.db, await take(), event(), again);
    const third = await take();
    expect(third).to.include({ failedTries: 2, waitedFor: null });
    await tellOfTry(database.db, third, event(), { outcome: 'waits', reason: 'why', inMs: 0 });
    expect(await take()).to.include({ failedTries: 0, waitedFor: 'why' });
  });

  it('is counted while its tries come to no end', async () => {
    expect((await take()).begunTries).to.equal(1);
    await lapse();
    const second = await take();
    expect(second.begunTries).to.equal(2);
    await giveLeaseBack(database.db, second);
    const third = await take();
    expect(third.begunTries).to.equal(2);
    await tellOfTry(database.db, third, event(), { outcome: 'again', reason: 'why', inMs: 0 });
    expect((await take()).begunTries).to.equal(1);
  });

  it('is enrolled anew where its certificate is not the good one', async () => {
    const good = (serial: string) => isGoodCertificate(database.db, asked.nodeId, serial);
    expect(await good('A')).to.equal(true); // enrolled before that was kept track of
    await sql`insert into node_certificate (node_id, serial, next_serial) values (${asked.nodeId}, 'B', 'C')`.execute(
      database.db,
    );
    expect(await Promise.all(['A', 'B', 'C'].map(good))).to.deep.equal([false, true, true]);
  });

  it('comes by the nearest credential and port, opened', async () => {
    const credential = async (name: string) => {
      const row = await insertModel(
        database.db,
        modelOf('machine_credentials'),
        {
          name: `${name} ${randomUUID()}`,
          'login-name': name,
          'login-password': 'canary',
          'become-mode': 'su',
        },
        { box, by: null },
      );
      return row.id;
    };
    expect(await readHostAccess(database.db, box, asked.nodeId)).to.equal(null);
    await sql`update cluster set machine_credential_id = ${await credential('of-cluster')}, ssh_management_port = 2222
      where id = (select cluster_id from job where id = ${asked.jobId})`.execute(database.db);
    expect(await readHostAccess(database.db, box, asked.nodeId)).to.include({
      nodeName: 'a',
      address: '10.0.0.1',
      port: 2222,
      loginName: 'of-cluster',
      loginPassword: 'canary',
      privateKey: null,
      becomeMode: 'su',
    });
    await sql`update node set machine_credential_id = ${await credential('own')} where id = ${asked.nodeId}`.execute(
      database.db,
    );
    expect((await readHostAccess(database.db, box, asked.nodeId))?.loginName).to.equal('own');
  });

  describe('has the key of its host', () => {
    const pin = (fingerprint: string, at = '10.0.0.1:22') =>
      pinHostKey(database.db, asked.nodeId, { fingerprint, at });

    it('forgotten once it is looked for elsewhere', async () => {
      await pin('one');
      expect(await knownHostKey(database.db, asked.nodeId, '10.0.0.1:22')).to.equal('one');
      expect(await knownHostKey(database.db, asked.nodeId, '10.0.0.1:2222')).to.equal(null);
      expect(await pin('two', '10.0.0.1:2222')).to.deep.equal({ pinned: 'two', isNew: true });
      expect(await pin('one', '10.0.0.1:2222')).to.deep.equal({ pinned: 'two', isNew: false });
    });

    it('pinned by the first who sees it, and by nobody else', async () => {
      const keys = ['one', 'two', 'three'];
      const pins = await Promise.all(keys.map((key) => pin(key)));
      const [first, ...more] = pins.filter(({ isNew }) => isNew);
      expect(more).to.deep.equal([]);
      expect(new Set(pins.map(({ pinned }) => pinned))).to.deep.equal(new Set([first?.pinned]));
    });

    it('held against the one that an operator gave', async () => {
      await pin('accepted');
      await sql`update node set ssh_host_key = 'given' where id = ${asked.nodeId}`.execute(database.db);
      expect(await pin('accepted')).to.deep.equal({ pinned: 'given', isNew: false });
    });
  });
});
