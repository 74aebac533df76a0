// Agents brought to bare hosts by the coordinator, from an address and a machine credential alone; and every way in which that fails.
import { join } from 'node:path';
import { expect } from 'chai';
import { askDatabase } from '../support/ask-database.ts';
import { eventually } from '../support/eventually.ts';
import { jobOf, sawEvent, subtypesOf, waitsFor } from '../support/jobs.ts';
import { Agentless, PASSWORD, SECRETS, SUDOER } from './bed/agentless.ts';
import type { TestHost } from './bed/host.ts';
import { addUser, hostKey, type KeyPair, keyPair } from './bed/ssh-host.ts';

const PASSPHRASE = 'key canary 2';
/** The package is sent, checked and unpacked meanwhile, which takes its time where much else goes on. */
const UNPACKED_WITHIN_MS = 120_000;

/** By fcntl(2), as dpkg does; flock(1) would not be in its way. */
const HOLDS_DPKG_LOCK = `use Fcntl;
open(my $lock, '>>', '/var/lib/dpkg/lock-frontend') or die;
my $whole = pack('s s x4 l! l! l x4', F_WRLCK, 0, 0, 0, 0);
fcntl($lock, F_SETLK, $whole) or die;
open(my $held, '>', '/run/lock-is-held') or die;
sleep`;

describe('a host without an agent', function () {
  this.timeout(240_000);
  let rig: Agentless<'debian' | 'rocky' | 'spare'>;
  let key: KeyPair;

  before(async () => {
    rig = await Agentless.start({ debian: 'deb', rocky: 'rpm', spare: 'deb' });
    key = await keyPair(rig.bed.hosts.rocky, PASSPHRASE);
    const root = { name: 'root', password: PASSWORD, sudo: 'none', keys: key.public } as const;
    await addUser(rig.bed.hosts.rocky, root);
  });
  after(() => rig?.stop());
  afterEach(() => {
    expect(rig.secretsInLog()).to.deep.equal([]);
  });

  const at = (host: TestHost) => `admin@${host.address}:22`;

  describe('that lets nobody in has its job wait', () => {
    it('when the login is refused, and does not insist: who does is locked out', async () => {
      const { debian } = rig.bed.hosts;
      expect(await rig.refusal(debian, { ...SUDOER, 'login-password': 'wrong canary' })).to.equal(
        `auth-refused: ${at(debian)} refused the login by the password`,
      );
    });

    it('when nobody listens', async () => {
      const { debian } = rig.bed.hosts;
      expect(await rig.refusal(debian, SUDOER, { 'ssh-management-port': 23 }, 3)).to.equal(
        `unreachable: admin@${debian.address}:23 is not reached: nobody listens there (ECONNREFUSED)`,
      );
    });

    it('when the credential says too little', async () => {
      const { debian } = rig.bed.hosts;
      expect(await rig.refusal(debian, { 'login-user': 'admin' })).to.match(
        /^no-login: Nobody can log in to \S+:22 as admin: the machine credential way \d+ has no login-password or ssh-private-key$/,
      );
      expect(await rig.refusal(debian, { 'login-password': PASSWORD })).to.match(/ has no login-name$/);
    });

    it('when there is no package for it', async () => {
      const { debian } = rig.bed.hosts;
      for (const [directory, message] of [
        [
          join(rig.bed.directory, 'apt'),
          /has no \.deb of the agent for admin@\S+, which is \w+: put one there/,
        ],
        [
          join(rig.bed.directory, 'nowhere'),
          /nowhere \(setting agent-packages of the coordinator\) is not there: make it, and put the packages into it$/,
        ],
      ] as const) {
        await rig.restart({ packages: directory });
        expect(await rig.refusal(debian, SUDOER))
          .to.match(/^no-package: /)
          .and.match(message);
      }
      await rig.restart();
    });
  });

  describe('whose job fails', () => {
    it('when sudo wants a password, or the login stays what it is', async () => {
      const { debian } = rig.bed.hosts;
      expect(await rig.failure(debian, { ...SUDOER, 'become-password': null })).to.deep.equal([
        `become-refused: On ${at(debian)} sudo wants a password to become root: the machine credential has no become-password: give it one, then run the job again`,
      ]);
      expect((await rig.failure(debian, { ...SUDOER, 'become-mode': 'direct' })).join()).to.match(
        /^not-root: On admin@\S+ commands run as user \d+, and an agent is installed by root/,
      );
    });

    it('when the host is not the one that it was, or that it should be', async () => {
      const { debian } = rig.bed.hosts;
      const other = `SHA256:${'A'.repeat(43)}`;
      const [message, ...more] = await rig.failure(debian, SUDOER, { 'ssh-host-key': other });
      expect(more).to.deep.equal([]);
      expect(message)
        .to.match(/^host-key-changed: /)
        .and.include(other)
        .and.include(await hostKey(debian));
      expect(message).to.include('set ssh-host-key of the node');
    });

    it('when there is too little room', async () => {
      const { debian } = rig.bed.hosts;
      await debian.run(['mount', '-t', 'tmpfs', '-o', 'size=1m,mode=1777', 'tmpfs', '/var/tmp']);
      try {
        expect((await rig.failure(debian, SUDOER)).join()).to.match(
          /^no-space: admin@\S+ has too little room for the agent: \d MiB free in \/var\/tmp, \d+ MiB needed$/,
        );
      } finally {
        await debian.run(['umount', '/var/tmp']);
      }
    });
  });

  describe('that can be reached', () => {
    it('gets an agent by a key with a passphrase on a host with RPM, and only has it enrolled where it is installed', async () => {
      const { rocky } = rig.bed.hosts;
      const login = { 'login-user': 'root', 'ssh-private-key': key.private, 'ssh-unlock': PASSPHRASE };
      const first = await rig.installing(rocky, login);
      await sawEvent(rig.at, first.jobId, 'agent-started', UNPACKED_WITHIN_MS);
      await eventually(async () => expect((await rig.node(first.nodeId)).agent.connected).to.equal(true));
      const changed = (await rig.told(first.jobId, '&changes=true')).map(({ subtype }) => subtype);
      expect(changed.slice(0, 4)).to.deep.equal([
        'host-key-accepted',
        'agent-installed',
        'agent-enrolled',
        'agent-started',
      ]);
      expect((await rig.node(first.nodeId))['accepted-host-key']).to.equal(await hostKey(rocky));

      // That agent serves another node already.
      const [elsewhere] = await rig.failure(rocky, login);
      expect(elsewhere)
        .to.match(/^enrolled-elsewhere: /)
        .and.include(first.nodeId);
      await rocky.run(['systemctl', 'stop', 'ringmaster-agent']);
      await rocky.run(['rm', '-rf', '/var/lib/ringmaster-agent/identity']);
      const second = await rig.installing(rocky, login);
      await sawEvent(rig.at, second.jobId, 'agent-started', UNPACKED_WITHIN_MS);
      const subtypes = await subtypesOf(rig.at, second.jobId);
      expect(subtypes).to.include('agent-enrolled').and.not.include('agent-installed');
    });

    it('gets an agent as the first step of its job, and the job goes on to a node that serves', async () => {
      const { debian } = rig.bed.hosts;
      // as unattended upgrades would
      const holding = debian.exec(['perl', '-e', HOLDS_DPKG_LOCK]);
      await eventually(() => debian.run(['test', '-e', '/run/lock-is-held']));
      const { jobId, nodeId } = await rig.installing(debian, SUDOER);
      await waitsFor(rig.at, jobId, 'bootstrap');
      await eventually(async () =>
        expect((await jobOf(rig.at, jobId))['waiting-for']?.what).to.match(
          /^Node node\d+ has no agent: the coordinator brings one there over SSH, try 1 of 3\.$/,
        ),
      );
      await sawEvent(rig.at, jobId, 'package-lock', UNPACKED_WITHIN_MS);
      await debian.run(['pkill', 'perl']);
      await holding;
      const processes: string[] = [];
      await eventually(
        async () => {
          processes.push(await debian.run(['ps', 'axwwe', '-o', 'args']));
          const job = await jobOf(rig.at, jobId);
          if (job['ended-on'] === null) throw new Error(JSON.stringify([job.status, job['waiting-for']]));
        },
        { withinMs: 150_000, everyMs: 100 },
      );
      const events = await rig.told(jobId);
      expect((await jobOf(rig.at, jobId)).status, JSON.stringify(events.slice(-5))).to.equal('COMPLETE');
      const own = events.map(({ subtype }) => subtype);
      expect(events.find(({ subtype }) => subtype === 'package-lock')?.message).to.match(
        /^Waiting for process \d+ \(perl\), which holds the lock of the package manager of admin@/,
      );
      const order = ['bootstrap-started', 'host-key-accepted', 'agent-installed', 'agent-enrolled'];
      expect(own.filter((subtype) => order.includes(subtype)).slice(0, order.length)).to.deep.equal(order);
      expect(processes.join('')).to.include('ringmaster-agent enrol').and.not.match(SECRETS);
      expect(await debian.run(['nodetool', 'info'])).to.include('Native Transport active: true');
      expect((await debian.exec(['sh', '-c', 'ls -d /var/tmp/ringmaster-agent.*'])).exitCode).to.not.equal(0);
      expect((await rig.node(nodeId)).agent.connected).to.equal(true);
    });

    it('gets an agent from another coordinator when the one at it is killed in between', async () => {
      const { spare } = rig.bed.hosts;
      const ids = await rig.untilKilled(async () => {
        const begun = await rig.installing(spare, SUDOER);
        await sawEvent(rig.at, begun.jobId, 'host-key-accepted');
        return begun;
      });
      await rig.restart();
      expect(await subtypesOf(rig.at, ids.jobId)).to.not.include('agent-installed');
      await askDatabase(
        rig.databaseUrl,
        'update bootstrap set leased_until = clock_timestamp() where ended_on is null',
      );
      await eventually(async () => expect((await rig.node(ids.nodeId)).agent.connected).to.equal(true), {
        withinMs: UNPACKED_WITHIN_MS,
      });
      const own = (await rig.told(ids.jobId)).map(({ subtype }) => subtype);
      // an agent that is connected ends the try, also before it is told that it was started
      const ours = own.filter((subtype) => /^(bootstrap|host-key|agent-(?!started))/.test(subtype));
      expect(ours).to.deep.equal([
        'bootstrap-started',
        'host-key-accepted',
        'bootstrap-started',
        'agent-installed',
        'agent-enrolled',
      ]);
    });

    it('gets an agent again where the last one was removed, and not where somebody has masked its service', async () => {
      const { spare } = rig.bed.hosts;
      await spare.run(['rm', '-rf', '/var/lib/ringmaster-agent/identity']);
      await spare.run(['apt-get', '-y', '-q', 'remove', 'ringmaster-agent']);
      const enabled = await spare.exec(['systemctl', 'is-enabled', 'ringmaster-agent']);
      expect(enabled.output, "dpkg's own mask").to.include('masked');
      const { jobId, nodeId } = await rig.installing(spare, SUDOER);
      await sawEvent(rig.at, jobId, 'agent-installed', UNPACKED_WITHIN_MS);
      await eventually(async () => expect((await rig.node(nodeId)).agent.connected).to.equal(true), {
        withinMs: UNPACKED_WITHIN_MS,
      });
      await spare.run(['systemctl', 'mask', 'ringmaster-agent']);
      try {
        expect(await rig.failure(spare, SUDOER)).to.deep.equal([
          `service-masked: ringmaster-agent.service is masked on ${at(spare)}: \`systemctl unmask ringmaster-agent.service\` allows it to be started, then run the job again`,
        ]);
      } finally {
        await spare.run(['systemctl', 'unmask', 'ringmaster-agent']);
      }
    });

    it('fails its node when the coordinator is not reached from there, and says where it was looked for', async () => {
      const { spare } = rig.bed.hosts;
      await spare.run(['systemctl', 'stop', 'ringmaster-agent']);
      await spare.run(['rm', '-rf', '/var/lib/ringmaster-agent/identity']);
      const nowhere = rig.bed.address.replace(/\d+$/, '250');
      await rig.restart({ agentAddress: nowhere });
      const errors = await rig.failure(spare, SUDOER);
      expect(errors).to.have.length(3);
      expect(errors[2])
        .to.match(/^enrol-failed: admin@\S+ does not enrol its agent: /)
        .and.include(nowhere);
    });
  });
});
