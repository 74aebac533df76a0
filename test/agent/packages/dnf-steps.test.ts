// Installing by dnf, on a machine that says what dnf 4 and rpm say: in which order they are asked, and what comes of each answer.
import { expect } from 'chai';
import { type CommandResult, MOST_OUTPUT } from '../../../agent/host/host.ts';
import { dnf } from '../../../agent/steps/dnf-packages.ts';
import type { Step } from '../../../agent/steps/step.ts';
import type { StepEvent } from '../../../shared/events.ts';
import { failureOf } from '../../support/failure-of.ts';
import { FakeHost } from '../../support/fake-host.ts';
import { drive, inputFor } from '../steps/step-driver.ts';

type Said = Partial<CommandResult>;
type Asked = 'query' | 'simulate' | 'install' | 'erase';

const table = (rows: string): string => `Dependencies resolved.
================================================================================
 Package          Architecture       Version             Repository        Size
================================================================================
${rows}
Transaction Summary
================================================================================
`;
const PLAN = table(
  'Installing:\n ring             noarch             1.0-1               opsc             5.6 k\n',
);
const ABORTED = { exitCode: 1, stdout: PLAN, stderr: 'Operation aborted.\n' };
const ABSENT = { exitCode: 1, stdout: 'package ring is not installed\n' };
const there = (...versions: string[]): Said => ({ stdout: versions.map((one) => `ring\t${one}\n`).join('') });

/** Answers each kind of question in turn, the last answer again and again. */
class RpmHost extends FakeHost {
  readonly asked: Asked[] = [];
  readonly #answers: Readonly<Partial<Record<Asked, readonly Said[]>>>;
  constructor(answers: Readonly<Partial<Record<Asked, readonly Said[]>>>) {
    super();
    this.#answers = answers;
  }
  override run = async (argv: readonly [string, ...string[]]): Promise<CommandResult> => {
    const kind =
      argv[0] === 'dnf'
        ? argv.includes('--assumeno')
          ? 'simulate'
          : 'install'
        : argv.includes('--erase')
          ? 'erase'
          : 'query';
    const times = this.asked.filter((one) => one === kind).length;
    this.asked.push(kind);
    const answers = this.#answers[kind] ?? [];
    return { exitCode: 0, stdout: '', stderr: '', ...(answers[times] ?? answers.at(-1)) };
  };
}

describe('installing by dnf', () => {
  const install = async (host: RpmHost): Promise<StepEvent[]> => {
    const step = dnf.install(new Map([['ring', '1.0-1']]));
    return (await drive([step], { host, input: inputFor('install', '/srv/none') })).events;
  };
  const subtypes = (events: readonly StepEvent[]) => events.map(({ subtype }) => subtype);

  it('simulates before it installs, and looks afterwards whether that was so', async () => {
    const host = new RpmHost({ query: [ABSENT, ABSENT, there('1.0-1')], simulate: [ABORTED] });
    const events = await install(host);
    expect(subtypes(events)).to.deep.equal(['packages', 'packages-planned', 'packages-installed']);
    expect(events[0]?.message).to.equal('Checking if ring 1.0-1 is installed');
    expect(host.asked.filter((one) => one !== 'query')).to.deep.equal(['simulate', 'install']);
    expect(host.asked.slice(-1)).to.deep.equal(['query']);
  });

  it('does nothing where the version is there already', async () => {
    const host = new RpmHost({ query: [there('1.0-1')] });
    await install(host);
    expect(host.asked).to.deep.equal(['query']);
  });

  it('changes no other version that is there', async () => {
    const host = new RpmHost({ query: [there('0.9-1')] });
    const failure = await failureOf(install(host));
    expect(failure).to.include({
      subtype: 'other-package-version',
      message: 'ring is installed in version 0.9-1; an install does not change it to 1.0-1',
    });
    expect(host.asked).to.deep.equal(['query']);
  });

  for (const { what, simulated, subtype, message } of [
    {
      what: 'another package would be removed',
      simulated: {
        ...ABORTED,
        stdout: table(
          'Removing dependent packages:\n other            noarch             2.0-1               @System           5.6 k\n',
        ),
      },
      subtype: 'packages-would-change',
      message: /: other 2\.0-1 would be removed$/,
    },
    {
      what: 'the plan is longer than what is kept of it',
      simulated: { ...ABORTED, stdout: `${'x'.repeat(MOST_OUTPUT)}${PLAN}`.slice(-MOST_OUTPUT) },
      subtype: 'packages-would-change',
      message: /: the list of changes is too long to be looked through$/,
    },
    {
      what: 'it is excluded, or locked by versionlock',
      simulated: {
        exitCode: 1,
        stderr:
          'All matches were filtered out by exclude filtering for argument: ring-1.0-1\nError: Unable to find a match: ring-1.0-1\n',
      },
      subtype: 'package-held',
      message: /one of them is excluded or locked in the settings of dnf$/,
    },
    {
      what: 'no repository has that version',
      simulated: {
        exitCode: 1,
        stderr: 'No match for argument: ring-1.0-1\nError: Unable to find a match: ring-1.0-1\n',
      },
      subtype: 'no-such-package',
      message: /Unable to find a match: ring-1\.0-1$/,
    },
    {
      what: 'nobody meets its dependencies',
      simulated: {
        exitCode: 1,
        stderr: 'Error: \n Problem: conflicting requests\n  - nothing provides java needed by ring\n',
      },
      subtype: 'packages-failed',
      message:
        /^The packages cannot be installed: Problem: conflicting requests - nothing provides java needed by ring$/,
    },
  ])
    it(`installs nothing where ${what}`, async () => {
      const host = new RpmHost({ query: [ABSENT], simulate: [simulated] });
      const failure = await failureOf(install(host));
      expect(failure.subtype).to.equal(subtype);
      expect(failure.message).to.match(message);
      expect(host.asked).to.not.include('install');
    });

  const scriptFailed = { stderr: 'Error in POSTIN scriptlet in rpm package ring\n' };
  it('tells of a script that failed, of a package that rpm takes for installed', async () => {
    const host = new RpmHost({
      query: [ABSENT, ABSENT, there('1.0-1')],
      simulate: [ABORTED],
      install: [scriptFailed],
    });
    const told = (await install(host)).find(({ subtype }) => subtype === 'package-script-failed');
    expect(told?.message).to.match(/: Error in POSTIN scriptlet in rpm package ring$/);
  });

  it('fails with the script that kept the package from being installed', async () => {
    const said = 'Error in PREIN scriptlet in rpm package ring';
    const failing = async (ran: Said) => {
      const host = new RpmHost({ query: [ABSENT], simulate: [ABORTED], install: [ran] });
      const { subtype, message } = await failureOf(install(host));
      expect(subtype).to.equal('packages-failed');
      return message;
    };
    expect(await failing({ exitCode: 1, stderr: `${said}\nError: Transaction failed\n` })).to.equal(
      `dnf could not install the packages: ${said}`,
    );
    expect(await failing({ stderr: `${said}\n` })).to.equal(
      `dnf ended well, and ring 1.0-1 are not installed: ${said}`,
    );
  });

  it('removes what a dnf that was killed left of the version before', async () => {
    const both = there('0.9-1', '1.0-1');
    const host = new RpmHost({
      query: [both, both, both, there('1.0-1')],
      simulate: [{ exitCode: 1, stderr: 'Nothing to do.\n' }],
    });
    const step = dnf.replace(new Map([['ring', '1.0-1']]), '/srv/none');
    const { events } = await drive([step], { host, input: inputFor('upgrade', '/srv/none') });
    expect(host.asked).to.include('erase').and.not.include('install');
    expect(events.map(({ message }) => message)).to.include('Removed what was left of ring 0.9-1');
  });

  it('is rehearsed with the files that were downloaded, and no repository', async () => {
    const rehearsing: Step = {
      name: 'rehearse',
      async *run(context) {
        yield* dnf.rehearse(context, new Map([['ring', '1.0-1']]), '/kept');
      },
    };
    const rehearse = async (simulated: Said) => {
      const host = new RpmHost({ simulate: [simulated] });
      host.zipped.set('/kept/ring-1.0-1.noarch.rpm', Buffer.alloc(0));
      const argvs: string[][] = [];
      const { run } = host;
      host.run = (argv) => {
        argvs.push([...argv]);
        return run(argv);
      };
      await drive([rehearsing], { host, input: inputFor('upgrade', '/srv/none') });
      return { argvs, asked: host.asked };
    };
    const { argvs, asked } = await rehearse(ABORTED);
    expect(asked).to.deep.equal(['simulate']);
    expect(argvs[0]).to.include.members(['--assumeno', '--disablerepo=*', '/kept/ring-1.0-1.noarch.rpm']);
    const changed = table(
      'Upgrading:\n other            noarch             2.0-1               opsc           5.6 k\n',
    );
    expect((await failureOf(rehearse({ ...ABORTED, stdout: changed }))).subtype).to.equal(
      'packages-would-change',
    );
  });
});
