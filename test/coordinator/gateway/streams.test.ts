// Which streams the gateway takes, keeps and ends: papers, nodes that are gone, and hellos that are heard late.
import { randomUUID } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import { expect } from 'chai';
import { enrol } from '../../../agent/enrol.ts';
import type { Identity } from '../../../agent/identity/identity.ts';
import { createKeyAndRequest } from '../../../agent/identity/key-and-request.ts';
import { Authority, createAuthority } from '../../../coordinator/security/authority.ts';
import { realClock } from '../../../shared/clock.ts';
import { uuidv7 } from '../../../shared/uuid.ts';
import { askDatabase } from '../../support/ask-database.ts';
import {
  masterBox,
  modelCluster,
  startTestCoordinator,
  type TestCoordinator,
} from '../../support/coordinator.ts';
import { eventually } from '../../support/eventually.ts';
import { gatedStep } from '../../support/gated-step.ts';
import { becomes, postRestart, sawEvent } from '../../support/jobs.ts';
import { startLinkAgent } from '../../support/link-agent.ts';
import { helloOf, openRawStream, type Papers, type RawStream } from '../../support/raw-stream.ts';
import { startWire } from '../../support/wire.ts';

describe('streams of agents', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  const ends: (() => Promise<unknown>)[] = [];
  before(async () => {
    coordinator = await startTestCoordinator({}, { timings: { beatEveryMs: 50 } });
  });
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
  after(() => coordinator.remove());

  const bundleFor = async (nodeId: string | undefined): Promise<string> =>
    (await coordinator.call('POST', `nodes/${nodeId}/enrolment`)).body.bundle;
  const open = (papers: Papers | Pick<Papers, 'caPem'>): RawStream => {
    const stream = openRawStream(coordinator.grpcPort, papers);
    ends.push(async () => stream.close());
    return stream;
  };
  const welcomed = (stream: RawStream) =>
    eventually(() => expect(stream.heard.map(({ kind }) => kind)).to.include('welcome'));
  const attachedNow = async (nodeId: string | undefined): Promise<string | null> => {
    const asked = 'select session_id from agent where node_id = $1';
    return (await askDatabase(coordinator.databaseUrl, asked, [nodeId]))[0]?.session_id ?? null;
  };

  it('are not taken back by a hello that is heard late, and its agent is not told to stop', async () => {
    const { clusterId, nodeIds } = await modelCluster(coordinator, 'late', ['n1']);
    const early = uuidv7();
    const gate = gatedStep();
    const agent = await startLinkAgent(await bundleFor(nodeIds[0]), () => [gate.step]);
    ends.push(() => agent.stop());
    const id = await postRestart(coordinator, clusterId);
    await sawEvent(coordinator, id, 'at-gate');
    const late = open(agent.identity);
    late.say(helloOf(early));
    expect(await late.ended).to.deep.equal({
      code: status.UNAVAILABLE,
      details: 'a newer stream of this node is attached',
    });
    expect(late.heard).to.deep.equal([]);
    gate.open();
    await becomes(coordinator, id, 'COMPLETE');
  });

  it('are told apart by when they were dialled: the newer is told nothing, the older that it was superseded', async () => {
    const { nodeIds } = await modelCluster(coordinator, 'order', ['n1']);
    const identity = await enrol(await bundleFor(nodeIds[0]));
    const [older, newer] = [open(identity), open(identity)];
    older.say(helloOf(uuidv7(Date.now() - 1_000)));
    await welcomed(older);
    newer.say(helloOf(uuidv7()));
    await welcomed(newer);
    expect((await older.ended).code).to.equal(status.ABORTED);
    expect(older.heard.at(-1)?.kind).to.equal('superseded');
    expect(newer.heard.map(({ kind }) => kind)).to.deep.equal(['welcome']);
  });

  it('go on after a message about what can be no run, and are told what was wrong with it', async () => {
    const { nodeIds } = await modelCluster(coordinator, 'no-uuid', ['n1']);
    const stream = open(await enrol(await bundleFor(nodeIds[0])));
    stream.say(helloOf(uuidv7()));
    await welcomed(stream);
    const day = { address: '127.0.0.1', withinMs: 2 ** 32 - 1 };
    stream.say({ kind: 'let-go', runId: 'nonsense' });
    stream.say({ kind: 'peer-question', runId: randomUUID(), questionId: randomUUID(), ...day });
    stream.say({ kind: 'run-accepted', runId: 'more nonsense' });
    await eventually(() => expect(stream.heard).to.have.length(3));
    expect(stream.heard.slice(1)).to.deep.equal([
      { kind: 'unsupported', what: 'let-go with an id that is no UUID: "nonsense"' },
      { kind: 'unsupported', what: 'run-accepted with an id that is no UUID: "more nonsense"' },
    ]);
    stream.say({ kind: 'let-go', runId: randomUUID() });
    stream.say({ kind: 'hello', version: '0', hostname: 'h', runIds: [], streamId: '' });
    expect((await stream.ended).details).to.equal('hello comes once'); // nothing before it ended the stream
  });

  it('end when their agent does not take what it is sent: no more than so much is kept for it', async () => {
    const { nodeIds } = await modelCluster(coordinator, 'deaf', ['n1']);
    const stream = open(await enrol(await bundleFor(nodeIds[0])));
    stream.say(helloOf(uuidv7()));
    await welcomed(stream);
    stream.deaf(true);
    const asked = 5_000;
    for (let at = 0; at < asked; at += 1) stream.say({ kind: 'let-go', runId: `nonsense ${'x'.repeat(30)}` });
    await eventually(async () => expect(await attachedNow(nodeIds[0])).to.equal(null));
    stream.deaf(false);
    expect(await stream.ended).to.deep.equal({
      code: status.UNAVAILABLE,
      details: 'more than 1000 messages not taken by the agent; attach again',
    });
    expect(stream.heard.length).to.be.within(1_000, asked - 1);
  });

  it('attach again when their row says that they are not attached, whoever cleared it', async () => {
    const { nodeIds } = await modelCluster(coordinator, 'cleared', ['n1']);
    const agent = await startLinkAgent(await bundleFor(nodeIds[0]), () => []);
    ends.push(() => agent.stop());
    await eventually(async () => expect(await attachedNow(nodeIds[0])).to.be.a('string'));
    const before = await attachedNow(nodeIds[0]);
    await askDatabase(
      coordinator.databaseUrl,
      'update agent set session_id = null, coordinator_id = null where node_id = $1',
      [nodeIds[0]],
    );
    await eventually(async () => expect(await attachedNow(nodeIds[0])).to.be.a('string'));
    expect(await attachedNow(nodeIds[0])).to.not.equal(before);
  });

  it('leave no row behind that says they are attached when they end while it cannot be written', async () => {
    const { nodeIds } = await modelCluster(coordinator, 'stray', ['n1']);
    const identity = await enrol(await bundleFor(nodeIds[0]));
    const stream = open(identity);
    stream.say(helloOf(uuidv7()));
    await welcomed(stream);
    const row = await askDatabase(coordinator.databaseUrl, 'select * from agent where node_id = $1', [
      nodeIds[0],
    ]);
    stream.close();
    await eventually(async () => expect(await attachedNow(nodeIds[0])).to.equal(null));
    await askDatabase(
      coordinator.databaseUrl,
      'update agent set session_id = $2, coordinator_id = $3, disconnected_on = null where node_id = $1',
      [nodeIds[0], row[0].session_id, row[0].coordinator_id],
    );
    await eventually(async () => expect(await attachedNow(nodeIds[0])).to.equal(null));
  });

  it('end with the reason when their node is deleted from the model, and are refused from then on', async () => {
    const { nodeIds } = await modelCluster(coordinator, 'deleted', ['n1']);
    const identity = await enrol(await bundleFor(nodeIds[0]));
    const stream = open(identity);
    stream.say(helloOf(uuidv7()));
    await welcomed(stream);
    expect((await coordinator.call('DELETE', `nodes/${nodeIds[0]}`)).status).to.equal(200);
    const gone = {
      code: status.PERMISSION_DENIED,
      details: `there is no node ${nodeIds[0]}: it was deleted from the model`,
    };
    expect(await stream.ended).to.deep.equal(gone);
    const again = open(identity);
    again.say(helloOf(uuidv7()));
    expect(await again.ended).to.deep.equal(gone);
  });

  it('are dialled on and on by an agent whose node is gone, which may come back from a backup', async () => {
    const { nodeIds } = await modelCluster(coordinator, 'patient', ['n1']);
    const wire = await startWire({ host: '127.0.0.1', port: coordinator.grpcPort });
    ends.push(() => wire.close());
    const agent = await startLinkAgent(await bundleFor(nodeIds[0]), () => [], {
      addresses: [`127.0.0.1:${wire.port}`],
    });
    ends.push(() => agent.stop());
    await eventually(async () => expect(await attachedNow(nodeIds[0])).to.be.a('string'));
    await coordinator.call('DELETE', `nodes/${nodeIds[0]}`);
    await eventually(() => expect(wire.connections()).to.be.at.least(3));
  });

  describe('with papers that will not do', () => {
    let identity: Identity;
    let authority: { certificatePem: string; privateKeyPem: string };
    let nodeId: string;
    before(async () => {
      const { nodeIds } = await modelCluster(coordinator, 'papers', ['n1']);
      nodeId = nodeIds[0] ?? '';
      identity = await enrol(await bundleFor(nodeId));
      const [row] = await askDatabase(coordinator.databaseUrl, 'select * from authority');
      const box = masterBox();
      const place = { table: 'authority', id: 'one', column: 'sealed_key' };
      authority = { certificatePem: row.certificate_pem, privateKeyPem: box.open(row.sealed_key, place) };
    });
    const issuedBy = async (by: Authority, forNode: string): Promise<Papers> => {
      const { csrPem, privateKeyPem } = createKeyAndRequest();
      const { certificatePem } = await by.signAgentRequest({ csrPem, nodeId: forNode });
      return { caPem: identity.caPem, privateKeyPem, certificatePem };
    };
    const refused = async (papers: Papers | Pick<Papers, 'caPem'>): Promise<status> => {
      const stream = open(papers);
      stream.say(helloOf(uuidv7()));
      const { code } = await stream.ended;
      expect(stream.heard).to.deep.equal([]);
      expect(await attachedNow(nodeId)).to.equal(null);
      return code;
    };

    it('are taken when they do', async () => {
      const stream = open(identity);
      stream.say(helloOf(uuidv7()));
      await welcomed(stream);
      stream.close();
      await eventually(async () => expect(await attachedNow(nodeId)).to.equal(null));
    });

    it('are refused without a certificate', async () => {
      expect(await refused({ caPem: identity.caPem })).to.equal(status.UNAVAILABLE);
    });

    it("are refused with another authority's certificate", async () => {
      const foreign = await Authority.load(await createAuthority('Ringmaster'));
      expect(await refused(await issuedBy(foreign, nodeId))).to.equal(status.UNAVAILABLE);
    });

    it('are refused with a certificate that has run out', async () => {
      const longAgo = { ...realClock, nowMs: () => Date.now() - 91 * 86_400_000 };
      expect(await refused(await issuedBy(await Authority.load(authority, longAgo), nodeId))).to.equal(
        status.UNAVAILABLE,
      );
    });

    it("are refused with a coordinator's certificate", async () => {
      const own = await (await Authority.load(authority)).issueServerCertificate({
        names: ['localhost'],
        days: 1,
      });
      expect(await refused({ caPem: identity.caPem, ...own })).to.equal(status.UNAVAILABLE);
    });

    it('are refused for a node that never was', async () => {
      const stranger = await issuedBy(await Authority.load(authority), randomUUID());
      expect(await refused(stranger)).to.equal(status.PERMISSION_DENIED);
    });

    it('get no certificate for an enrolment secret that was used', async () => {
      const bundle = await bundleFor(nodeId);
      await enrol(bundle);
      const error = await enrol(bundle).then(
        () => null,
        (thrown: Error) => thrown,
      );
      expect(error?.message).to.match(/This enrolment secret is not valid: ask for a new one/);
    });
  });
});
