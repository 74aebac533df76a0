// The machine the agent runs on: the real Host.
import { availableParallelism, cpus, freemem, homedir, hostname, release, totalmem, uptime } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { bootId } from './boot-id.ts';
import { changeCassandraPassword } from './cassandra-password.ts';
import { runCommand } from './commands.ts';
import { download } from './downloads.ts';
import {
  changedMs,
  ensureDirectory,
  freeBytesAt,
  listDirectory,
  pathExists,
  readTail,
  readText,
  realDirectory,
  removePath,
  replaceText,
  sha256OfFile,
  sizeOf,
} from './files.ts';
import type { CommandOptions, Host } from './host.ts';
import { listenFault, nativePortAnswers, portTaken } from './native-port.ts';
import { jmxOf } from './own-jmx.ts';
import { portHolder } from './port-holder.ts';
import { makePrivate, oldPrivates, removePrivate } from './private-directories.ts';
import { programOf } from './proc.ts';
import { findCassandra, isAlive, signalProcess, spawnDetached, startedMs } from './processes.ts';
import { unpackTarball } from './tarball.ts';
import { zipEntry } from './zip-entry.ts';

const USUAL_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What programs see of the environment; they get LANG beside it, and no variable of the agent's own. */
export interface LinuxHostOptions {
  path?: string;
  home?: string;
  /** null: the `java` on the path */
  javaHome?: string | null;
}

export class LinuxHost implements Host {
  readonly #env: Readonly<Record<string, string>>;
  constructor({ path = USUAL_PATH, home = homedir(), javaHome = null }: LinuxHostOptions = {}) {
    this.#env = {
      PATH: javaHome === null ? path : `${javaHome}/bin:${path}`,
      HOME: home,
      LANG: 'C.UTF-8',
      ...(javaHome === null ? {} : { JAVA_HOME: javaHome }),
    };
  }

  async facts(directory: string): Promise<Record<string, unknown>> {
    const osRelease = (await readText('/usr/lib/os-release').catch(() => null)) ?? '';
    return {
      hostname: hostname(),
      os: /^PRETTY_NAME="?([^"\n]*)/m.exec(osRelease)?.[1] ?? 'Linux',
      kernel: release(),
      cpus: availableParallelism(),
      'cpu-model': cpus()[0]?.model ?? null,
      'memory-bytes': totalmem(),
      'free-memory-bytes': freemem(),
      'free-disk-bytes': await freeBytesAt(directory),
      'time-zone': Intl.DateTimeFormat().resolvedOptions().timeZone,
      'user-id': process.getuid?.() ?? null,
    };
  }

  readonly readText = readText;
  readonly replaceText = replaceText;
  readonly changedMs = changedMs;
  readonly sizeOf = sizeOf;
  readonly realDirectory = realDirectory;
  readonly listDirectory = listDirectory;
  readonly zipEntry = zipEntry;
  readonly readTail = readTail;
  readonly exists = pathExists;
  readonly remove = removePath;
  readonly ensureDirectory = ensureDirectory;
  readonly makePrivate = makePrivate;
  readonly removePrivate = removePrivate;
  readonly oldPrivates = oldPrivates;
  readonly sha256 = sha256OfFile;
  readonly download = download;

  unpackTarball(path: string, directory: string, options: CommandOptions): Promise<void> {
    return unpackTarball((argv, o) => this.run(argv, o), path, directory, options);
  }

  run(argv: readonly [string, ...string[]], options: CommandOptions) {
    return runCommand(argv, { ...options, env: { ...this.#env, ...options.env } });
  }

  spawnDetached(argv: readonly [string, ...string[]], options: Parameters<Host['spawnDetached']>[1]) {
    return spawnDetached(argv, { ...options, env: { ...this.#env, ...options.env } });
  }

  readonly jmx = jmxOf;
  readonly findCassandra = findCassandra;
  readonly isAlive = isAlive;
  readonly programOf = programOf;
  readonly bootId = () => bootId();
  readonly startedMs = startedMs;
  readonly signal = signalProcess;
  readonly listenFault = listenFault;
  readonly nativePortAnswers = nativePortAnswers;
  readonly portTaken = (address: string, port: number) => portTaken(address, port);
  readonly portHolder = portHolder;
  readonly changeCassandraPassword = changeCassandraPassword;

  async wait(ms: number, signal?: AbortSignal): Promise<void> {
    await delay(ms, undefined, signal === undefined ? {} : { signal });
  }

  nowMs(): number {
    return Date.now();
  }

  upMs(): number {
    return uptime() * 1_000;
  }
}
