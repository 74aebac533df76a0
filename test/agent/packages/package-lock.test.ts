// Another program holds the package manager's lock: it is waited for, and who it is, and that it went on for too long, is told.
import { expect } from 'chai';
import type { CommandOptions, CommandResult } from '../../../agent/host/host.ts';
import { underLock } from '../../../agent/steps/package-lock.ts';
import type { Step } from '../../../agent/steps/step.ts';
import type { StepEvent } from '../../../shared/events.ts';
import { failureOf } from '../../support/failure-of.ts';
import { FakeHost } from '../../support/fake-host.ts';
import { drive, inputFor } from '../steps/step-driver.ts';

const APT = {
  exitCode: 100,
  stderr:
    'E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 4711 (unattended-upgr)\nE: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), is another process using it?\n',
};
const HOLDERS = [
  {
    program: 'apt-get',
    said: APT,
    by: 'process 4711 (unattended-upgr)',
    lock: '/var/lib/dpkg/lock-frontend',
  },
  {
    program: 'dpkg',
    said: {
      exitCode: 2,
      stderr: 'dpkg: error: dpkg frontend lock was locked by another process with pid 4711\n',
    },
    by: 'process 4711',
    lock: '/var/lib/dpkg/lock-frontend',
  },
  {
    program: 'dnf',
    said: {
      exitCode: 200,
      stdout: 'Waiting for process with pid 4711 to finish.\nThe application with PID 4711 is: dnf\n',
    },
    by: 'process 4711 (dnf)',
    lock: '/var/lib/rpm/.rpm.lock',
  },
  {
    program: 'rpm',
    said: {
      exitCode: 1,
      stderr:
        "error: can't create transaction lock on /var/lib/rpm/.rpm.lock (Resource temporarily unavailable)\n",
    },
    by: 'another process',
    lock: '/var/lib/rpm/.rpm.lock',
  },
] as const;

/** @param answers in turn, the last one again and again */
class LockedHost extends FakeHost {
  runs = 0;
  readonly #answers: readonly Partial<CommandResult>[];
  constructor(...answers: readonly Partial<CommandResult>[]) {
    super();
    this.#answers = answers;
  }
  /** of the latest */
  env: CommandOptions['env'];
  override run = async (
    _argv: readonly [string, ...string[]],
    { env }: CommandOptions,
  ): Promise<CommandResult> => {
    this.env = env;
    const answer = this.#answers[Math.min(this.runs, this.#answers.length - 1)];
    this.runs += 1;
    return { exitCode: 0, stdout: '', stderr: '', ...answer };
  };
}

describe('a package manager whose lock another holds', () => {
  const under = (
    host: FakeHost,
    program: string,
    onEvent?: (event: StepEvent) => void,
    stopping?: AbortSignal,
  ) => {
    const step: Step = {
      name: 'install-packages',
      async *run(context) {
        yield* underLock(context, [program, 'install']);
      },
    };
    const input = inputFor('install', '/srv/none');
    return drive([step], { host, input, ...(onEvent && { onEvent }), ...(stopping && { stopping }) });
  };

  for (const { program, said, by, lock } of HOLDERS) {
    it(`is waited for by ${program}, and told of once for each that holds it`, async () => {
      const { events } = await under(new LockedHost(said, said, said, {}), program);
      expect(events.map(({ message, resource }) => [message, resource])).to.deep.equal([
        [`Waiting for ${by}, which holds the package manager's lock`, lock],
      ]);
    });

    it(`is waited for by ${program} no longer than ten minutes`, async () => {
      const host = new LockedHost(said);
      const beganMs = host.nowMs();
      const failure = await failureOf(under(host, program));
      expect(failure).to.include({
        subtype: 'package-manager-locked',
        message: `The package manager is locked by ${by}, for 600 s now`,
        resource: lock,
      });
      expect(host.nowMs() - beganMs).to.be.within(600_000, 610_000);
    });
  }

  const SHORT = [
    ['E: Could not get lock /var/lib/apt/lists/lock. It is held by process 4711', 'process 4711'],
    [
      'E: Could not get lock /var/lib/dpkg/lock-frontend - open (11: Resource temporarily unavailable)\nE: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), is another process using it?',
      'another process',
    ],
    [
      'E: Unable to lock the administration directory (/var/lib/dpkg/), is another process using it?',
      'another process',
    ],
    ['dpkg: error: dpkg frontend lock was locked by another process', 'another process'],
    ['dpkg: error: dpkg database lock was locked by another process with pid 4711', 'process 4711'],
    ['dpkg: error: dpkg frontend is locked by another process', 'another process'],
    ['dpkg: error: dpkg status database is locked by another process', 'another process'],
  ] as const;
  for (const [said, by] of SHORT)
    it(`is waited for where all that is said is: ${said}`, async () => {
      const { events } = await under(new LockedHost({ exitCode: 100, stderr: `${said}\n` }, {}), 'apt-get');
      expect(events.map(({ message }) => message)).to.deep.equal([
        `Waiting for ${by}, which holds the package manager's lock`,
      ]);
    });

  it('is not what a refusal is about that names a lock', async () => {
    const said =
      'E: Could not open lock file /var/lib/dpkg/lock-frontend - open (13: Permission denied)\nE: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), are you root?\n';
    const host = new LockedHost({ exitCode: 100, stderr: said });
    expect((await failureOf(under(host, 'apt-get'))).subtype).to.equal('packages-failed');
  });

  it('is told what to do where another list has the same repository with another key', async () => {
    const said =
      'E: Conflicting values set for option Signed-By regarding source http://repo.example.com/ ./: /etc/apt/keyrings/vendor.asc != /etc/apt/keyrings/opsc.asc\nE: The list of sources could not be read.\n';
    const host = new LockedHost({ exitCode: 100, stderr: said });
    expect((await failureOf(under(host, 'apt-get'))).message).to.match(
      /: E: Conflicting values .*opsc\.asc; apt changed nothing: another list has the same URL with another key\. Remove that one, or set manual-repository-setup of the repository and remove \/etc\/apt\/sources\.list\.d\/opsc\.list$/,
    );
  });

  it('is told what to do where what ran was killed', async () => {
    const KILLED = [
      { exitCode: 100, stderr: 'E: Sub-process /usr/bin/dpkg received signal 9.\n' },
      { exitCode: -1 },
    ];
    for (const answer of KILLED)
      expect((await failureOf(under(new LockedHost(answer), 'apt-get'))).message).to.match(
        /; it was killed: run the job again, which finishes whatever it left half-way$/,
      );
    const refused = { exitCode: 100, stderr: 'E: Sub-process /usr/bin/dpkg returned an error code (1)\n' };
    expect((await failureOf(under(new LockedHost(refused), 'apt-get'))).message).to.not.include('killed');
  });

  it('is not told in the words that stand on every host without apt-utils', async () => {
    const stdout = 'Unpacking cassandra (5.0.8) ...\n';
    const stderr = 'debconf: delaying package configuration, since apt-utils is not installed\n';
    const failure = await failureOf(under(new LockedHost({ exitCode: -1, stdout, stderr }), 'apt-get'));
    expect(failure.message).to.contain('packages: Unpacking cassandra (5.0.8) ...; it was killed:');
  });

  it('is told of again where another has taken it', async () => {
    const next = { ...APT, stderr: APT.stderr.replace('4711 (unattended-upgr)', '4712 (apt-get)') };
    const { events } = await under(new LockedHost(APT, APT, next, {}), 'apt-get');
    expect(events).to.have.length(2);
  });

  it('is asked to let nobody ask questions, nor restart services that no job is about', async () => {
    const host = new LockedHost({});
    await under(host, 'apt-get');
    expect(host.env).to.deep.equal({
      DEBIAN_FRONTEND: 'noninteractive',
      NEEDRESTART_SUSPEND: '1',
      APT_LISTCHANGES_FRONTEND: 'none',
      LC_ALL: 'C',
    });
  });

  it('is left when the run is to stop', async () => {
    const stop = new AbortController();
    const host = new LockedHost(APT);
    const stopped = await under(host, 'apt-get', () => stop.abort(new Error('stopped')), stop.signal).catch(
      String,
    );
    expect(stopped).to.equal('Error: stopped');
    expect(host.runs).to.equal(1);
  });
});
