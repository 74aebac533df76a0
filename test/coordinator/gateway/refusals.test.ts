// What a coordinator's log says of agents that it turns away: who they are and why, and not once for every dial.
import { randomUUID } from 'node:crypto';
import { connect } from 'node:tls';
import { expect } from 'chai';
import { createKeyAndRequest } from '../../../agent/identity/key-and-request.ts';
import { Refusals } from '../../../coordinator/gateway/refusals.ts';
import { Authority, createAuthority } from '../../../coordinator/security/authority.ts';
import { type LogFields, type Logger, silentLogger } from '../../../shared/log.ts';
import { decodeBundle, encodeBundle } from '../../../shared/pki/enrolment-bundle.ts';
import { modelCluster, startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { eventually } from '../../support/eventually.ts';
import { enrolRawAgent } from '../../support/raw-agent.ts';

function keptLog(): { log: Logger; warned: LogFields[] } {
  const warned: LogFields[] = [];
  const log: Logger = {
    ...silentLogger,
    warn: (message, fields = {}) => void (message === 'agent refused' && warned.push(fields)),
    child: () => log,
  };
  return { log, warned };
}

describe('agents that are turned away', function () {
  this.timeout(60_000);
  const { log, warned } = keptLog();
  let coordinator: TestCoordinator;
  before(async () => {
    coordinator = await startTestCoordinator({}, { log });
  });
  beforeEach(() => void warned.splice(0));
  after(() => coordinator.remove());

  const dial = async (papers: { key: string; cert: string } | null): Promise<void> => {
    const options = { port: coordinator.grpcPort, host: '127.0.0.1', ALPNProtocols: ['h2'] };
    const socket = connect({ ...options, rejectUnauthorized: false, ...papers });
    socket.on('error', () => {});
    socket.resume();
    await new Promise((closed) => socket.once('close', closed)); // once() would take the error for its own
  };
  const warnings = (count: number): Promise<LogFields[]> =>
    eventually(() => {
      expect(warned).to.have.length(count);
      return warned;
    });

  it('are told of by address and reason when their certificate is of another authority, once a minute', async () => {
    const foreign = await Authority.load(await createAuthority('Another'));
    const { csrPem, privateKeyPem } = createKeyAndRequest();
    const { certificatePem } = await foreign.signAgentRequest({ csrPem, nodeId: randomUUID() });
    for (let dials = 0; dials < 3; dials += 1) await dial({ key: privateKeyPem, cert: certificatePem });
    await dial(null);
    const [first, second] = await warnings(2);
    expect(first?.address).to.match(/127\.0\.0\.1$/);
    expect(first?.reason).to.match(/^client certificate: (UNABLE|DEPTH|SELF)/);
    expect(second?.reason).to.match(/^TLS: peer did not return a certificate$/);
  });

  it('are told of by their node when it was deleted from the model', async () => {
    const { nodeIds } = await modelCluster(coordinator, 'gone', ['n1']);
    const nodeId = nodeIds[0] ?? '';
    const { body } = await coordinator.call('POST', `nodes/${nodeId}/enrolment`);
    const open = await enrolRawAgent(body.bundle);
    expect((await coordinator.call('DELETE', `nodes/${nodeId}`)).status).to.equal(200);
    const stream = open();
    stream.say({ kind: 'hello', version: '0', hostname: 'h', runIds: [] } as never);
    await stream.ended;
    stream.close();
    const [warning] = await warnings(1);
    expect(warning).to.include({
      nodeId,
      reason: `there is no node ${nodeId}: it was deleted from the model`,
    });
    expect(warning?.address).to.match(/127\.0\.0\.1$/);
  });

  it('are told of once a minute too when it is an enrolment that is refused, whatever it asks for', async () => {
    const { nodeIds } = await modelCluster(coordinator, 'enrolling', ['n1']);
    const { body } = await coordinator.call('POST', `nodes/${nodeIds[0]}/enrolment`);
    await enrolRawAgent(body.bundle);
    const codes: unknown[] = [];
    for (let asked = 0; asked < 3; asked += 1) {
      const forged = encodeBundle({ ...decodeBundle(body.bundle), nodeId: randomUUID() });
      for (const bundle of [body.bundle, forged])
        await enrolRawAgent(bundle).catch((error: Error) => codes.push(error.message));
    }
    expect(codes).to.have.length(6);
    for (const message of codes) expect(message).to.match(/This enrolment secret is not valid/);
    const [warning] = await warnings(1);
    expect(warning?.reason).to.match(/^This enrolment secret is not valid/);
    expect(warning).to.not.have.property('nodeId');
  });

  it('are told of again a minute later, with how many there were', () => {
    let nowMs = 0;
    const told = keptLog();
    const refusals = new Refusals(told.log, () => nowMs);
    for (const port of [1, 2, 3]) refusals.note(`10.0.0.1:${port}`, 'why');
    refusals.note('10.0.0.2:1', 'why');
    nowMs = 60_000;
    refusals.note('10.0.0.1:9', 'why');
    expect(told.warned).to.deep.equal([
      { address: '10.0.0.1', reason: 'why' },
      { address: '10.0.0.2', reason: 'why' },
      { address: '10.0.0.1', reason: 'why', count: 3 },
    ]);
  });
});
