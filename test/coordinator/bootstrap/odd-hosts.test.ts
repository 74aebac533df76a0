// Agents that are brought to hosts which behave as no sshd does: what cannot be stored, and certificates that are not good any more.
import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

  const served = async (exec: (line: string, channel: ServerChannel) => void, packages = '/nowhere') => {
    const server = await oddServer({ exec });
    try {
      coordinator = await startTestCoordinator(
        { RINGMASTER_BOOTSTRAP: 'on', RINGMASTER_AGENT_PACKAGES: packages },
        {
          timings: {
            bootstrapTry: {
              connectWithinMs: 5_000,
              commandWithinMs: 10_000,
              installWithinMs: 10_000,
              lockWithinMs: 100,
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
      return { ...ids, port: server.port, close: server.close };
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

  it('has its package manager locked for too long fails its node, told by whom', async () => {
    const packages = await mkdtemp(join(tmpdir(), 'agent-packages-'));
    await writeFile(join(packages, 'ringmaster-agent_0.1.0_amd64.deb'), 'package');
    const held = 'E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 4711 (apt)';
    let installs = 0;
    const host = await served((line, channel) => {
      const isInstall = line.includes('apt-get -y');
      if (isInstall) installs += 1;
      const facts = 'uid 0\nmachine x86_64\nsystemd yes\nformat deb\n';
      answers(channel, `ringmaster-begun\n${isInstall ? `${held}\n` : facts}`, isInstall ? 100 : 0);
    }, packages);
    try {
      const id = await postRestart(coordinator, host.clusterId);
      await becomes(coordinator, id, 'FAILED');
      const { body } = await coordinator.call('GET', `jobs/${id}/job_events/`);
      const told = body.results.map((event: Record<string, string>) => [
        event['event-subtype'],
        event['message'],
      ]);
      const name = `admin@127.0.0.1:${host.port}`;
      expect(told.filter(([subtype]: string[]) => subtype?.includes('lock'))).to.deep.equal([
        [
          'package-lock',
          `Waiting for process 4711 (apt), which holds the lock of the package manager of ${name}`,
        ],
        [
          'bootstrap-package-manager-locked',
          `The package manager of ${name} is locked by process 4711 (apt), for 0.1 s now`,
        ],
      ]);
      expect(installs).to.equal(2);
    } finally {
      host.close();
      await rm(packages, { recursive: true });
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
