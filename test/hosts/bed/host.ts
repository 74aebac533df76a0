// One host: a root file system, an address and processes of its own, with systemd as the first of them, or a shell.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '../../support/eventually.ts';
import { type Ended, end } from './program.ts';

const HOST_SCRIPT = fileURLToPath(new URL('host.sh', import.meta.url));
const ORDERLY_HALT = 37; // SIGRTMIN+3, of which Node has no name: systemd stops its units, then itself

export interface HostSettings {
  name: string;
  address: string;
  /** what it writes, and whatever else it needs; removed with the bed */
  directory: string;
  bridge: string;
  /** lower directories of its overlay */
  image: string;
  /** its first process: a shell on a host that has no service manager */
  init: 'systemd' | 'shell';
  /** where the machine has its cgroups of version 2 */
  cgroups: string;
  /** what it sees of the machine, to read: by the path in the host, the path on the machine */
  shown: Readonly<Record<string, string>>;
  /** other hosts by name */
  neighbours: Readonly<Record<string, string>>;
}

export class TestHost {
  readonly name: string;
  readonly address: string;
  readonly #settings: HostSettings;
  #outer: ChildProcess | null = null;
  #init = 0;

  constructor(settings: HostSettings) {
    this.name = settings.name;
    this.address = settings.address;
    this.#settings = settings;
  }

  /** Starts it, the first time or after `stop` and `crash`, and waits until systemd has all units up. About 0.5 s. */
  async boot(): Promise<void> {
    const { name, address, directory, bridge, image, cgroups, init } = this.#settings;
    await this.#furnish();
    const console = openSync(join(directory, 'console'), 'a');
    // With the runner it ends too: so nothing runs on in the moment before the bed has noticed.
    const argv = [
      '--pdeathsig',
      'KILL',
      'bash',
      HOST_SCRIPT,
      bridge,
      name,
      address,
      directory,
      image,
      cgroups,
      init,
    ];
    const outer = spawn('setpriv', argv, { stdio: ['ignore', console, console], detached: true });
    closeSync(console);
    this.#outer = outer;
    await eventually(
      async () => {
        if (outer.exitCode !== null || outer.signalCode !== null)
          throw new Error(`${name} ended while it booted:\n${await this.console()}`);
        this.#init = await childOf(outer.pid ?? 0, init === 'systemd' ? 'systemd' : 'sh');
        if (init === 'shell') return;
        const { exitCode, output } = await this.exec(['systemctl', 'is-system-running', '--wait']);
        if (exitCode !== 0) throw new Error(`${name} is ${output}`);
      },
      { withinMs: 30_000 },
    );
  }

  async #furnish(): Promise<void> {
    const { name, address, directory, neighbours, shown } = this.#settings;
    const etc = join(directory, 'upper', 'etc');
    await mkdir(etc, { recursive: true });
    const pairs = Object.entries(shown).map(([to, from]) => `${from}\t${to}\n`);
    await writeFile(join(directory, 'shown'), pairs.join(''));
    const lines = Object.entries({ ...neighbours, [name]: address }).map(([known, at]) => `${at} ${known}\n`);
    await writeFile(join(etc, 'hostname'), `${name}\n`);
    await writeFile(join(etc, 'hosts'), `127.0.0.1 localhost\n${lines.join('')}`);
  }

  get hasSystemd(): boolean {
    return this.#settings.init === 'systemd';
  }

  /** Of its first process, as the runner sees it; 0 while it is not up. */
  get pid(): number {
    return this.#init;
  }

  /** What systemd and units wrote to the console. */
  async console(): Promise<string> {
    return await readFile(join(this.#settings.directory, 'console'), 'utf8');
  }

  /**
   * Runs a command as root, without a shell; one that fails is a value.
   * @param input standard input
   * @param withinMs killed after this long (60 s unless told), exit code 128
   */
  async exec(
    argv: readonly [string, ...string[]],
    { input = '', withinMs = 60_000 }: { input?: string | Buffer; withinMs?: number } = {},
  ): Promise<Ended> {
    if (this.#init === 0) throw new Error(`${this.name} is not up`);
    const environment = ['HOME=/root', `PATH=${PATH}`, 'LANG=C.UTF-8', 'TERM=dumb'];
    const enter: [string, ...string[]] = ['nsenter', '--target', String(this.#init), '--all'];
    const confine = ['setpriv', '--bounding-set', '-sys_time,-sys_module,-sys_rawio']; // as pid1.sh does
    // timeout(1) inside, since it kills what it started and nsenter would not
    const limit = ['timeout', '--signal', 'KILL', String(withinMs / 1_000)];
    return await end([...enter, ...confine, 'env', '-i', ...environment, ...limit, ...argv], { input });
  }

  /** Like `exec`. @throws Error with all that the command said when it exits with anything but 0 */
  async run(
    argv: readonly [string, ...string[]],
    options: { input?: string | Buffer; withinMs?: number } = {},
  ): Promise<string> {
    const { exitCode, output } = await this.exec(argv, options);
    if (exitCode !== 0) throw new Error(`${this.name}: ${argv.join(' ')} exited ${exitCode}:\n${output}`);
    return output;
  }

  /** Writes a file as root, with the directories above it. */
  async put(path: string, contents: string | Buffer, mode = 0o644): Promise<void> {
    const script = 'mkdir -p "$(dirname "$1")" && cat >"$1" && chmod "$2" "$1"';
    await this.run(['sh', '-c', script, 'sh', path, mode.toString(8)], { input: contents });
  }

  /** Shuts it down as an operator would. Its disk and its address stay; `boot` starts it again. */
  async stop(): Promise<void> {
    await this.#end(ORDERLY_HALT);
  }

  /** Ends it like a power cut does: nothing in it gets to know. */
  async crash(): Promise<void> {
    await this.#end(9);
  }

  async #end(signal: number): Promise<void> {
    const outer = this.#outer;
    if (outer === null) return;
    const init = this.#init;
    this.#outer = null;
    this.#init = 0;
    if (outer.exitCode !== null || outer.signalCode !== null) return;
    const ended = once(outer, 'exit');
    if (init !== 0) process.kill(init, signal);
    else outer.kill('SIGKILL');
    await ended;
  }
}

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The only child of unshare(1). @throws Error while it is not `init` yet, since only then has it its own root */
async function childOf(pid: number, init: string): Promise<number> {
  const child = Number((await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).split(' ')[0]);
  const command = child === 0 ? '' : (await readFile(`/proc/${child}/comm`, 'utf8')).trim();
  if (command !== init) throw new Error(`${init} has not started`);
  return child;
}
