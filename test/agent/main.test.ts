// The agent as a process: it enrols with a bundle, attaches under mutual TLS, and ends when told to.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
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

  it('enrols, attaches as the node of its certificate, and on SIGTERM ends by itself', async () => {
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
    expect(Date.now() - toldMs, 'long before a service manager would kill it').to.be.below(15_000);
  });

  /** What an agent says that cannot start, having been given a bundle for `port`. */
  async function refusalOf(dataDirectory: string, port: number, withCode: number): Promise<string> {
    const authority = await createAuthority('test');
    const bundle = encodeBundle({
      v: 1,
      nodeId: NODE_ID,
      secret: 'x'.repeat(43),
      ca: authority.certificatePem,
      enrolAddresses: [`127.0.0.1:${port}`],
    });
    const argv = ['--import', 'tsx', 'agent/main.ts', '--data-dir', dataDirectory, '--enrolment', bundle];
    const agent = spawn(process.execPath, argv, { stdio: ['ignore', 'ignore', 'pipe'] });
    scratch.atEnd(async () => void agent.kill('SIGKILL'));
    const [said, [code]] = await Promise.all([text(agent.stderr), once(agent, 'exit')]);
    expect(code).to.equal(withCode);
    return said;
  }

  it('does not use up its bundle when it could not keep the identity', async () => {
    const directory = await scratch.directory();
    const draft = join(directory, 'identity', 'identity.json.new');
    await mkdir(draft, { recursive: true });
    let calls = 0;
    const coordinator = createServer((socket) => {
      calls += 1;
      socket.destroy();
    }).listen(0, '127.0.0.1');
    await once(coordinator, 'listening');
    scratch.atEnd(async () => void coordinator.close());
    const { port } = coordinator.address() as AddressInfo;
    expect(await refusalOf(directory, port, 1)).to.match(/^cannot write .*identity\.json\.new: EISDIR/);
    expect(calls).to.equal(0);
  });

  it('that is given a file for its data directory, or a place below one, names the setting, and ends with the code of bad settings', async () => {
    const file = join(await scratch.directory(), 'file');
    await writeFile(file, '');
    const choose = 'choose another with --data-dir or RINGMASTER_AGENT_DATA_DIR';
    expect(await refusalOf(file, 1, 78)).to.equal(
      `bad configuration:\n  data-dir: ${file} is no directory: ${choose}\n`,
    );
    expect(await refusalOf(join(file, 'agent'), 1, 78)).to.equal(
      `bad configuration:\n  data-dir: ${file}/agent lies below something that is no directory: ${choose}\n`,
    );
  });
});
