// A machine in memory that has apt, dpkg and systemd as well, and the database node from packages.
import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import type { CommandOptions, CommandResult } from '../../agent/host/host.ts';
import { StepFailed } from '../../shared/errors.ts';
import { FakeHost } from './fake-host.ts';

const ARCHIVES = '/var/cache/apt/archives';
const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
const said = (stdout = '', exitCode = 0, stderr = ''): CommandResult => ({ exitCode, stdout, stderr });

export class AptHost extends FakeHost {
  /** by name: version, and the state as dpkg-query abbreviates it */
  readonly packages = new Map<string, { version: string; state: string }>();
  /** by name: the versions that the repository has, newest first */
  readonly offered = new Map<string, string[]>();
  /** of a package and version: its files, by absolute path */
  readonly contents = (_name: string, version: string): Record<string, string> => ({
    '/etc/cassandra/cassandra.yaml': `# of ${version}\ncluster_name: Test Cluster\n`,
    '/etc/cassandra/cassandra-env.sh': `# env of ${version}\n`,
    '/etc/cassandra/jvm-server.options': '-Xss256k\n', // the same in all of them
  });
  /** another package that would be replaced, as apt's simulation tells it */
  alsoReplaces: string | null = null;
  /** what the script of a package says that fails at its end; null: it goes well */
  scriptFails: string | null = null;
  /** by an operator, or by an agent of an earlier version */
  isMasked: boolean | 'until-boot' = false;
  /** false: dpkg was killed before it had put the unit in its place */
  hasUnit = true;
  /** whoever is asked to start or stop the service comes to no end, whatever became of the node */
  serviceHangs = false;
  /** how systemd would refuse to start it: the words of systemctl, of the unit's last process, and its result; null: it does not */
  refusesStart: { output: string; journal: string; result: string } | null = null;
  /** the scripts of packages start the node, whatever they are told */
  startsAnyway = false;

  /** by a file of ours beside the unit */
  get isHeld(): boolean {
    return this.files.has('/etc/systemd/system/cassandra.service.d/ringmaster-hold.conf');
  }

  /** As after a power cut: whatever may be started at a boot is. */
  boot(): void {
    this.running = null;
    this.booted += ' again';
    this.#startService();
  }

  constructor() {
    super();
    this.directories.add('/run/systemd/system');
    this.directories.add('/etc/cassandra');
  }

  /** As a package that was installed and configured once. */
  has(name: string, version: string): void {
    this.packages.set(name, { version, state: 'ii' });
    for (const [path, text] of Object.entries(this.contents(name, version))) this.files.set(path, text);
  }

  override facts = async () => ({ 'free-disk-bytes': this.freeDiskBytes, 'user-id': 0 });
  override listDirectory = async (path: string) => [
    ...new Set(
      [...this.files.keys(), ...this.zipped.keys()]
        .filter((at) => at.startsWith(`${path}/`))
        .map((at) => at.slice(path.length + 1).split('/', 1)[0] ?? ''),
    ),
  ];

  /** As an operator does by hand, who keeps the files that are there. */
  upgradeByHand(name: string, version: string): void {
    this.#put(name, version);
    this.packages.set(name, { version, state: 'ii' });
  }

  /** What is there is not touched, as under --force-confold, unless nobody changed it. */
  #put(name: string, version: string): void {
    const before = this.contents(name, this.packages.get(name)?.version ?? '');
    for (const [path, text] of Object.entries(this.contents(name, version))) {
      const here = this.files.get(path);
      if (here === undefined || here === before[path]) this.files.set(path, text);
      else if (text !== before[path]) this.files.set(`${path}.dpkg-dist`, text);
    }
  }

  override async run(argv: readonly [string, ...string[]], options: CommandOptions): Promise<CommandResult> {
    const [program, ...words] = argv;
    const after = (word: string): string[] => words.slice(words.indexOf(word) + 1);
    switch (program) {
      case 'dpkg-query': {
        if (words.some((word) => word.includes('Conffiles'))) {
          const files = after('--').flatMap((name) => {
            const found = this.packages.get(name);
            return found === undefined ? [] : Object.entries(this.contents(name, found.version));
          });
          return said(files.map(([path, text]) => ` ${path} ${md5(text)}\n`).join(''));
        }
        if (words.includes('--search')) {
          const [path = ''] = after('--');
          const owners = [...this.packages].filter(
            ([name, { version }]) => path in this.contents(name, version),
          );
          return said(owners.map(([name]) => `${name}: ${path}\n`).join(''), owners.length > 0 ? 0 : 1);
        }
        const known = after('--').flatMap((name) => {
          const found = this.packages.get(name);
          return found === undefined ? [] : [`${name}\t${found.state} \t${found.version}\n`];
        });
        return said(known.join(''));
      }
      case 'dpkg':
        if (words.includes('--audit'))
          return said(
            [...this.packages]
              .filter(([, { state }]) => state !== 'ii')
              .map(([name]) => ` ${name}  test package\n`)
              .join(''),
          );
        return this.#finish(after('--'));
      case 'apt-cache': {
        const lines = after('madison').flatMap((name) =>
          (this.offered.get(name) ?? []).map(
            (version) => `${name} | ${version} | http://repository ./ Packages\n`,
          ),
        );
        return said(lines.join(''));
      }
      case 'apt-get':
        return this.#aptGet(
          words,
          new Map(after('--').map((word) => word.split('=', 2) as [string, string])),
          options.cwd,
        );
      case 'sh': {
        const [archive = '', to = ''] = after('sh');
        const [name = '', version = ''] = basename(archive).split('_');
        for (const [path, text] of Object.entries(this.contents(name, version)))
          this.files.set(join(to, path), text);
        return said('', 2, 'tar: ./usr/share/cassandra/*.jar: Not found in archive\n');
      }
      case 'systemctl':
        return this.#systemctl(words);
      case 'journalctl':
        return said(words.includes('_SYSTEMD_UNIT=cassandra.service') ? this.refusesStart?.journal : '');
      case '/etc/init.d/cassandra':
        return words[0] === 'start' ? this.#startService() : this.#stopService();
      default:
        return await super.run(argv, options);
    }
  }

  #aptGet(
    words: readonly string[],
    wanted: ReadonlyMap<string, string>,
    directory = ARCHIVES,
  ): CommandResult {
    if (words.includes('download')) {
      const [[name = '', version = ''] = []] = wanted;
      if (!this.offered.get(name)?.includes(version))
        return said('', 100, `E: Version '${version}' for '${name}' was not found\n`);
      this.done.push(`download ${name} ${version}`);
      this.files.set(`${directory}/${name}_${version}_all.deb`, '');
      return said();
    }
    if (words.includes('--simulate')) {
      for (const [name, version] of wanted)
        if (this.packages.get(name)?.version !== version && !this.offered.get(name)?.includes(version))
          return said('', 100, `E: Version '${version}' for '${name}' was not found\n`);
      const lines = [...wanted].flatMap(([name, version]) => {
        const old = this.packages.get(name);
        if (old?.version === version) return old.state === 'ii' ? [] : [`Conf ${name} (${version} all)\n`];
        return [`Inst ${name}${old === undefined ? '' : ` [${old.version}]`} (${version} all)\n`];
      });
      return said(lines.join('') + (this.alsoReplaces === null ? '' : `Inst ${this.alsoReplaces}\n`));
    }
    if (words.includes('--print-uris')) {
      const missing = [...wanted].filter(
        ([name, version]) =>
          this.packages.get(name)?.version !== version &&
          !this.files.has(`${ARCHIVES}/${name}_${version}_all.deb`),
      );
      return said(missing.map(([name]) => `'http://repository/${name}' ${name} 1\n`).join(''));
    }
    if (words.includes('--download-only')) {
      this.done.push('download packages');
      for (const [name, version] of wanted) this.files.set(`${ARCHIVES}/${name}_${version}_all.deb`, '');
      return said();
    }
    if (!words.includes('install')) return said();
    this.done.push(
      `install ${[...wanted].map((one) => one.join('=')).join(' ')}${this.isHeld ? '' : ' unheld'}`,
    );
    for (const [name, version] of wanted) {
      this.#put(name, version);
      this.packages.set(name, { version, state: 'iF' });
    }
    if (this.startsAnyway) this.startNode();
    return this.#finish([...wanted.keys()]);
  }

  #finish(names: readonly string[]): CommandResult {
    if (this.scriptFails !== null) return said('', 100, `E: ${this.scriptFails}\n`);
    for (const name of names)
      this.packages.set(name, { version: this.packages.get(name)?.version ?? '', state: 'ii' });
    return said();
  }

  #stopService(): CommandResult {
    if (this.running !== null) this.done.push('stop service');
    this.running = null;
    return this.#serviceSaid();
  }

  #startService(): CommandResult {
    this.done.push('start service');
    if (this.refusesStart !== null) return said('', 1, this.refusesStart.output);
    if (!this.isMasked && !this.isHeld && !this.diesAtStart) this.startNode();
    return this.#serviceSaid();
  }

  #serviceSaid(): CommandResult {
    if (this.serviceHangs) throw new StepFailed('command-timed-out', 'it took longer than 1 ms');
    return said();
  }

  #systemctl(words: readonly string[]): CommandResult {
    const state = this.running === null ? 'inactive' : 'active';
    switch (words[0] ?? '') {
      case 'show':
        if (words.some((word) => word.includes('ExecStart')))
          return said(
            'ExecStartPre={ path=/bin/true ; argv[]=/bin/true ; pid=7 ; code=exited ; status=0 }\nExecStartPre={ path=/bin/sh ; argv[]=/bin/sh ; pid=8 ; code=exited ; status=3 }\nExecStart={ path=/x ; argv[]=/x ; pid=0 ; code=(null) ; status=0/0 }\n',
          );
        return said(
          `LoadState=${this.hasUnit ? (this.isMasked ? 'masked' : 'loaded') : 'not-found'}\nActiveState=${state}\nSubState=${state}\nResult=${this.refusesStart?.result ?? 'success'}\nUnitFileState=${this.isMasked === 'until-boot' ? 'masked-runtime' : ''}\n`,
        );
      case 'stop':
        return this.#stopService();
      case 'start':
        return this.#startService();
      default:
        return said();
    }
  }
}
