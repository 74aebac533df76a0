// Which certificates of a node are good, over real TLS: a renewed one and the one before it, until the new one was seen.
import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { sql } from 'kysely';
import { enrol } from '../../../agent/enrol.ts';
import type { Identity } from '../../../agent/identity/identity.ts';
import { IdentityStore } from '../../../agent/identity/identity-store.ts';
import { createKeyAndRequest } from '../../../agent/identity/key-and-request.ts';
import { keepRenewed, renewalOf } from '../../../agent/identity/renewal.ts';
import { askForCertificate } from '../../../agent/link/ask-for-certificate.ts';
import { Authority } from '../../../coordinator/security/authority.ts';
import { hashEnrolmentSecret } from '../../../coordinator/security/enrolment-token.ts';
import { type Database, openDatabase } from '../../../coordinator/store/database.ts';
import { burnEnrolment, renewCertificate, storeEnrolment } from '../../../coordinator/store/identities.ts';
import { realClock } from '../../../shared/clock.ts';
import { silentLogger } from '../../../shared/log.ts';
import { uuidv7 } from '../../../shared/uuid.ts';
import {
  masterBox,
  modelCluster,
  startTestCoordinator,
  type TestCoordinator,
} from '../../support/coordinator.ts';
import { eventually } from '../../support/eventually.ts';
import { talkingStep } from '../../support/gated-step.ts';
import { heardLog } from '../../support/heard-log.ts';
import { becomes } from '../../support/jobs.ts';
import { startLinkAgent } from '../../support/link-agent.ts';
import { rawAgent } from '../../support/raw-agent.ts';

const DAY_MS = 86_400_000;
const serialOf = ({ certificatePem }: Identity): string => new X509Certificate(certificatePem).serialNumber;

describe('the certificate of an agent', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  let db: Database;
  const { log, lines } = heardLog();
  before(async () => {
    coordinator = await startTestCoordinator({}, { log });
    ({ db } = openDatabase({ url: coordinator.databaseUrl }, silentLogger, 3));
  });
  after(async () => {
    await db.destroy();
    await coordinator.remove();
  });

  const enrolled = async (nodeId: string): Promise<Identity> =>
    await enrol((await coordinator.call('POST', `nodes/${nodeId}/enrolment`)).body.bundle);
  const node = async (name: string) => {
    const { clusterId, nodeIds } = await modelCluster(coordinator, name, ['n1']);
    const nodeId = nodeIds[0] ?? '';
    return { clusterId, nodeId, identity: await enrolled(nodeId) };
  };
  /** The same node with a certificate that has seconds left, and is the one that is good. */
  const withLittleLeft = async (
    identity: Identity,
    leftMs = 12_000,
  ): Promise<{ ending: Identity; notAfter: Date }> => {
    const { nodeId } = identity;
    const row = await db.selectFrom('authority').selectAll().executeTakeFirstOrThrow();
    const place = { table: 'authority', id: 'one', column: 'sealed_key' };
    const stored = {
      certificatePem: row.certificate_pem,
      privateKeyPem: masterBox().open(row.sealed_key, place),
    };
    // As it was a day ago: its certificates of one day end now.
    const before = { ...realClock, nowMs: () => Date.now() - DAY_MS + leftMs };
    const authority = await Authority.load(stored, before);
    const { csrPem, privateKeyPem } = createKeyAndRequest();
    const { certificatePem, serial, notAfter } = await authority.signAgentRequest({
      csrPem,
      nodeId,
      days: 1,
    });
    await sql`update node_certificate set serial = ${serial} where node_id = ${nodeId}`.execute(db);
    return { ending: { ...identity, privateKeyPem, certificatePem }, notAfter };
  };
  const renewed = async (identity: Identity): Promise<Identity> => {
    const { privateKeyPem, csrPem } = createKeyAndRequest();
    const certificatePem = await askForCertificate(identity.coordinatorAddresses, identity, csrPem);
    return { ...identity, privateKeyPem, certificatePem };
  };
  /** What a coordinator says to a hello under that certificate. */
  const attach = async (identity: Identity): Promise<string> => {
    const stream = rawAgent(identity)();
    stream.say({ kind: 'hello', version: '0', hostname: 'h', runIds: [], streamId: uuidv7() });
    const answer = await Promise.race([
      stream.hear('welcome').then(() => 'welcome'),
      stream.ended.then(({ details }) => details),
    ]);
    stream.close();
    return answer;
  };
  const refusal = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'granted',
      (error: Error) => error.message,
    );
  const NOT_GOOD =
    'this certificate is not good any more: another one was made for its node. Enrol this host anew, or stop this agent';
  const good = async (nodeId: string) =>
    (
      await sql<object>`select serial, next_serial from node_certificate where node_id = ${nodeId}`.execute(
        db,
      )
    ).rows[0];

  it('is renewed before it runs out, by an agent that goes on with its run under the new one', async () => {
    const { clusterId, nodeId, identity } = await node('renewing');
    const { ending, notAfter } = await withLittleLeft(identity);
    const { step, open } = talkingStep('renewing');
    const directory = await mkdtemp(join(tmpdir(), 'renewing-agent-'));
    const agent = await startLinkAgent('', () => [step], { before: { identity: ending, directory } });
    const scope = { 'job-scope': 'cluster', 'resource-id': clusterId };
    const { id } = (await coordinator.call('POST', 'actions/restart', scope)).body;
    await becomes(coordinator, id, 'RUNNING');
    const store = new IdentityStore(`${agent.directory}/identity`);
    await store.save(ending);
    const stop = new AbortController();
    const { current } = agent;
    const askFor = (own: Identity, csrPem: string) =>
      askForCertificate(own.coordinatorAddresses, own, csrPem);
    const keeping = keepRenewed({ current, store, askFor, clock: realClock, log: silentLogger }, stop.signal);
    await eventually(() => expect(current.identity).to.not.equal(ending));
    expect(await store.load()).to.deep.equal(current.identity);
    expect(renewalOf(current.identity.certificatePem).endMs - Date.now()).to.be.above(89 * DAY_MS);
    const now = serialOf(current.identity);
    await eventually(async () =>
      expect(await good(nodeId)).to.deep.equal({ serial: now, next_serial: null }),
    );
    expect(lines.some((line) => line.includes('certificate renewed') && line.includes(nodeId))).to.equal(
      true,
    );
    // Beyond the end of the one that it came with.
    await eventually(() => expect(Date.now()).to.be.above(notAfter.getTime()), { withinMs: 20_000 });
    open();
    await becomes(coordinator, id, 'COMPLETE');
    expect(await attach(ending)).to.not.equal('welcome');
    stop.abort();
    await keeping;
    await agent.stop();
  });

  it('is renewed by the agent as a program too, which is there under the new one', async () => {
    const { nodeId, identity } = await node('program');
    const { ending } = await withLittleLeft(identity, 60_000);
    const directory = await mkdtemp(join(tmpdir(), 'renewing-program-'));
    const store = new IdentityStore(join(directory, 'identity'));
    await store.save(ending);
    const program = fileURLToPath(new URL(`../../../agent/main${extname(import.meta.url)}`, import.meta.url));
    const argv = [...process.execArgv, program, '--data-dir', directory];
    const agent = spawn(process.execPath, argv, { stdio: 'ignore' });
    const exited = once(agent, 'exit');
    try {
      await eventually(async () => {
        const now = await store.load();
        expect(now?.certificatePem).to.not.equal(ending.certificatePem);
        expect(await good(nodeId)).to.deep.equal({ serial: now && serialOf(now), next_serial: null });
      });
    } finally {
      agent.kill('SIGTERM');
      await exited;
      await rm(directory, { recursive: true, force: true });
    }
  });

  it('and the one that it gave way to are both good until the new one was seen, and then it alone', async () => {
    const { nodeId, identity } = await node('both');
    const next = await renewed(identity);
    expect(await attach(identity)).to.equal('welcome');
    expect(await good(nodeId)).to.deep.equal({ serial: serialOf(identity), next_serial: serialOf(next) });
    expect(await attach(next)).to.equal('welcome');
    expect(await attach(identity)).to.equal(NOT_GOOD);
    expect(await refusal(renewed(identity))).to.match(/not good any more: enrol the agent anew/);
    expect(await attach(next)).to.equal('welcome');
  });

  it('that never arrived is not good once another was asked for', async () => {
    const { identity } = await node('lost');
    const lost = await renewed(identity);
    const next = await renewed(identity);
    expect(await attach(lost)).to.equal(NOT_GOOD);
    expect(await attach(next)).to.equal('welcome');
  });

  it('is the only good one of an agent that was enrolled anew', async () => {
    const { nodeId, identity } = await node('anew');
    const next = await renewed(identity);
    const anew = await enrolled(nodeId);
    for (const former of [identity, next]) {
      expect(await attach(former)).to.equal(NOT_GOOD);
      expect(await refusal(renewed(former))).to.match(/not good any more/);
    }
    expect(await attach(anew)).to.equal('welcome');
    expect(await good(nodeId)).to.deep.equal({ serial: serialOf(anew), next_serial: null });
  });

  it('of an enrolment stands against a renewal that began before it', async () => {
    const { nodeId } = await node('racing');
    const { serial } = (await good(nodeId)) as { serial: string };
    const secret = 'a secret of this test';
    await storeEnrolment(db, nodeId, hashEnrolmentSecret(secret));
    let enrolment: Promise<unknown> = Promise.resolve();
    // The enrolment comes while the renewal has its certificate made, and waits until that is written.
    await renewCertificate(db, nodeId, serial, async () => {
      enrolment = burnEnrolment(db, secret, nodeId, async () => ({ serial: 'enrolled' }));
      await eventually(async () => {
        const { rows } = await sql`select 1 from pg_locks where not granted`.execute(db);
        expect(rows).to.not.deep.equal([]);
      });
      return { serial: 'renewed' };
    });
    await enrolment;
    expect(await good(nodeId)).to.deep.equal({ serial: 'enrolled', next_serial: null });
  });

  it('of an earlier version is good, and the only one besides the next once it was renewed', async () => {
    const { nodeId, identity } = await node('earlier');
    await sql`delete from node_certificate where node_id = ${nodeId}`.execute(db);
    expect(await attach(identity)).to.equal('welcome');
    const next = await renewed(identity);
    expect(await good(nodeId)).to.deep.equal({ serial: serialOf(identity), next_serial: serialOf(next) });
  });

  it('is made for nobody but the node that asks, whatever its request says, and not for a node that is gone', async () => {
    const { nodeId, clusterId, identity } = await node('gone');
    const next = await renewed(identity);
    expect(new X509Certificate(next.certificatePem).subjectAltName).to.equal(
      `URI:spiffe://ringmaster/node/${nodeId}`,
    );
    const unsound = askForCertificate(identity.coordinatorAddresses, identity, 'nonsense');
    expect(await refusal(unsound)).to.match(/must be one PEM block/);
    await coordinator.call('DELETE', `clusters/${clusterId}`);
    expect(await refusal(renewed(identity))).to.match(/not good any more/);
  });
});
