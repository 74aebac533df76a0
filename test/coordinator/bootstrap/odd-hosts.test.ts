// Agents that are brought to hosts which behave as no sshd does: what cannot be stored, and certificates that are not good any more.
import { X509Certificate } from 'node:crypto';
import { expect } from 'chai';
import type { ServerChannel } from 'ssh2';
import { createAuthority } from '../../../coordinator/security/authority.ts';
import { realClock } from '../../../shared/clock.ts';
import { askDatabase } from '../../support/ask-database.ts';
import { modelCluster, startTestCoordinator, type TestCoordinator } from '../../support/coordinator.ts';
import { eventually } from '../../support/eventually.ts';
import { becomes, postRestart, subtypesOf } from '../../support/jobs.ts';
import { oddServer } from '../../support/ssh-server.ts';

describe('an agent that is brought to a host that', function () {
  this.timeout(60_000);
  let coordinator: TestCoordinator;
  afterEach(() => coordinator?.remove());

  const served = async (exec: (line: string, channel: ServerChannel) => void) => {
    const server = await oddServer({ exec });
    try {
      coordinator = await startTestCoordinator(
        { RINGMASTER_BOOTSTRAP: 'on' },
        {
          timings: {
            bootstrapTry: {
              connectWithinMs: 5_000,
              commandWithinMs: 10_000,
              installWithinMs: 1_000,
              connectedWithinMs: 100,
            },
            bootstrapAgainMs: 50,
          },
        },
      );
      const ids = await modelCluster(coordinator, 'odd', ['n1']);
      const credential = { name: 'way', 'login-user': 'admin', 'login-password': 'canary' };
      const credentialId = (await coordinator.call('POST', 'machine_credentials/', credential)).body.id;
      const at = { 'ssh-management-address': '127.0.0.1', 'ssh-management-port': server.port };
      await coordinator.call('PUT', `nodes/${ids.nodeIds[0]}`, at);
      await coordinator.call('PUT', `clusters/${ids.clusterId}`, { 'machine-credential-id': credentialId });
      return { ...ids, close: server.close };
    } catch (error) {
      server.close();
      throw error;
    }
  };
  const answers = (channel: ServerChannel, text: string, exitCode = 0): void => {
    channel.resume();
    channel.write(text);
    channel.exit(exitCode);
    channel.end();
  };

  it('says what no database takes fail their node', async () => {
    const host = await served((_line, channel) => answers(channel, 'no\0thing\n', 1));
    try {
      const id = await postRestart(coordinator, host.clusterId);
      await becomes(coordinator, id, 'FAILED');
      expect(await subtypesOf(coordinator, id)).to.include('bootstrap-become-refused');
    } finally {
      host.close();
    }
  });

  it('says what cannot be stored for whatever reason fail their node with words of our own', async () => {
    const host = await served((_line, channel) => answers(channel, 'poison\n', 1));
    try {
      await askDatabase(
        coordinator.databaseUrl,
        "alter table bootstrap add check (reason not like '%poison%')",
      );
      const id = await postRestart(coordinator, host.clusterId);
      await becomes(coordinator, id, 'FAILED');
      const { body } = await coordinator.call('GET', `jobs/${id}/job_events/?event-type=error`);
      expect(body.results.map((event: { message: string }) => event.message)).to.deep.equal([
        'The try failed, and why could not be stored: see the log of the coordinator',
      ]);
    } finally {
      host.close();
    }
  });

  it('fails when its job needs it no more is let go of at once', async () => {
    const dropped = `update bootstrap set outcome = 'dropped', ended_on = clock_timestamp()`;
    const host = await served((_line, channel) => {
      void askDatabase(coordinator.databaseUrl, dropped).then(() => answers(channel, 'no root\n', 1));
    });
    try {
      await postRestart(coordinator, host.clusterId);
      await eventually(async () =>
        expect(
          await askDatabase(coordinator.databaseUrl, 'select outcome, leased_until from bootstrap'),
        ).to.deep.equal([{ outcome: 'dropped', leased_until: null }]),
      );
    } finally {
      host.close();
    }
  });

  const YEAR_MS = 365 * 86_400_000;
  for (const { which, isGood = false, isKnown = true, madeMsAgo = 0, spoil = (text: string) => text } of [
    { which: 'has given way to another', isKnown: false },
    { which: 'has run out', madeMsAgo: 11 * YEAR_MS },
    { which: 'is spoilt', spoil: (text: string) => text.slice(0, 100) },
    { which: 'is good', isGood: true },
  ])
    it(`has one with a certificate that ${which} ${isGood ? 'is only started' : 'is enrolled anew'}`, async () => {
      const madeThen = { ...realClock, nowMs: () => Date.now() - madeMsAgo };
      const { certificatePem } = await createAuthority('any', madeThen);
      const { serialNumber } = new X509Certificate(certificatePem);
      const done: string[] = [];
      let nodeId = '';
      const host = await served((line, channel) => {
        const known = {
          'uname -m': 'look',
          'agent enrol': 'enrol',
          'rm -rf': 'forget',
          'enable --now': 'start',
        };
        done.push(Object.entries(known).find(([words]) => line.includes(words))?.[1] ?? 'other');
        const text = `uid 0\nsystemd yes\nformat deb\nagent 0.1.0\nnode ${nodeId}\ncertificate ${spoil(certificatePem.replaceAll('\n', '\\n'))}\n`;
        answers(channel, `ringmaster-begun\n${text}`);
      });
      try {
        nodeId = host.nodeIds[0] ?? '';
        const serial = isKnown ? serialNumber : 'another';
        await askDatabase(
          coordinator.databaseUrl,
          `insert into node_certificate (node_id, serial) values ('${nodeId}', '${serial}')`,
        );
        await postRestart(coordinator, host.clusterId);
        await eventually(() => expect(done).to.include('start'));
        expect(done.slice(0, done.indexOf('start'))).to.deep.equal(
          isGood ? ['look'] : ['look', 'forget', 'enrol'],
        );
      } finally {
        host.close();
      }
    });
});
