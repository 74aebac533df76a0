// Installing by apt, on a machine that says what apt and dpkg say: how they are asked, and what comes of each answer.
import { expect } from 'chai';
import type { CommandResult } from '../../../agent/host/host.ts';
import { downloadPackages, installPackages } from '../../../agent/steps/install-packages.ts';
import type { Step } from '../../../agent/steps/step.ts';
import { failureOf } from '../../support/failure-of.ts';
import { FakeHost } from '../../support/fake-host.ts';
import { drive, inputFor } from '../steps/step-driver.ts';

type Said = Partial<CommandResult>;
type Asked = 'states' | 'simulate' | 'download' | 'install' | 'update';

const WANTED = new Map([['ring', '1.0']]);
const THERE = { stdout: 'ring\tii \t1.0\n' };
const ABSENT = { exitCode: 1 };
const UNMET = {
  exitCode: 100,
  stdout: `The following packages have unmet dependencies:
 ring : Depends: runtime but it is not installable
`,
  stderr: 'E: Unable to correct problems, you have held broken packages.\n',
};
const GONE = {
  exitCode: 100,
  stderr: `E: Failed to fetch http://mirror.example/runtime_1.0_all.deb  404  Not Found [IP: 192.0.2.1 80]
E: Unable to fetch some archives, maybe run apt-get update or try with --fix-missing?
`,
};

/** Answers each kind of question in turn, the last answer again and again. */
class SayingHost extends FakeHost {
  readonly asked: string[][] = [];
  readonly #answers: Readonly<Partial<Record<Asked, readonly Said[]>>>;
  readonly #times = new Map<Asked, number>();
  constructor(answers: Readonly<Partial<Record<Asked, readonly Said[]>>>) {
    super();
    this.#answers = answers;
  }
  override run = async (argv: readonly [string, ...string[]]): Promise<CommandResult> => {
    this.asked.push([...argv]);
    const kind = kindOf(argv);
    const times = kind === null ? 0 : (this.#times.get(kind) ?? 0);
    if (kind !== null) this.#times.set(kind, times + 1);
    const answers = kind === null ? [] : (this.#answers[kind] ?? []);
    return { exitCode: 0, stdout: '', stderr: '', ...(answers[times] ?? answers.at(-1)) };
  };
  times = (kind: Asked): number => this.#times.get(kind) ?? 0;
}

function kindOf(argv: readonly string[]): Asked | null {
  if (argv[0] === 'dpkg-query') return 'states';
  if (argv[0] !== 'apt-get') return null;
  if (argv.includes('update')) return 'update';
  if (argv.includes('--simulate')) return 'simulate';
  if (argv.includes('--download-only')) return 'download';
  return argv.includes('install') ? 'install' : null;
}

describe('installing by apt', () => {
  const input = inputFor('install', '/srv/none');
  const install = (host: SayingHost) => drive([installPackages(WANTED)], { host, input });
  const downloading: Step = {
    name: 'download',
    async *run(context) {
      yield* downloadPackages(context, WANTED, 'are-replaced');
    },
  };
  const lists = (events: readonly { subtype: string }[]) =>
    events.map(({ subtype }) => subtype).filter((subtype) => subtype.startsWith('package-lists'));

  it('leaves out what is recommended, of the simulation, the download and the installation alike', async () => {
    const host = new SayingHost({ states: [ABSENT, ABSENT, THERE] });
    await install(host);
    await drive([downloading], { host, input });
    const asked = host.asked.filter((argv) => argv.includes('install'));
    expect(asked).to.have.length(4);
    for (const argv of asked) {
      expect(argv).to.include('--no-install-recommends');
      expect(argv.slice(-3)).to.deep.equal(['install', '--', 'ring=1.0']);
    }
  });

  it('reads all lists once where a dependency is in none of them, and tries again', async () => {
    const host = new SayingHost({
      states: [ABSENT, ABSENT, ABSENT, THERE],
      simulate: [UNMET, { stdout: 'Inst ring (1.0 repository [all])\n' }],
    });
    const { events } = await install(host);
    expect(lists(events)).to.deep.equal(['package-lists', 'package-lists']);
    expect(host.asked.filter((argv) => argv.includes('update'))).to.deep.equal([
      ['apt-get', '--quiet', 'update'],
    ]);
    expect(events.at(-1)?.subtype).to.equal('packages-installed');
  });

  it('tells of one package as of one, and of two as of two', async () => {
    const Inst = (name: string) => `Inst ${name} (1.0 repository [all])\n`;
    const told = async (names: readonly string[]): Promise<string[]> => {
      const there = { stdout: names.map((name) => `${name}\tii \t1.0\n`).join('') };
      const simulate = [{ stdout: names.map(Inst).join('') }];
      const host = new SayingHost({ states: [ABSENT, ABSENT, there], simulate });
      const steps = [installPackages(new Map(names.map((name) => [name, '1.0'])))];
      const { events } = await drive([...steps, ...steps], { host, input });
      return events.map(({ message }) => message);
    };
    expect(await told(['ring'])).to.include.members([
      'Checking if ring 1.0 is installed',
      '1 package will be installed',
      'It is installed already',
    ]);
    expect(await told(['ring', 'tools'])).to.include.members([
      'Checking if ring 1.0, tools 1.0 are installed',
      '2 packages will be installed',
      'All of them are installed already',
    ]);
  });

  it('does so where a package is gone that the lists have, for a download and for an installation', async () => {
    const host = new SayingHost({
      states: [ABSENT, ABSENT, ABSENT, THERE],
      download: [GONE, {}],
      install: [GONE, {}],
    });
    expect((await drive([downloading], { host, input })).events.at(-1)?.subtype).to.equal(
      'packages-downloaded',
    );
    expect(host.times('update')).to.equal(1);
    const other = new SayingHost({ states: [ABSENT, ABSENT, ABSENT, THERE], install: [GONE, {}] });
    expect((await install(other)).events.at(-1)?.subtype).to.equal('packages-installed');
    expect(other.times('update')).to.equal(1);
  });

  it('goes on with the lists that it has where some cannot be read, and tells why', async () => {
    const host = new SayingHost({
      states: [ABSENT, ABSENT, ABSENT, THERE],
      simulate: [UNMET, {}],
      update: [{ exitCode: 100, stderr: 'E: The repository of others does not have a Release file.\n' }],
    });
    const { events } = await install(host);
    expect(events.find(({ subtype }) => subtype === 'package-lists-partly-read')?.message).to.equal(
      'apt-get could not read the lists of all repositories: E: The repository of others does not have a Release file.; going on with those that it has',
    );
  });

  it('fails with what it said the second time, and reads no list for another failure', async () => {
    const host = new SayingHost({ states: [ABSENT], simulate: [UNMET] });
    expect((await failureOf(install(host))).message).to.equal(
      'The packages cannot be installed: ring : Depends: runtime but it is not installable',
    );
    expect([host.times('simulate'), host.times('update'), host.times('install')]).to.deep.equal([2, 1, 0]);
    const full = {
      exitCode: 100,
      stderr: "E: You don't have enough free space in /var/cache/apt/archives/.\n",
    };
    const other = new SayingHost({ states: [ABSENT], install: [full] });
    expect((await failureOf(install(other))).subtype).to.equal('packages-failed');
    expect(other.times('update')).to.equal(0);
  });

  it('fails where apt-get ended well and a package is not installed', async () => {
    const host = new SayingHost({ states: [ABSENT] });
    expect(await failureOf(install(host))).to.include({
      subtype: 'packages-failed',
      message: 'apt-get ended well, and ring 1.0 is not installed',
    });
  });
});
