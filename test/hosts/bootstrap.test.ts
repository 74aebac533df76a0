// Agents brought to bare hosts by the coordinator, from an address and a machine credential alone; and every way in which that fails.
import { join } from 'node:path';
import { expect } from 'chai';
import { SMALL_JVM } from '../../coordinator/cli/quickstart/ring-model.ts';
import { askDatabase } from '../support/ask-database.ts';
import { startTestCoordinator, type TestCoordinator } from '../support/coordinator.ts';
import { startCoordinatorProgram } from '../support/coordinator-program.ts';
import { eventually } from '../support/eventually.ts';
import { heardLog } from '../support/heard-log.ts';
import { becomes, callerOf, jobOf, sawEvent, subtypesOf, waitsFor } from '../support/jobs.ts';
import type { TestHost } from './bed/host.ts';
import { addUser, hostKey, keyPair } from './bed/ssh-host.ts';
import { type Bed, startHosts } from './bed/start-hosts.ts';
import { cassandraPackage } from './packages/database-packages.ts';
import { ownPackage } from './packages/own-packages.ts';
import { Repository } from './packages/repository.ts';
import { SigningKey } from './packages/signing-key.ts';

const PASSWORD = 'login canary 1';
const PASSPHRASE = 'key canary 2';
/** Ours, and the beginning of any enrolment bundle. */
const SECRETS = new RegExp(`canary|${Buffer.from('{"v":1,"nodeId"').toString('base64url')}`);
const VERSION = '5.0.8';

interface Told {
  subtype: string;
  message: string;
}

describe('a host without an agent', function () {
  this.timeout(240_000);
  let bed: Bed<'debian' | 'rocky' | 'spare'>;
  let signingKey: SigningKey;
  let coordinator: TestCoordinator;
  let packages: string;
  let shared: { repositoryId: string; profileId: string };
  const { log, lines } = heardLog();
  const key = keyPair(PASSPHRASE);
  const sudoer = {
    'login-user': 'admin',
    'login-password': PASSWORD,
    'become-mode': 'sudo',
    'become-password': PASSWORD,
  };

  before(async () => {
    bed = await startHosts({ debian: 'deb', rocky: 'rpm', spare: 'deb' });
    packages = join(bed.directory, 'agent-packages');
    for (const format of ['deb', 'rpm'] as const)
      await ownPackage('agent', { format, version: '0.1.0', into: packages });
    signingKey = await SigningKey.make();
    const repository = await Repository.open(bed, 'apt', {
      flavour: 'deb',
      key: signingKey,
      packages: [await cassandraPackage(VERSION, 'deb')],
    });
    for (const host of Object.values<TestHost>(bed.hosts))
      await addUser(host, { name: 'admin', password: PASSWORD, sudo: 'by-password' });
    await addUser(bed.hosts.rocky, { name: 'root', password: PASSWORD, sudo: 'none', keys: key.public });
    coordinator = await start(packages);
    shared = {
      repositoryId: await made('repositories/', {
        name: 'packages',
        'repo-url': repository.url,
        'repo-key-url': `${repository.url}/key.asc`,
        'deb-dist': './',
      }),
      profileId: await made('config_profiles/', {
        name: 'packages',
        product: 'cassandra',
        'datastax-version': VERSION,
        json: {
          'install-options': { 'install-type': 'package' },
          'jvm-server-options': SMALL_JVM,
          'cassandra-yaml': { num_tokens: 1 },
        },
      }),
    };
  });
  after(async () => {
    await coordinator?.remove();
    await bed?.stop();
    await signingKey?.remove();
  });
  afterEach(() => {
    expect(lines.filter((line) => SECRETS.test(line))).to.deep.equal([]);
  });

  const start = (directory: string, databaseUrl?: string, agentAddress = bed.address) =>
    startTestCoordinator(
      {
        RINGMASTER_GRPC_HOST: bed.address,
        RINGMASTER_AGENT_ADDRESSES: agentAddress,
        RINGMASTER_AGENT_PACKAGES: directory,
      },
      { log, timings: { bootstrapAgainMs: 300 }, ...(databaseUrl === undefined ? {} : { databaseUrl }) },
    );
  const made = async (path: string, body: unknown): Promise<string> => {
    const answer = await coordinator.call('POST', path, body);
    expect(answer.status, JSON.stringify(answer.body)).to.equal(201);
    return answer.body.id;
  };
  let models = 0;
  /** A cluster of one host with nothing but an address and a credential, and the job that installs it. */
  const installing = async (host: TestHost, credential: Record<string, unknown>, node = {}) => {
    models += 1;
    const clusterId = await made('clusters/', {
      name: `cluster ${models}`,
      'repository-id': shared.repositoryId,
      'config-profile-id': shared.profileId,
      'machine-credential-id': await made('machine_credentials/', { name: `way ${models}`, ...credential }),
    });
    const datacenterId = await made('datacenters/', { name: 'dc1', 'cluster-id': clusterId });
    const nodeId = await made('nodes/', {
      name: `node${models}`,
      'datacenter-id': datacenterId,
      'ssh-management-address': host.address,
      ...node,
    });
    const jobId = await made('actions/install', { 'job-scope': 'cluster', 'resource-id': clusterId });
    return { clusterId, nodeId, jobId };
  };
  const told = async (jobId: string, filter = ''): Promise<Told[]> => {
    const { body } = await coordinator.call('GET', `jobs/${jobId}/job_events/?per-page=500${filter}`);
    expect(JSON.stringify([body, await jobOf(coordinator, jobId)])).to.not.match(SECRETS);
    return body.results.map((event: Record<string, unknown>) => ({
      subtype: event['event-subtype'],
      message: event['message'],
    }));
  };
  const isConnected = async (nodeId: string) =>
    (await coordinator.call('GET', `nodes/${nodeId}`)).body.agent.connected;
  /** The errors of a job that fails before its host has an agent. */
  const failure = async (
    host: TestHost,
    credential: Record<string, unknown>,
    node = {},
  ): Promise<string[]> => {
    const { jobId } = await installing(host, credential, node);
    await becomes(coordinator, jobId, 'FAILED', 120_000);
    return (await told(jobId)).flatMap(({ subtype, message }) =>
      /^bootstrap-(?!started)/.test(subtype) ? [`${subtype.slice('bootstrap-'.length)}: ${message}`] : [],
    );
  };
  const at = (host: TestHost, user = 'admin') => `${user}@${host.address}:22`;

  describe('whose job fails', () => {
    it('when the login is refused, at once: who insists is locked out', async () => {
      const { debian } = bed.hosts;
      expect(await failure(debian, { ...sudoer, 'login-password': 'wrong canary' })).to.deep.equal([
        `auth-refused: ${at(debian)} refused the login by the password`,
      ]);
    });

    it('when nobody listens, after three tries', async () => {
      const { debian } = bed.hosts;
      const message = `unreachable: admin@${debian.address}:23 is not reached: ECONNREFUSED`;
      expect(await failure(debian, sudoer, { 'ssh-management-port': 23 })).to.deep.equal([
        `${message}. This was try 1 of 3, the next begins in 0.3 s`,
        `${message}. This was try 2 of 3, the next begins in 0.3 s`,
        message,
      ]);
    });

    it('when sudo wants a password, or the login stays what it is', async () => {
      const { debian } = bed.hosts;
      expect(await failure(debian, { ...sudoer, 'become-password': null })).to.deep.equal([
        `become-refused: On ${at(debian)} sudo wants a password to become root: the machine credential has no become-password`,
      ]);
      expect((await failure(debian, { ...sudoer, 'become-mode': 'direct' })).join()).to.match(
        /^not-root: On admin@\S+ commands run as user \d+, and an agent is installed by root/,
      );
    });

    it('when the credential says too little', async () => {
      const { debian } = bed.hosts;
      expect((await failure(debian, { 'login-user': 'admin' })).join()).to.match(
        /^no-login: Nobody can log in to \S+:22 as admin: the machine credential way \d+ has no login-password or ssh-private-key$/,
      );
      expect((await failure(debian, { 'login-password': PASSWORD })).join()).to.match(/ has no login-name$/);
    });

    it('when the host is not the one that it was, or that it should be', async () => {
      const { debian } = bed.hosts;
      const other = `SHA256:${'A'.repeat(43)}`;
      const [message, ...more] = await failure(debian, sudoer, { 'ssh-host-key': other });
      expect(more).to.deep.equal([]);
      expect(message)
        .to.match(/^host-key-changed: /)
        .and.include(other)
        .and.include(await hostKey(debian));
      expect(message).to.include('set ssh-host-key of the node');
    });

    it('when there is too little room', async () => {
      const { debian } = bed.hosts;
      await debian.run(['mount', '-t', 'tmpfs', '-o', 'size=1m,mode=1777', 'tmpfs', '/var/tmp']);
      try {
        expect((await failure(debian, sudoer)).join()).to.match(
          /^no-space: admin@\S+ has too little room for the agent: \d MiB free in \/var\/tmp, \d+ MiB needed$/,
        );
      } finally {
        await debian.run(['umount', '/var/tmp']);
      }
    });

    it('when there is no package for it', async () => {
      const { debian } = bed.hosts;
      await coordinator.stop();
      const { databaseUrl } = coordinator;
      for (const [directory, message] of [
        [join(bed.directory, 'apt'), /has no \.deb of the agent for admin@\S+, which is \w+: put one there/],
        [join(bed.directory, 'nowhere'), /cannot be read \(ENOENT\)$/],
      ] as const) {
        coordinator = await start(directory, databaseUrl);
        expect((await failure(debian, sudoer)).join())
          .to.match(/^no-package: /)
          .and.match(message);
        await coordinator.stop();
      }
      coordinator = await start(packages, databaseUrl);
    });
  });

  describe('that can be reached', () => {
    it('gets an agent by a key with a passphrase on a host with RPM, and only has it enrolled where it is installed', async () => {
      const { rocky } = bed.hosts;
      const login = { 'login-user': 'root', 'ssh-private-key': key.private, 'ssh-unlock': PASSPHRASE };
      const first = await installing(rocky, login);
      await sawEvent(coordinator, first.jobId, 'agent-started');
      await eventually(async () => expect(await isConnected(first.nodeId)).to.equal(true));
      const changed = (await told(first.jobId, '&changes=true')).map(({ subtype }) => subtype);
      expect(changed.slice(0, 4)).to.deep.equal([
        'host-key-accepted',
        'agent-installed',
        'agent-enrolled',
        'agent-started',
      ]);
      const node = (await coordinator.call('GET', `nodes/${first.nodeId}`)).body;
      expect(node['accepted-host-key']).to.equal(await hostKey(rocky));

      // That agent serves another node already.
      const [elsewhere] = await failure(rocky, login);
      expect(elsewhere)
        .to.match(/^enrolled-elsewhere: /)
        .and.include(first.nodeId);
      await rocky.run(['systemctl', 'stop', 'ringmaster-agent']);
      await rocky.run(['rm', '-rf', '/var/lib/ringmaster-agent/identity']);
      const second = await installing(rocky, login);
      await sawEvent(coordinator, second.jobId, 'agent-started');
      const subtypes = await subtypesOf(coordinator, second.jobId);
      expect(subtypes).to.include('agent-enrolled').and.not.include('agent-installed');
    });

    it('gets an agent as the first step of its job, and the job goes on to a node that serves', async () => {
      const { debian } = bed.hosts;
      const { jobId, nodeId } = await installing(debian, sudoer);
      await waitsFor(coordinator, jobId, 'bootstrap');
      expect((await jobOf(coordinator, jobId))['waiting-for'].what).to.match(
        /^Node node\d+ has no agent: the coordinator brings one there over SSH, try 1 of 3\.$/,
      );
      const processes: string[] = [];
      await eventually(
        async () => {
          processes.push(await debian.run(['ps', 'axwwe', '-o', 'args']));
          const job = await jobOf(coordinator, jobId);
          if (job['ended-on'] === null) throw new Error(JSON.stringify([job.status, job['waiting-for']]));
        },
        { withinMs: 150_000, everyMs: 100 },
      );
      const events = await told(jobId);
      expect((await jobOf(coordinator, jobId)).status, JSON.stringify(events.slice(-5))).to.equal('COMPLETE');
      const own = events.map(({ subtype }) => subtype);
      const order = ['start', 'bootstrap-started', 'host-key-accepted', 'agent-installed', 'agent-enrolled'];
      expect(own.filter((subtype) => order.includes(subtype)).slice(0, order.length)).to.deep.equal(order);
      expect(processes.join('')).to.include('ringmaster-agent enrol').and.not.match(SECRETS);
      expect(await debian.run(['nodetool', 'info'])).to.include('Native Transport active: true');
      expect((await debian.exec(['sh', '-c', 'ls -d /var/tmp/ringmaster-agent.*'])).exitCode).to.not.equal(0);
      expect(await isConnected(nodeId)).to.equal(true);
    });

    it('gets an agent from another coordinator when the one at it is killed in between', async () => {
      const { spare } = bed.hosts;
      const { databaseUrl } = coordinator;
      await coordinator.stop();
      const doomed = await startCoordinatorProgram({
        RINGMASTER_DATABASE_URL: databaseUrl,
        RINGMASTER_GRPC_HOST: bed.address,
        RINGMASTER_AGENT_ADDRESSES: bed.address,
        RINGMASTER_AGENT_PACKAGES: packages,
      });
      const living = coordinator;
      let ids: Awaited<ReturnType<typeof installing>>;
      try {
        coordinator = { ...living, ...callerOf(doomed.restUrl) };
        ids = await installing(spare, sudoer);
        await sawEvent(coordinator, ids.jobId, 'host-key-accepted');
      } finally {
        coordinator = living;
        await doomed.remove(); // by SIGKILL
      }
      coordinator = await start(packages, databaseUrl);
      expect(await subtypesOf(coordinator, ids.jobId)).to.not.include('agent-installed');
      await askDatabase(
        databaseUrl,
        'update bootstrap set leased_until = clock_timestamp() where ended_on is null',
      );
      await eventually(async () => expect(await isConnected(ids.nodeId)).to.equal(true), {
        withinMs: 60_000,
      });
      const own = (await told(ids.jobId)).map(({ subtype }) => subtype);
      const ours = own.filter((subtype) => /^(bootstrap|host-key|agent)-/.test(subtype));
      expect(ours).to.deep.equal([
        'bootstrap-started',
        'host-key-accepted',
        'bootstrap-started',
        'agent-installed',
        'agent-enrolled',
        'agent-started',
      ]);
    });

    it('fails its node when the coordinator is not reached from there, and says where it was looked for', async () => {
      const { spare } = bed.hosts;
      await spare.run(['systemctl', 'stop', 'ringmaster-agent']);
      await spare.run(['rm', '-rf', '/var/lib/ringmaster-agent/identity']);
      const { databaseUrl } = coordinator;
      await coordinator.stop();
      const nowhere = bed.address.replace(/\d+$/, '250');
      coordinator = await start(packages, databaseUrl, nowhere);
      const errors = await failure(spare, sudoer);
      expect(errors).to.have.length(3);
      expect(errors[2])
        .to.match(/^enrol-failed: admin@\S+ does not enrol its agent: /)
        .and.include(nowhere);
    });
  });
});
