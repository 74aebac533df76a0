// All that a step may do to a machine. The real one is linux-host.ts; tests have a fake held to it by the same suite.
import type { JmxNode } from './jmx/cassandra-mbeans.ts';

/** One process, named so that a reused pid is never taken for it. */
export interface ProcessId {
  pid: number;
  /** field 22 of /proc/<pid>/stat: clock ticks after boot */
  startTicks: number;
}

/** What a process is, as the kernel tells it, and what it says of itself. */
export interface RunningProgram {
  /** the file that it runs, without links; null: not ours to see */
  path: string | null;
  /** real, effective, saved and of the file system; a program with rights that are not its user's has several */
  uids: readonly number[];
  /** the effective one first, then those beside it; absent: not known */
  groups?: readonly number[];
  /** its command line, in which whoever started it may have written anything */
  words: readonly string[];
}

/** Both null for a process of another user that is hidden from us. */
export interface PortHolder {
  pid: number | null;
  program: string | null;
}

/** A database node: its process, and the directory that all of its processes name. */
export interface OwnProcess {
  process: ProcessId;
  directory: string;
}

/** Where a database node of this machine is. */
export interface OwnNode {
  directory: string;
  /** as the last run was told; 127.0.0.1 alone listens */
  jmxPort: number;
}

/** A user of this machine, by number. */
export interface Account {
  uid: number;
  gid: number;
  /** beside that one; absent: those that the user has */
  groups?: readonly number[];
}

/** Bytes that are kept of each stream of a command. */
export const MOST_OUTPUT = 64 * 1024;

export interface CommandResult {
  exitCode: number;
  /** the last part of each stream, at most `MOST_OUTPUT` */
  stdout: string;
  stderr: string;
}

export interface CommandOptions {
  withinMs: number;
  signal?: AbortSignal;
  cwd?: string;
  env?: Readonly<Record<string, string>>;
  onOutput?: () => void;
}

export interface Host {
  /** Facts of the machine: os, kernel, cpus, memory bytes, free disk bytes at `directory`, time zone. */
  facts(directory: string): Promise<Record<string, unknown>>;
  /**
   * null when there is no such file. Symbolic links are refused, and what is no regular file.
   * @param encoding UTF-8 unless given: what is none of it is replaced. Of latin1 each character is one byte of the file
   */
  readText(path: string, mostBytes?: number, encoding?: 'utf8' | 'latin1'): Promise<string | null>;
  /**
   * Temp file in the same directory, fsync, rename; owner and mode of the old file kept, else `mode`. Symlinks refused.
   * @param most rights that the file may have afterwards, whatever the old one had
   * @param group by number, that the file is given to when others may not read it; the old one's unless given
   */
  replaceText(path: string, text: string, mode?: number, most?: number, group?: number | null): Promise<void>;
  /** When it was last written, replaced or given other rights, wherever links lead, or one of those on the way was; milliseconds since 1970, null when there is none. */
  changedMs(path: string): Promise<number | null>;
  /** Bytes, 0 when there is no such file. */
  sizeOf(path: string): Promise<number>;
  /**
   * The last `mostBytes` of a (log) file, "" when there is none, or it is no regular file. What stands before `fromByte` is left out, unless the file
   * has become shorter than that: then it is a new one.
   */
  readTail(path: string, mostBytes: number, fromByte?: number): Promise<string>;
  exists(path: string): Promise<boolean>;
  /** The path without symbolic links of what is a directory at its end; null when there is none. */
  realDirectory(path: string): Promise<string | null>;
  /** Names, none when there is no such directory. */
  listDirectory(path: string): Promise<string[]>;
  /** One file of a zip archive; null when there is none, or the archive cannot be read. */
  zipEntry(path: string, name: string): Promise<Buffer | null>;
  /** A file, or a directory with all below it; nothing when there is none. A symbolic link itself goes, not what it leads to. */
  remove(path: string): Promise<void>;
  /**
   * A directory below the one for temporary files, with these files by their paths in it (one folder deep at most), and with `work`
   * in it, which is empty. For this user alone or, when there is a `reader`, for it alone, and `work` its own.
   * @param name one that nobody can guess
   * @param files are told its absolute path
   * @returns that path
   * @throws StepFailed when it is there already, or cannot be made; what was made of it has to be removed all the same
   */
  makePrivate(
    name: string,
    files: (directory: string) => ReadonlyMap<string, string | Uint8Array>,
    reader: Account | null,
  ): Promise<string>;
  /** Nothing when there is none. Links in it go, not what they lead to. */
  removePrivate(name: string): Promise<void>;
  /** Names of such directories of this very user that begin so, and were made longer ago than that. */
  oldPrivates(prefix: string, olderThanMs: number): Promise<string[]>;
  /** @returns true when it had to be made */
  ensureDirectory(path: string, mode: number): Promise<boolean>;
  /** Hex digest, streamed. */
  sha256(path: string, onBytes?: (n: number) => void): Promise<string>;
  /** http, https or file URL to a file, by temp + rename; bytes are reported as they come. */
  download(
    url: string,
    path: string,
    options: {
      withinMs: number;
      username?: string | null;
      password?: string | null;
      signal?: AbortSignal;
      onBytes?: (n: number) => void;
    },
  ): Promise<void>;
  /** Unpacks a .tar.gz whose single top-level folder becomes `directory`, by temp + rename: complete or absent. */
  unpackTarball(path: string, directory: string, options: CommandOptions): Promise<void>;
  /** argv only, never a shell; absolute or PATH-resolved program; TERM then KILL on the limit. */
  run(argv: readonly [string, ...string[]], options: CommandOptions): Promise<CommandResult>;
  /** Starts a process that outlives the agent (own session, output appended to `outputPath`), and returns once it is spawned. */
  spawnDetached(
    argv: readonly [string, ...string[]],
    options: { cwd: string; env: Readonly<Record<string, string>>; outputPath: string },
  ): Promise<ProcessId>;
  /** The Cassandra process whose command line names `directory`, or null. */
  findCassandra(directory: string): Promise<ProcessId | null>;
  isAlive(process: ProcessId): Promise<boolean>;
  /** null when it is gone, or another has its pid by now. @throws StepFailed `process-unreadable` */
  programOf(process: ProcessId): Promise<RunningProgram | null>;
  /** When it was started: milliseconds since 1970, to a hundredth of a second. */
  startedMs(process: ProcessId): number;
  /** False when it was gone already. */
  signal(process: ProcessId, name: 'SIGTERM' | 'SIGKILL'): Promise<boolean>;
  /** True when the CQL native protocol answers OPTIONS at that address. */
  nativePortAnswers(address: string, port: number, withinMs: number): Promise<boolean>;
  /** Whether a process could listen on this address of this machine: null, or the error's code (`EADDRNOTAVAIL`, `ENOTFOUND`). */
  listenFault(address: string): Promise<string | null>;
  /** Who listens on the port now: true when a connection is accepted. */
  portTaken(address: string, port: number): Promise<boolean>;
  /** Who but `own` listens where a node would with this address and port; null: nobody, or it is not to be told whether it is `own`. */
  portHolder(address: string, port: number, own: OwnProcess | null): Promise<PortHolder | null>;
  /**
   * Asks a database node on this machine over JMX, at the port that is told or, where nobody answers there, at that of its own command
   * line: its files may have another by now, which it has after its next start. Rejects when it cannot be reached.
   */
  jmx(node: OwnNode, withinMs: number, signal?: AbortSignal): Promise<JmxNode>;
  /** `ALTER ROLE cassandra`: 'changed', 'already' (the new one works, the old one does not). Throws StepFailed. */
  changeCassandraPassword(options: {
    address: string;
    port: number;
    oldPassword: string;
    newPassword: string;
    withinMs: number;
    datacenter: string;
  }): Promise<'changed' | 'already'>;
  /** Polls of a step go through here so that tests need no real time. */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
  /** By the wall clock, milliseconds since 1970. */
  nowMs(): number;
  /** Names the boot of this host that everything in it runs since; another one after each. */
  bootId(): Promise<string>;
  /** Milliseconds since this machine was started, sleep included, whatever its wall clock is set to. */
  upMs(): number;
}
