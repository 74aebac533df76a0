// Certificates of the authority at work: a real gRPC server and real clients, each with the wrong papers once.
import { randomUUID } from 'node:crypto';
import {
  Client,
  type ClientUnaryCall,
  credentials,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceError,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import { expect } from 'chai';
import { createKeyAndRequest } from '../../../agent/identity/key-and-request.ts';
import {
  Authority,
  type CertificateAndKey,
  createAuthority,
} from '../../../coordinator/security/authority.ts';
import { realClock } from '../../../shared/clock.ts';
import { nodeIdFromSubjectAltName } from '../../../shared/pki/node-identity.ts';

const raw = (bytes: Buffer): Buffer => bytes;
const WHO = '/test.Who/AmI';

async function startServer(caPem: string, own: CertificateAndKey): Promise<{ port: number; server: Server }> {
  const server = new Server();
  server.addService(
    {
      amI: {
        path: WHO,
        requestStream: false,
        responseStream: false,
        requestSerialize: raw,
        requestDeserialize: raw,
        responseSerialize: raw,
        responseDeserialize: raw,
      },
    },
    {
      amI: (call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>) => {
        const san = call.getAuthContext().sslPeerCertificate?.subjectaltname;
        answer(null, Buffer.from(String(nodeIdFromSubjectAltName(san))));
      },
    },
  );
  const pair = { cert_chain: Buffer.from(own.certificatePem), private_key: Buffer.from(own.privateKeyPem) };
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(
      '127.0.0.1:0',
      ServerCredentials.createSsl(Buffer.from(caPem), [pair], true),
      (error, bound) => (error === null ? resolve(bound) : reject(error)),
    );
  });
  return { port, server };
}

/** @returns the node id that the server saw @throws ServiceError when the two did not come together */
async function ask(target: string, caPem: string, own: CertificateAndKey | null): Promise<string> {
  const papers = own === null ? [] : [Buffer.from(own.privateKeyPem), Buffer.from(own.certificatePem)];
  const client = new Client(target, credentials.createSsl(Buffer.from(caPem), ...papers));
  try {
    return await new Promise<string>((resolve, reject) => {
      const call: ClientUnaryCall = client.makeUnaryRequest(
        WHO,
        raw,
        raw,
        Buffer.alloc(0),
        { deadline: Date.now() + 10_000 },
        (error, answer) => (error === null ? resolve(String(answer)) : reject(error)),
      );
      call.on('error', reject);
    });
  } finally {
    client.close();
  }
}

async function refusal(work: Promise<string>): Promise<ServiceError> {
  const outcome = await work.catch((error: ServiceError) => error);
  if (typeof outcome === 'string') throw new Error(`let in as ${outcome}`);
  expect(outcome.code).to.equal(status.UNAVAILABLE);
  return outcome;
}

async function agentOf(authority: Authority, nodeId: string): Promise<CertificateAndKey> {
  const { csrPem, privateKeyPem } = createKeyAndRequest();
  const { certificatePem } = await authority.signAgentRequest({ csrPem, nodeId });
  return { certificatePem, privateKeyPem };
}

describe('Mutual TLS with certificates of the authority', () => {
  const nodeId = randomUUID();
  let made: CertificateAndKey;
  let authority: Authority;
  let agent: CertificateAndKey;
  let own: CertificateAndKey;
  let server: Server;
  let port = 0;

  before(async () => {
    made = await createAuthority('Ringmaster test');
    authority = await Authority.load(made);
    agent = await agentOf(authority, nodeId);
    own = await authority.issueServerCertificate({ names: ['localhost', '127.0.0.1'], days: 30 });
    ({ server, port } = await startServer(authority.certificatePem, own));
  });
  after(() => server.forceShutdown());

  it('tells the server which node calls, by name and by address', async () => {
    for (const host of ['localhost', '127.0.0.1']) {
      expect(await ask(`${host}:${port}`, authority.certificatePem, agent)).to.equal(nodeId);
    }
  });

  it('refuses a client without a certificate', async () => {
    await refusal(ask(`localhost:${port}`, authority.certificatePem, null));
  });

  it('refuses a client certified by another authority of the same name', async () => {
    const foreign = await Authority.load(await createAuthority('Ringmaster test'));
    await refusal(ask(`localhost:${port}`, authority.certificatePem, await agentOf(foreign, nodeId)));
  });

  it('refuses a server certificate shown by a client', async () => {
    await refusal(ask(`localhost:${port}`, authority.certificatePem, own));
  });

  it('refuses an agent whose certificate has run out', async () => {
    const longAgo = { ...realClock, nowMs: () => Date.now() - 91 * 86_400_000 };
    const old = await agentOf(await Authority.load(made, longAgo), nodeId);
    await refusal(ask(`localhost:${port}`, authority.certificatePem, old));
  });

  it('lets an agent refuse a coordinator of another authority', async () => {
    const foreign = await Authority.load(await createAuthority('Ringmaster test'));
    const error = await refusal(ask(`localhost:${port}`, foreign.certificatePem, agent));
    expect(error.details).to.match(/certificate|signature/);
  });

  it('lets an agent refuse another agent that poses as the coordinator', async () => {
    const impostor = await startServer(authority.certificatePem, await agentOf(authority, randomUUID()));
    const error = await refusal(ask(`localhost:${impostor.port}`, authority.certificatePem, agent));
    expect(error.details).to.match(/certificate purpose/);
    impostor.server.forceShutdown();
  });

  it('lets an agent refuse a coordinator reached under a name that is not its own', async () => {
    const elsewhere = await authority.issueServerCertificate({ names: ['other.example.org'], days: 30 });
    const moved = await startServer(authority.certificatePem, elsewhere);
    const error = await refusal(ask(`localhost:${moved.port}`, authority.certificatePem, agent));
    expect(error.details).to.match(/altnames/);
    moved.server.forceShutdown();
  });
});
