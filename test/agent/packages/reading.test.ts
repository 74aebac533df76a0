// What dpkg, rpm, apt and dnf say of packages is judged by how they ended, and so is the reading of a package, by the real programs.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { runCommand } from '../../../agent/host/commands.ts';
import type { CommandResult } from '../../../agent/host/host.ts';
import { apt } from '../../../agent/steps/apt-packages.ts';
import { checkOffer } from '../../../agent/steps/check-offer.ts';
import { dnf } from '../../../agent/steps/dnf-packages.ts';
import type { PackageManager } from '../../../agent/steps/package-manager.ts';
import { readPackage } from '../../../agent/steps/read-packages.ts';
import type { Step } from '../../../agent/steps/step.ts';
import { failureOf } from '../../support/failure-of.ts';
import { FakeHost } from '../../support/fake-host.ts';
import { drive, inputFor } from '../steps/step-driver.ts';

const run = promisify(execFile);
const input = inputFor('install', '/srv/none');
/** @param work what a step does that only looks */
const looking = (work: (context: Parameters<Step['run']>[0]) => Promise<unknown>): Step => ({
  name: 'look',
  // biome-ignore lint/correctness/useYield: it tells nothing
  async *run(context) {
    return await work(context);
  },
});

/** Runs nothing, and has each program say the same. */
class SayingHost extends FakeHost {
  readonly #said: CommandResult;
  constructor(said: Partial<CommandResult>) {
    super();
    this.#said = { exitCode: 0, stdout: '', stderr: '', ...said };
  }
  override run = async (): Promise<CommandResult> => this.#said;
}

describe('what is known of packages', () => {
  const states = async (manager: PackageManager, said: Partial<CommandResult>) => {
    const step = looking((context) => manager.states(context, ['cassandra', 'cassandra-tools']));
    return (await drive([step], { host: new SayingHost(said), input })).results.get('look') as Map<
      string,
      unknown
    >;
  };
  const digests = (manager: PackageManager, said: Partial<CommandResult>) =>
    drive([looking((context) => manager.shippedDigests(context, ['cassandra']))], {
      host: new SayingHost(said),
      input,
    });

  it('is told where dpkg or rpm know nothing of some of them', async () => {
    const ofDpkg = {
      exitCode: 1,
      stdout: 'cassandra\tii \t5.0.8\n',
      stderr: 'dpkg-query: no packages found matching cassandra-tools\n',
    };
    expect([...(await states(apt, ofDpkg)).keys()]).to.deep.equal(['cassandra']);
    const ofRpm = { exitCode: 1, stdout: 'cassandra\t5.0.8-1\npackage cassandra-tools is not installed\n' };
    expect([...(await states(dnf, ofRpm)).keys()]).to.deep.equal(['cassandra']);
  });

  it('is not taken for nothing where dpkg or rpm cannot read it', async () => {
    const ofDpkg = {
      exitCode: 2,
      stderr: "dpkg-query: error: parsing file '/var/lib/dpkg/status' near line 7:\n missing version\n",
    };
    const ofRpm = {
      exitCode: 2,
      stdout: 'package cassandra is not installed\npackage cassandra-tools is not installed\n',
      stderr: 'error: cannot open Packages database in /var/lib/rpm\n',
    };
    for (const [manager, said, reason] of [
      [
        apt,
        ofDpkg,
        "dpkg-query cannot tell which packages are installed: dpkg-query: error: parsing file '/var/lib/dpkg/status' near line 7:",
      ],
      [
        dnf,
        ofRpm,
        'rpm cannot tell which packages are installed: error: cannot open Packages database in /var/lib/rpm',
      ],
    ] as const) {
      expect(await failureOf(states(manager, said))).to.include({
        subtype: 'packages-unread',
        message: reason,
      });
      expect((await failureOf(digests(manager, said))).subtype).to.equal('packages-unread');
    }
  });

  it('is not taken for nothing where rpm was killed', async () => {
    expect((await failureOf(states(dnf, { exitCode: -1 }))).message).to.match(/: it did not say why$/);
  });

  it('is as rpm of this machine says it', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'rpm-database-'));
    class RpmHost extends FakeHost {
      override run = async ([program, ...words]: readonly [string, ...string[]]) =>
        await runCommand([program, '--dbpath', directory, ...words], {
          withinMs: 30_000,
          env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C' },
        });
    }
    const look = () =>
      drive([looking((context) => dnf.states(context, ['cassandra', 'cassandra-tools']))], {
        host: new RpmHost(),
        input,
      });
    try {
      expect((await look()).results.get('look')).to.deep.equal(new Map());
      await writeFile(join(directory, 'rpmdb.sqlite'), 'garbage');
      expect((await failureOf(look())).subtype).to.equal('packages-unread');
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

describe('what repositories have', () => {
  const offered = (manager: PackageManager, host: FakeHost) => {
    const step: Step = {
      name: 'look',
      async *run(context) {
        return yield* manager.offered(context, ['cassandra']);
      },
    };
    return drive([step], { host, input });
  };

  it('is not taken for nothing where it cannot be read', async () => {
    const noMetadata = "Error: Failed to download metadata for repo 'opsc': Cannot download repomd.xml";
    const failure = await failureOf(offered(dnf, new SayingHost({ exitCode: 1, stderr: `${noMetadata}\n` })));
    expect(failure).to.include({
      subtype: 'packages-failed',
      message: `dnf could not look for the packages: ${noMetadata}`,
    });
    const broken = 'E: The package lists or status file could not be parsed or opened.';
    expect(
      (await failureOf(offered(apt, new SayingHost({ exitCode: 100, stderr: `${broken}\n` })))).message,
    ).to.equal(`apt-cache could not look for the packages: ${broken}`);
  });

  it('is told of by a job that only looks as not known where the repository has yet to be set up', async () => {
    const host = new SayingHost({ exitCode: 1, stderr: "Error: Unknown repo: 'opsc'\n" });
    host.files.set('/usr/bin/dnf', '');
    const ofPackages = { ...input, install: { type: 'package', directory: '/usr/share/cassandra' } } as const;
    const before = { results: new Map([['gather-facts', { installed: null }]]), notes: new Map() };
    const { events } = await drive([checkOffer], { host, input: ofPackages, before });
    expect(events.at(-1)).to.deep.include({ subtype: 'packages-offered', after: { packages: {} } });
    expect(events.at(-1)?.message).to.equal(
      "dnf could not look for the packages: Error: Unknown repo: 'opsc': the job reads the repositories anew",
    );
  });

  it('is asked for once another dnf has let go of its lock', async () => {
    const host = new SayingHost({});
    const answers: Partial<CommandResult>[] = [
      {
        exitCode: 200,
        stderr: 'Failed to obtain the transaction lock (logged in as: root)... already locked by 4711\n',
      },
      { stdout: 'cassandra\t5.0.8-1\n' },
    ];
    host.run = async () => ({ exitCode: 0, stdout: '', stderr: '', ...answers.shift() });
    const { events, results } = await offered(dnf, host);
    expect(events.map(({ message }) => message)).to.deep.equal([
      "Waiting for process 4711, which holds the package manager's lock",
    ]);
    expect(results.get('look')).to.deep.equal(new Map([['cassandra', ['5.0.8-1']]]));
  });
});

describe('a package that is read', () => {
  let directory: string;
  let archive: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'package-'));
    archive = join(directory, 'small_1.0_all.deb');
    const tree = join(directory, 'tree');
    await mkdir(join(tree, 'DEBIAN'), { recursive: true });
    await mkdir(join(tree, 'etc/small'), { recursive: true });
    const control =
      'Package: small\nVersion: 1.0\nArchitecture: all\nMaintainer: nobody <nobody@example.invalid>\nDescription: none\n';
    await writeFile(join(tree, 'DEBIAN/control'), control);
    await writeFile(join(tree, 'etc/small/settings'), 'first\n');
    await writeFile(join(tree, 'large'), Buffer.alloc(2_000_000, 'bytes'));
    await run('dpkg-deb', ['--root-owner-group', '-Znone', '--build', tree, archive]);
  });
  after(() => rm(directory, { recursive: true }));

  class RunningHost extends FakeHost {
    override run = async (argv: readonly [string, ...string[]]) =>
      await runCommand(argv, { withinMs: 30_000, env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C' } });
  }
  let targets = 0;
  const read = async (asTar = apt.asTar, path = archive): Promise<string> => {
    targets += 1;
    const to = join(directory, `to${targets}`);
    await mkdir(to);
    const members = ['./etc', './usr/share/*.jar']; // the package has none of the latter
    await drive([looking((context) => readPackage(context, asTar, path, to, members))], {
      host: new RunningHost(),
      input,
    });
    return await readFile(join(to, 'etc/small/settings'), 'utf8');
  };

  it('need not have all the files that are looked for', async () => {
    expect(await read()).to.equal('first\n');
  });

  it('is read whatever somebody warns of meanwhile', async () => {
    expect(await read(['echo "warning: an old format" >&2; dpkg-deb --fsys-tarfile "$package"'])).to.equal(
      'first\n',
    );
  });

  it('is not taken for read where its end is missing', async () => {
    const short = join(directory, 'short.deb');
    await writeFile(short, await readFile(archive));
    await truncate(short, 1_000_000);
    const failure = await failureOf(read(undefined, short));
    expect(failure).to.include({ subtype: 'package-unreadable', resource: short });
    expect(failure.message).to.match(/ cannot be read: dpkg-deb.* unexpected end of file/);
    expect(failure.detail['said']).to.include('dpkg-deb: exit code 2');
  });

  it('is not taken for read where whoever read it failed though tar was content', async () => {
    const failure = await failureOf(
      read(['sh -c \'dpkg-deb --fsys-tarfile "$0"; exit 3\' "$package"', 'cat']),
    );
    expect(failure.message).to.equal(`${archive} cannot be read: sh: exit code 3`);
  });

  it('is not taken for read where tar could not write it', async () => {
    const failure = await failureOf(read(['printf nothing']));
    expect(failure.message).to.match(/cannot be read: tar: /);
  });
});
