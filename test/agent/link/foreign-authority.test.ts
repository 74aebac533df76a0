// A coordinator that was set up anew, or another one at the same address: told apart from one that is away, with what to do.
import * as grpc from '@grpc/grpc-js';
import { expect } from 'chai';
import { enrol } from '../../../agent/enrol.ts';
import { createKeyAndRequest } from '../../../agent/identity/key-and-request.ts';
import { stayConnected, tlsCredentials } from '../../../agent/link/connection.ts';
import { foreignAuthority } from '../../../agent/link/foreign-authority.ts';
import { LinkState } from '../../../agent/status/link-state.ts';
import { Authority, createAuthority } from '../../../coordinator/security/authority.ts';
import { realClock } from '../../../shared/clock.ts';
import { silentLogger } from '../../../shared/log.ts';
import { encodeBundle } from '../../../shared/pki/enrolment-bundle.ts';
import { COORDINATOR_NAME } from '../../../shared/wire/service.ts';
import { eventually } from '../../support/eventually.ts';
import { heardLog } from '../../support/heard-log.ts';
import { Scratch } from '../disk/scratch.ts';
import { openRig } from '../run-rig.ts';
import { startStubCoordinator } from './stub-coordinator.ts';

const NODE_ID = '0192f000-0000-4000-8000-00000000000a';
const BOTH =
  /^the coordinator at (127\.0\.0\.1:\d+) is certified by the authority CN=Ringmaster \(key id ([0-9a-f]{40})\), not by CN=Ringmaster \(key id ([0-9a-f]{40})\)/;

describe('a coordinator of another authority', () => {
  const scratch = new Scratch();
  afterEach(() => scratch.end());

  const authority = async () => Authority.load(await createAuthority('Ringmaster'));
  const papersOf = async (by: Authority) => {
    const { privateKeyPem, csrPem } = createKeyAndRequest();
    const { certificatePem } = await by.signAgentRequest({ csrPem, nodeId: NODE_ID });
    return { caPem: by.certificatePem, certificatePem, privateKeyPem };
  };
  const coordinatorOf = async (by: Authority, isMutual = true) => {
    const own = await by.issueServerCertificate({ names: [COORDINATOR_NAME], days: 1 });
    const pair = { cert_chain: Buffer.from(own.certificatePem), private_key: Buffer.from(own.privateKeyPem) };
    const ca = Buffer.from(by.certificatePem);
    const coordinator = await startStubCoordinator(grpc.ServerCredentials.createSsl(ca, [pair], isMutual));
    scratch.atEnd(() => coordinator.stop());
    return coordinator;
  };

  it('is named with both authorities, and ours or nobody is not', async () => {
    const [ours, theirs] = [await authority(), await authority()];
    const papers = await papersOf(ours);
    const { address } = await coordinatorOf(theirs);
    const said = BOTH.exec((await foreignAuthority(address, papers)) ?? '');
    expect(said?.[1]).to.equal(address);
    expect(said?.[2]).to.not.equal(said?.[3]);
    const back = BOTH.exec(
      (await foreignAuthority((await coordinatorOf(ours)).address, await papersOf(theirs))) ?? '',
    );
    expect([back?.[3], back?.[2]], 'the other way round').to.deep.equal([said?.[2], said?.[3]]);
    expect(await foreignAuthority((await coordinatorOf(ours)).address, papers)).to.equal(null);
    expect(await foreignAuthority('127.0.0.1:1', papers)).to.equal(null);
  });

  it('is why an agent is not connected: its log and its status say what to do', async () => {
    const papers = await papersOf(await authority());
    const { address } = await coordinatorOf(await authority());
    const rig = await openRig(await scratch.directory(), []);
    const ending = new AbortController();
    const state = new LinkState(0);
    const { log, lines } = heardLog(false);
    const ended = stayConnected(
      { addresses: [address], credentials: tlsCredentials(papers), papers, state },
      { ...rig, version: '1.2.3', hostname: 'host', log: silentLogger },
      realClock,
      log,
      ending.signal,
    );
    scratch.atEnd(async () => {
      ending.abort();
      await ended;
      await rig.close();
    });
    await eventually(() => expect(JSON.stringify(lines)).to.contain('is certified by the authority'));
    expect(state.link)
      .to.have.property('reason')
      .that.matches(BOTH)
      .and.matches(
        /remove the folder identity of its data directory, and start it with a new enrolment bundle/,
      );
  });

  it('is why an agent cannot enrol with the bundle of the one before', async () => {
    const before = await authority();
    const { address } = await coordinatorOf(await authority(), false);
    const bundle = encodeBundle({
      v: 1,
      nodeId: NODE_ID,
      secret: 'x'.repeat(43),
      ca: before.certificatePem,
      enrolAddresses: [address],
    });
    const failure = await enrol(bundle).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(Error);
    expect((failure as Error).message.replace('This agent could not be enrolled: ', ''))
      .to.match(BOTH)
      .and.match(/, which made this bundle: have that coordinator make another one/);
  });
});
