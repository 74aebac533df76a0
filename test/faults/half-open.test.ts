// Links on which nothing comes through any more, and nobody is told: both ends notice, and nothing is done on silence alone.
import { once } from 'node:events';
import { connect } from 'node:http2';
import { expect } from 'chai';
import { enrol } from '../../agent/enrol.ts';
import { COORDINATOR_NAME } from '../../shared/wire/service.ts';
import { startAgentProgram } from '../support/agent-program.ts';
import { askDatabase } from '../support/ask-database.ts';
import { modelCluster, startTestCoordinator, type TestCoordinator } from '../support/coordinator.ts';
import { eventually } from '../support/eventually.ts';
import { talkingStep } from '../support/gated-step.ts';
import { becomes, jobOf, nodesOf, postRestart } from '../support/jobs.ts';
import { startLinkAgent } from '../support/link-agent.ts';
import { followLive } from '../support/live-stream.ts';
import { startWire } from '../support/wire.ts';

/** In place of 30 s and 15 s. */
const keepalive = { pingEveryMs: 500, answerWithinMs: 1_000, unusedAfterMs: 400 };

describe('a link that has gone silent', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  const ends: (() => Promise<unknown>)[] = [];
  before(async () => {
    coordinator = await startTestCoordinator({}, { timings: { keepalive, sweepEveryMs: 100 } });
  });
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
  after(() => coordinator.remove());

  const modelOne = async (name: string) => {
    const { clusterId, nodeIds } = await modelCluster(coordinator, name, ['n1']);
    const { body } = await coordinator.call('POST', `nodes/${nodeIds[0]}/enrolment`);
    return { clusterId, nodeId: nodeIds[0] ?? '', bundle: body.bundle as string };
  };
  const startJob = async (clusterId: string) => {
    const id = await postRestart(coordinator, clusterId);
    const live = await followLive(coordinator.restUrl, id);
    ends.push(async () => live.close());
    await eventually(() => expect(live.messages).to.have.length.above(20));
    return { id, live };
  };
  const isAttached = async (nodeId: string): Promise<boolean> => {
    const asked = 'select 1 from agent where node_id = $1 and session_id is not null';
    return (await askDatabase(coordinator.databaseUrl, asked, [nodeId])).length === 1;
  };

  it('because packets are dropped is noticed at both ends; the run goes on, and its story from the last acknowledgement', async () => {
    const { clusterId, nodeId, bundle } = await modelOne('dropped');
    const wire = await startWire({ host: '127.0.0.1', port: coordinator.grpcPort });
    ends.push(() => wire.close());
    const talk = talkingStep('dropped');
    const addresses = [`127.0.0.1:${wire.port}`];
    const agent = await startLinkAgent(bundle, () => [talk.step], { addresses, keepalive });
    ends.push(() => agent.stop());
    const { id, live } = await startJob(clusterId);
    wire.silence();
    await eventually(async () => expect(await isAttached(nodeId)).to.equal(false));
    // It dials again and again, since nothing is answered.
    await eventually(() => expect(wire.connections()).to.be.at.least(2));
    expect(await nodesOf(coordinator, id)).to.deep.equal(['n1 RUNNING']);
    expect((await jobOf(coordinator, id)).status).to.equal('RUNNING');
    const toldBefore = talk.told.length;
    await eventually(() => expect(talk.told.length).to.be.above(toldBefore));
    wire.heal();
    await eventually(async () => expect(await isAttached(nodeId)).to.equal(true));
    talk.open();
    await becomes(coordinator, id, 'COMPLETE');
    await live.ended;
    expect(live.messages.slice(1, -1)).to.deep.equal(talk.told);
    expect(['PENDING', 'RUNNING', 'COMPLETE']).to.include.members(live.statuses);
  });

  it('because nothing was ever asked over it is ended by the coordinator', async () => {
    const { bundle } = await modelOne('unused');
    const { caPem, certificatePem, privateKeyPem } = await enrol(bundle);
    const session = connect(`https://127.0.0.1:${coordinator.grpcPort}`, {
      ca: caPem,
      cert: certificatePem,
      key: privateKeyPem,
      servername: COORDINATOR_NAME,
    });
    ends.push(async () => session.destroy());
    await once(session, 'connect');
    const since = Date.now();
    await once(session, 'close');
    expect(Date.now() - since).to.be.at.least(keepalive.unusedAfterMs - 50);
  });

  it('because the agent stands still is noticed, and the agent goes on where it was once it moves again', async () => {
    const { clusterId, nodeId, bundle } = await modelOne('still');
    const agent = await startAgentProgram(bundle, {});
    ends.push(() => agent.remove());
    const { id, live } = await startJob(clusterId);
    agent.child().kill('SIGSTOP');
    await eventually(async () => expect(await isAttached(nodeId)).to.equal(false));
    expect(await nodesOf(coordinator, id)).to.deep.equal(['n1 RUNNING']);
    agent.child().kill('SIGCONT');
    await eventually(async () => expect(await isAttached(nodeId)).to.equal(true));
    agent.openGate();
    await becomes(coordinator, id, 'COMPLETE');
    await live.ended;
    const told = live.messages.slice(1, -1).map((message) => message.trim());
    expect(told).to.deep.equal(told.map((_, at) => String(at + 1)));
    expect(live.numbers).to.deep.equal(live.messages.map((_, at) => at + 1));
    expect(['PENDING', 'RUNNING', 'COMPLETE']).to.include.members(live.statuses);
  });
});
