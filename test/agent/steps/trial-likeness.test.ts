// With whose Java, as whom and with what beside it the version is asked, whom that is believed of, and which refusals may be the trial's own doing.
import { expect } from 'chai';
import type { CommandOptions, CommandResult, RunningProgram } from '../../../agent/host/host.ts';
import { checkStillEntered } from '../../../agent/steps/files-there.ts';
import type { Step } from '../../../agent/steps/step.ts';
import { validateConfig } from '../../../agent/steps/validate-config.ts';
import type { RunInput } from '../../../shared/run-input.ts';
import { FakeHost } from '../../support/fake-host.ts';
import { drive, inputFor } from './step-driver.ts';

const HOME = '/srv/node1/cassandra-5.0.8';
const JAR = `${HOME}/lib/apache-cassandra-5.0.8.jar`;
const OPT = '/opt/java/bin/java';
const THERE = '/usr/share/cassandra';

/** With Java, and the version's own jar of a tarball and of a package. */
class JavaHost extends FakeHost {
  readonly ran: { argv: readonly string[]; options: CommandOptions }[] = [];
  /** what the trials say, by a part of their command line; else they go well */
  readonly says = new Map<string, string>();
  ownUid = 1000;

  constructor() {
    super();
    for (const [path, text] of this.packed) this.files.set(`${HOME}/${path}`, text);
    this.files.set(OPT, '');
    this.files.set(`${HOME}/conf/jvm-server.options`, '-Xss256k\n');
    this.zipped.set(JAR, Buffer.alloc(0));
    for (const name of ['cassandra.yaml', 'cassandra-env.sh', 'cassandra-rackdc.properties']) {
      this.files.set(`/etc/cassandra/${name}`, '');
      this.files.set(`/var/lib/ringmaster-agent/database/cassandra/pristine/5.0.8/${name}`, '');
    }
    this.files.set(
      '/etc/passwd',
      'root:x:0:0::/root:/bin/sh\ncassandra:x:115:120::/var/lib/cassandra:/bin/false\n',
    );
    this.zipped.set(`${THERE}/apache-cassandra-5.0.8.jar`, Buffer.alloc(0));
    this.startNode();
  }
  override facts = async () => ({ 'free-disk-bytes': 1_000_000, 'user-id': this.ownUid });
  override async run(argv: readonly [string, ...string[]], options: CommandOptions): Promise<CommandResult> {
    this.ran.push({ argv, options });
    const [, stderr] = [...this.says].find(([part]) => argv.join(' ').includes(part)) ?? [];
    const isLoading = argv.includes('RingmasterConfigTrial');
    if (stderr === undefined) return { exitCode: 0, stdout: '', stderr: 'openjdk version "17.0.15"' };
    return { exitCode: isLoading ? 77 : 1, stdout: '', stderr };
  }
  /** What runs is that. */
  isProgram(program: Partial<RunningProgram>): void {
    const words = [OPT, '-Dcassandra.told=1', '-cp', `/ours.jar:${JAR}`, 'X'];
    this.programs.set(this.running?.pid ?? 0, {
      path: OPT,
      uids: [1000, 1000, 1000, 1000],
      words,
      ...program,
    });
  }
}

describe("a trial's likeness to its node", () => {
  let host: JavaHost;
  beforeEach(() => {
    host = new JavaHost();
  });

  const asked = async (given: Partial<RunInput> = {}): Promise<string> => {
    const input = inputFor('configure', '/srv/node1', given);
    const told = await drive([validateConfig], { host, input }).catch((failure: Error) => failure);
    if (told instanceof Error) return `refused: ${told.message}`;
    return told.events.at(-1)?.message ?? '';
  };
  const PACKAGE: Partial<RunInput> = { install: { type: 'package', directory: THERE } };
  const load = () => host.ran.findLast(({ argv }) => argv.includes('RingmasterConfigTrial'));
  const words = (): string => (load()?.argv ?? []).join(' ');
  const LIMIT_AND_NICE = 7; // timeout -k 1 SECONDS nice -n 10
  const programOf = () => load()?.argv[LIMIT_AND_NICE];
  const yaml = (settings: Record<string, unknown>) => ({
    profile: { 'cassandra-yaml': settings } as RunInput['profile'],
  });
  const options = (...opts: string[]) => ({
    profile: { 'jvm-server-options': { 'additional-jvm-opts': opts } } as RunInput['profile'],
  });

  it("is that of what runs where this is ours, runs a Java, and has no other's rights", async () => {
    host.isProgram({});
    await asked();
    expect(programOf()).to.equal(OPT);
    expect(words()).to.contain(`:/ours.jar:${JAR}:${HOME}/lib/* `).and.to.contain(' -Dcassandra.told=1 ');
    const NOT_BELIEVED: [string, Partial<RunningProgram>][] = [
      ["somebody else's", { uids: [1001, 1001, 1001, 1001] }],
      ['one with rights of another', { uids: [1001, 1000, 1000, 1000] }],
      ['no Java, whatever it says', { path: '/usr/bin/su' }],
      ['one that is not to be seen', { path: null, uids: [] }],
    ];
    for (const [what, program] of NOT_BELIEVED) {
      host.isProgram(program);
      await asked();
      expect(words(), what).to.not.match(/\/opt\/java|\/ours\.jar|cassandra\.told/);
    }
  });

  it('is never that of what runs as root, which anybody may have started through su', async () => {
    host.ownUid = 0;
    host.isProgram({ uids: [0, 0, 0, 0], words: ['/home/a/java', '-cp', `/home/a:${JAR}`, 'X'] });
    await asked();
    expect(programOf()).to.equal('java');
    expect(words()).to.not.contain('/home/a');
    host.isProgram({ uids: [1005, 0, 0, 0], path: '/home/a/java' });
    expect(await asked(PACKAGE)).to.contain('the node runs as user 1005, and not as cassandra');
    host.isProgram({ uids: [0, 0, 0, 0] });
    expect(await asked(PACKAGE)).to.contain('the node runs as user 0, and not as cassandra');
  });

  it('has no Java of another version that runs', async () => {
    host.isProgram({ words: [OPT, '-cp', '/srv/node1/cassandra-4.1.7/lib/apache-cassandra-4.1.7.jar', 'X'] });
    await asked();
    expect(programOf()).to.equal('java');
    expect(words()).to.contain(`${HOME}/lib/*`);
  });

  it('has no file that is not readable where the service gives its node a group that lets it', async () => {
    host.files.set('/etc/cassandra/cassandra.yaml', 'a: 1\n');
    host.says.set('--init-groups --no-new-privs -- test -r /etc/cassandra', '');
    const check: Step = {
      name: 'check',
      // biome-ignore lint/correctness/useYield: it has nothing to tell
      async *run(context) {
        await checkStillEntered(context);
      },
    };
    const input = inputFor('restart', '/srv/node1', PACKAGE);
    const looks = async (program: Partial<RunningProgram>): Promise<string> => {
      host.isProgram({ uids: [115, 115, 115, 115], words: ['-cp', '/etc/cassandra'], ...program });
      const failure = await drive([check], { host, input }).catch((error: Error) => error);
      return failure instanceof Error ? failure.message : (host.ran.at(-1)?.argv ?? []).join(' ');
    };
    expect(await looks({ groups: [999, 1_000] })).to.contain(' --regid=999 --groups=1000 ');
    expect(await looks({ groups: [999] })).to.contain(' --regid=999 --clear-groups ');
    for (const doubtful of [{}, { groups: [] }, { groups: [999], path: '/home/a/program' }])
      expect(await looks(doubtful)).to.match(/^\/etc\/cassandra\/.* may not be read by user cassandra,/);
  });

  it('is asked as the user of its service, and not where that is another than is known', async () => {
    await asked(PACKAGE);
    const setpriv = [
      'setpriv',
      '--reuid=115',
      '--regid=120',
      '--init-groups',
      '--no-new-privs',
      '--',
      'java',
    ];
    expect(host.ran.map(({ argv }) => argv.slice(LIMIT_AND_NICE, LIMIT_AND_NICE + 7))).to.deep.equal([
      setpriv,
      setpriv,
    ]);
    expect(words()).to.contain(`/etc/cassandra:${THERE}/*:${THERE}/lib/* `);
    host.isProgram({ uids: [7, 7, 7, 7] });
    expect(await asked(PACKAGE)).to.contain('the node runs as user 7, and not as cassandra');
    expect(host.ran).to.have.length(2);
  });

  it("has the node's variables and properties, without secrets, and a place for dumps", async () => {
    await asked(options('-Dcom.corp.x=1', '-Dcorp.api_key=geheim', '-Djava.io.tmpdir=/x'));
    expect(words())
      .to.contain(' -Dcom.corp.x=1 ')
      .and.to.not.match(/geheim|tmpdir=\/x/);
    expect(words()).to.match(/ -XX:HeapDumpPath=\/tmp\/ringmaster-config-[\w-]+\/work /);
    expect(load()?.options.env).to.include({ CASSANDRA_HOME: HOME, CASSANDRA_CONF: `${HOME}/conf` });
    await asked(PACKAGE);
    expect(load()?.options.env).to.include({ CASSANDRA_HOME: THERE, CASSANDRA_CONF: '/etc/cassandra' });
  });

  const LOADING = 'RingmasterConfigTrial';
  const REFUSES = 'org.apache.cassandra.exceptions.ConfigurationException: ';
  const own = yaml({ authenticator: 'com.corp.LdapAuthenticator' });

  it("makes a refusal none where the operator's own classes are loaded, or a secret is left out", async () => {
    host.says.set(LOADING, `${REFUSES}no LDAP server is set`);
    expect(await asked(own)).to.match(
      /^Not validated .*: com\.corp\.LdapAuthenticator may have more in the node .*: no LDAP server is set$/,
    );
    const given = options('-Dcorp.api_key=geheim');
    expect(await asked(given)).to.match(/: corp\.api_key may have more in the node/);
    expect(await asked(yaml({ concurrent_reads: 17 }))).to.match(/^refused: /);
  });

  it("leaves it one where just that class is not to be found among jars that are the node's for certain", async () => {
    const refused = `${REFUSES}Unable to find authenticator class 'com.corp.LdapAuthenticator'`;
    host.says.set(LOADING, refused);
    expect(await asked(own), 'what runs tells nothing of its class path').to.match(/^Not validated /);
    host.isProgram({});
    expect(await asked(own)).to.match(/^refused: /);
    host.says.set(LOADING, refused.replace('LdapAuthenticator', 'Other'));
    expect(await asked(own), 'another class, which that one looks for').to.match(/^Not validated /);
    host = new JavaHost();
    host.says.set(LOADING, refused);
    host.files.set(`${HOME}/conf/cassandra-env.sh`, 'export JAVA_HOME=/opt/java\n');
    expect(await asked(own), 'what starts it is changed').to.match(/^Not validated /);
  });

  it('makes none of what a service may have that is set where only its manager looks', async () => {
    const doubtful = [
      `${REFUSES}Unable to find authenticator class 'x.Y'`,
      `${REFUSES}x\nCaused by: java.nio.file.AccessDeniedException: /etc/k`,
      `${REFUSES}x\nCaused by: java.io.FileNotFoundException: conf/k (No such file or directory)`,
      `${REFUSES}To set concurrent_validations > concurrent_compactors, set the system property -Dx=true`,
    ];
    for (const says of doubtful) {
      host.says.set(LOADING, says);
      expect(await asked(PACKAGE), says).to.match(/^Not validated /);
      expect(await asked(), says).to.match(/^refused: /);
    }
    host.says.set(LOADING, `${REFUSES}Invalid yaml\nCaused by: Unable to find enum value`);
    expect(await asked(PACKAGE)).to.match(/^refused: /);
    host.says.set('-XX:+Nonsense', "Unrecognized VM option 'Nonsense'");
    host.files.set('/etc/cassandra/jvm-server.options', '-XX:+Nonsense\n');
    host.files.set(
      '/var/lib/ringmaster-agent/database/cassandra/pristine/5.0.8/jvm-server.options',
      '-XX:+Nonsense\n',
    );
    host.says.delete(LOADING);
    expect(await asked(PACKAGE)).to.contain(
      'with which Java the node starts is not certain, and the one at hand says: Unrec',
    );
  });

  it("leaves it none where a running service's relative path is not to be found", async () => {
    const jar = `${THERE}/apache-cassandra-5.0.8.jar`;
    host.isProgram({ uids: [115, 115, 115, 115], words: [OPT, '-cp', `/ours.jar:${jar}`, 'X'] });
    host.says.set(LOADING, `${REFUSES}x\nCaused by: java.nio.file.NoSuchFileException: conf/k`);
    expect(await asked(PACKAGE)).to.contain('where its service counts relative paths from is not known');
    host.says.set(LOADING, `${REFUSES}Unable to find class NoSuchThing in packages`);
    expect(await asked(PACKAGE), 'whose class path is that of what runs').to.match(/^refused: /);
    host.says.set(LOADING, `${REFUSES}x\nCaused by: java.nio.file.AccessDeniedException: /etc/ssl/private/k`);
    expect(await asked(PACKAGE)).to.contain('which groups its service has besides is not known');
    host.says.set(LOADING, `${REFUSES}Unable to find authenticator class 'com.corp.LdapAuthenticator'`);
    const next = await asked({ ...PACKAGE, ...own });
    expect(next, 'which may have other jars when it is started next').to.match(/^Not validated /);
  });

  it('has no certain Java where another has been put in place since its node was started', async () => {
    const given = options('-XX:+UseZGC');
    host.isProgram({});
    host.says.set('-XX:+UseZGC', "Unrecognized VM option 'UseZGC'");
    expect(await asked(given)).to.match(/^refused: /);
    host.says.set(' java -XX:-UsePerfData -version', 'openjdk version "21.0.1"');
    expect(await asked(given)).to.contain('with which Java the node starts is not certain');
  });
});
