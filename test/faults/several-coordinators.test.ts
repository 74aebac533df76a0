// Several coordinators side by side on one database: any of them serves, and any may be killed or stand still.
import { expect } from 'chai';
import type { Keepalive } from '../../shared/wire/service.ts';
import { askDatabase } from '../support/ask-database.ts';
import { modelCluster, startTestCoordinator, type TestCoordinator } from '../support/coordinator.ts';
import { type CoordinatorProgram, startCoordinatorProgram } from '../support/coordinator-program.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { gatedStep } from '../support/gated-step.ts';
import { becomes, jobOf, postRestart, sawEvent, subtypesOf } from '../support/jobs.ts';
import { startLinkAgent } from '../support/link-agent.ts';
import { followLive } from '../support/live-stream.ts';

describe('several coordinators on one database', function () {
  this.timeout(90_000);
  let database: TestDatabase;
  /** in this process: what is asked over REST is asked of them */
  let here: TestCoordinator[];
  const ends: (() => Promise<unknown>)[] = [];
  before(async () => {
    database = await createTestDatabase();
    here = [];
    for (let at = 0; at < 3; at += 1) {
      here.push(await startTestCoordinator({}, { databaseUrl: database.url, timings: { sweepEveryMs: 50 } }));
    }
  });
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
  after(async () => {
    for (const coordinator of here) await coordinator.remove();
    await database.drop();
  });

  const one = (at: number): TestCoordinator => {
    const coordinator = here[at];
    if (coordinator === undefined) throw new Error(`no coordinator ${at}`);
    return coordinator;
  };
  const bundleFor = async (nodeId: string | undefined): Promise<string> =>
    (await one(0).call('POST', `nodes/${nodeId}/enrolment`)).body.bundle;
  /** The coordinator that serves this node's stream. */
  const holderOf = async (nodeId: string | undefined): Promise<string> => {
    const rows = await askDatabase(database.url, 'select coordinator_id from agent where node_id = $1', [
      nodeId,
    ]);
    return rows[0]?.coordinator_id;
  };

  it('take a job on one, carry it out over another and show it live on a third', async () => {
    const { clusterId, nodeIds } = await modelCluster(one(0), 'spread', ['n1']);
    const gate = gatedStep();
    const agent = await startLinkAgent(await bundleFor(nodeIds[0]), () => [gate.step], {
      addresses: [`127.0.0.1:${one(1).grpcPort}`],
    });
    ends.push(() => agent.stop());
    const id = await postRestart(one(0), clusterId);
    const live = await followLive(one(2).restUrl, id);
    ends.push(async () => live.close());
    await eventually(() => expect(live.messages).to.include('at the gate'));
    gate.open();
    await live.ended;
    expect(live.messages).to.deep.equal([
      'job started...',
      'at the gate',
      'past the gate',
      'job ended COMPLETE',
    ]);
  });

  it('never run two passes of a job at once: every node once, one after the other, every event once', async () => {
    const stories: Promise<void>[] = [];
    for (let cluster = 0; cluster < 4; cluster += 1) {
      const { clusterId, nodeIds } = await modelCluster(one(0), `passes-${cluster}`, ['n1', 'n2', 'n3']);
      const atWork = { now: 0, most: 0, runs: 0 };
      for (const [at, nodeId] of nodeIds.entries()) {
        const step = {
          name: 'count',
          async *run() {
            atWork.now += 1;
            atWork.runs += 1;
            atWork.most = Math.max(atWork.most, atWork.now);
            yield {
              type: 'check',
              subtype: 'work',
              resource: null,
              message: 'at work',
              changes: false,
            } as const;
            atWork.now -= 1;
          },
        };
        const addresses = [`127.0.0.1:${one(at).grpcPort}`];
        const agent = await startLinkAgent(await bundleFor(nodeId), () => [step], { addresses });
        ends.push(() => agent.stop());
      }
      stories.push(
        (async () => {
          for (let round = 0; round < 3; round += 1) {
            const id = await postRestart(one(round), clusterId);
            await becomes(one(0), id, 'COMPLETE');
            expect(await subtypesOf(one(1), id)).to.deep.equal(['start', 'work', 'work', 'work', 'end']);
          }
          expect(atWork).to.deep.equal({ now: 0, most: 1, runs: 9 });
        })(),
      );
    }
    await Promise.all(stories);
  });

  it("tell the older of a node's two agents to stop, though they are attached to different ones", async () => {
    const { clusterId, nodeIds } = await modelCluster(one(0), 'twice', ['n1']);
    const older = await startLinkAgent(await bundleFor(nodeIds[0]), () => [], {
      addresses: [`127.0.0.1:${one(0).grpcPort}`],
    });
    ends.push(() => older.stop());
    await eventually(async () => expect(await holderOf(nodeIds[0])).to.be.a('string'));
    const newer = await startLinkAgent(await bundleFor(nodeIds[0]), () => [], {
      addresses: [`127.0.0.1:${one(1).grpcPort}`],
    });
    ends.push(() => newer.stop());
    expect(await older.ended).to.equal('superseded');
    await becomes(one(2), await postRestart(one(2), clusterId), 'COMPLETE');
  });

  describe('of which one holds an agent', () => {
    /** Two processes; the agent is attached to one of them, with a run under way there. */
    async function startHeld(name: string, keepalive?: Keepalive) {
      const { clusterId, nodeIds } = await modelCluster(one(0), name, ['n1']);
      const programs = new Map<string, CoordinatorProgram>();
      for (let at = 0; at < 2; at += 1) {
        const known = 'select id from coordinator where not (id = any($1::uuid[]))';
        const before = (await askDatabase(database.url, 'select id from coordinator')).map(({ id }) => id);
        const program = await startCoordinatorProgram({ RINGMASTER_DATABASE_URL: database.url });
        ends.push(() => program.remove());
        const [row] = await askDatabase(database.url, known, [before]);
        programs.set(row?.id, program);
      }
      const gate = gatedStep();
      let starts = 0;
      const once = {
        name: 'once',
        async *run() {
          starts += 1;
          yield { type: 'check', subtype: 'once', resource: null, message: 'once', changes: true } as const;
        },
      };
      const addresses = [...programs.values()].map(({ grpcPort }) => `127.0.0.1:${grpcPort}`);
      const agent = await startLinkAgent(await bundleFor(nodeIds[0]), () => [once, gate.step], {
        addresses,
        ...(keepalive === undefined ? {} : { keepalive }),
      });
      ends.push(() => agent.stop());
      const id = await postRestart(one(0), clusterId);
      await sawEvent(one(0), id, 'at-gate');
      const live = await followLive(one(2).restUrl, id);
      ends.push(async () => live.close());
      const holderId = await holderOf(nodeIds[0]);
      const holder = programs.get(holderId);
      if (holder === undefined) throw new Error('none of the two holds the agent');
      return { id, clusterId, nodeId: nodeIds[0], agent, gate, live, holder, holderId, starts: () => starts };
    }

    it('go on without a step done twice when that one is killed', async () => {
      const { id, nodeId, gate, live, holder, holderId, starts } = await startHeld('killed');
      holder.child.kill('SIGKILL');
      await eventually(async () => expect(await holderOf(nodeId)).to.not.equal(holderId));
      gate.open();
      await becomes(one(1), id, 'COMPLETE');
      await live.ended;
      expect(live.statuses).to.deep.equal(['RUNNING', 'COMPLETE']);
      expect(await subtypesOf(one(0), id)).to.deep.equal(['start', 'once', 'at-gate', 'past-gate', 'end']);
      expect((await jobOf(one(0), id))['events-complete']).to.equal(true);
      expect(starts()).to.equal(1);
    });

    it('are not harmed when that one stands still, is given up, and comes back', async () => {
      const held = await startHeld('paused', {
        pingEveryMs: 500,
        answerWithinMs: 6_000,
        unusedAfterMs: 30_000,
      });
      const { id, clusterId, nodeId, agent, gate, live, holder, holderId, starts } = held;
      holder.child.kill('SIGSTOP');
      await askDatabase(
        database.url,
        `update coordinator set beat_on = now() - interval '1 minute' where id = $1`,
        [holderId],
      );
      await eventually(async () => expect(await holderOf(nodeId)).to.not.equal(holderId));
      const now = await holderOf(nodeId);
      gate.open();
      // Stopped in the middle of a transaction it holds locks, until the database server takes them from it.
      await becomes(one(1), id, 'COMPLETE', 40_000);
      holder.child.kill('SIGCONT');
      const beats = `select id from coordinator where id = $1 and beat_on > now() - interval '15 seconds'`;
      await eventually(async () =>
        expect(await askDatabase(database.url, beats, [holderId])).to.have.length(1),
      );
      // It serves again, and has taken nothing back: neither the node nor the job.
      expect((await fetch(`${holder.restUrl}/readyz`)).status).to.equal(200);
      await becomes(one(2), await postRestart(one(2), clusterId), 'COMPLETE');
      expect(await holderOf(nodeId)).to.equal(now);
      expect(live.statuses).to.deep.equal(['RUNNING', 'COMPLETE']);
      expect(await subtypesOf(one(0), id)).to.deep.equal(['start', 'once', 'at-gate', 'past-gate', 'end']);
      expect(starts()).to.equal(2);
      expect(agent.runner.heldRunIds()).to.deep.equal([]);
    });
  });
});
