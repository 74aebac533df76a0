// The agent as a process: it enrols with a bundle, attaches under mutual TLS, and ends when told to.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import * as grpc from '@grpc/grpc-js';
import { expect } from 'chai';
import { Authority, createAuthority } from '../../coordinator/security/authority.ts';
import { encodeBundle } from '../../shared/pki/enrolment-bundle.ts';
import {
  COORDINATOR_NAME,
  type EnrolCall,
  type EnrolCallback,
  EnrolmentClient,
} from '../../shared/wire/service.ts';
import { Scratch } from './disk/scratch.ts';
import { startStubCoordinator, WELCOME } from './link/stub-coordinator.ts';

const NODE_ID = '0192f000-0000-4000-8000-00000000000a';

describe('agent process', () => {
  const scratch = new Scratch();
  afterEach(() => scratch.end());

  it('enrols, attaches as the node of its certificate, and on SIGTERM ends within two seconds', async () => {
    const authority = await Authority.load(await createAuthority('test'));
    const ca = authority.certificatePem;
    const own = await authority.issueServerCertificate({ names: [COORDINATOR_NAME], days: 1 });
    const pair = { cert_chain: Buffer.from(own.certificatePem), private_key: Buffer.from(own.privateKeyPem) };
    const tls = (mutual: boolean) => grpc.ServerCredentials.createSsl(Buffer.from(ca), [pair], mutual);
    const coordinator = await startStubCoordinator(tls(true));
    scratch.atEnd(() => coordinator.stop());
    const enrolment = new grpc.Server();
    scratch.atEnd(async () => enrolment.forceShutdown());
    enrolment.addService(EnrolmentClient.service, {
      Enrol: ({ request }: EnrolCall, callback: EnrolCallback) => {
        const asked = { csrPem: request.certificateRequestPem, nodeId: request.nodeId };
        authority.signAgentRequest(asked).then(
          ({ certificatePem }) =>
            callback(null, {
              certificatePem,
              authorityPem: ca,
              coordinatorAddresses: [coordinator.address],
            }),
          callback,
        );
      },
    });
    const port = await new Promise<number>((resolve, reject) => {
      enrolment.bindAsync('127.0.0.1:0', tls(false), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
    const bundle = encodeBundle({
      v: 1,
      nodeId: NODE_ID,
      secret: 'x'.repeat(43),
      ca,
      enrolAddresses: [`127.0.0.1:${port}`],
    });

    const dataDirectory = join(await scratch.directory(), 'agent');
    const argv = ['--import', 'tsx', 'agent/main.ts', '--data-dir', dataDirectory, '--enrolment', bundle];
    const agent = spawn(process.execPath, argv, { stdio: 'ignore' });
    const exited = once(agent, 'exit');
    scratch.atEnd(async () => void agent.kill('SIGKILL'));
    const stream = await coordinator.stream(0);
    stream.say(WELCOME);
    expect(stream.nodeId).to.equal(NODE_ID);
    const toldMs = Date.now();
    agent.kill('SIGTERM');
    expect(await exited).to.deep.equal([0, null]);
    expect(Date.now() - toldMs).to.be.below(2_000);
  });
});
