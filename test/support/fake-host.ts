// A machine in memory for steps: files, one database node, and a clock that only waiting moves.
import { createHash } from 'node:crypto';
import { basename, dirname } from 'node:path';
import type {
  CommandOptions,
  CommandResult,
  Host,
  PortHolder,
  ProcessId,
  RunningProgram,
} from '../../agent/host/host.ts';
import type { JmxNode } from '../../agent/host/jmx/cassandra-mbeans.ts';
import type { SavedSettings } from '../../agent/host/jmx/saved-settings.ts';
import type { ServedClients } from '../../agent/host/jmx/served-clients.ts';
import type { RingView } from '../../shared/ring-view.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export class FakeHost implements Host {
  readonly files = new Map<string, string>();
  readonly directories = new Set<string>();
  /** what can be downloaded, by URL */
  readonly remote = new Map<string, string>();
  /** what a tarball unpacks to */
  readonly packed = new Map([
    ['bin/cassandra', ''],
    ['conf/cassandra.yaml', 'cluster_name: Test Cluster\n'],
    ['conf/cassandra-env.sh', '# env\n'],
  ]);
  /** in order: what was done to the machine */
  readonly done: string[] = [];
  /** of the role cassandra: from which to which, a pair each change */
  readonly passwords: [string, string][] = [];
  running: ProcessId | null = null;
  freeDiskBytes = 1_000_000_000;
  mode = 'NORMAL';
  nativeRuns = true;
  /** whom the node serves */
  clients: ServedClients = { connections: 0, requests: 0 };
  /** how long after the end of serving them they are gone; null: they stay */
  clientsLeaveAfterMs: number | null = 0;
  drainTakesMs = 0;
  javaOutput: string | Error = 'openjdk version "17.0.15" 2025-04-15';
  takenPorts = new Set<number>();
  /** of which ports another process than the database node is known */
  readonly holders = new Map<number, PortHolder>();
  /** by address: why nothing can listen there */
  readonly listenFaults = new Map<string, string>();
  listenFault = async (address: string) => this.listenFaults.get(address) ?? null;
  /** false: SIGTERM does nothing */
  heedsTerm = true;
  /** the started node dies at once */
  diesAtStart = false;
  /** what a started node says, by file */
  saysAtStart = new Map<string, string>();
  /** null: it never answers */
  answersAfterMs: number | null = 500;
  /** thrown at the next call of that method */
  readonly faults = new Map<string, Error>();
  jmxAnswers = true;
  /** what the running node's data was made with */
  saved: SavedSettings | null = null;
  /** what nodes of the ring gossip, by address */
  releases = new Map<string, string>();
  /** by keyspace: sstables that are not in the running version's format */
  readonly olderSstables = new Map<string, number>();
  /** not null: rewriting takes until somebody ends it */
  sstablesEnd: { promise: Promise<boolean>; resolve: (isWhole: boolean) => void } | null = null;
  ringView: RingView = {
    live: ['127.0.0.1'],
    unreachable: [],
    joining: [],
    leaving: [],
    moving: [],
    schemaVersions: 1,
    streamsWith: [],
    datacenters: { '127.0.0.1': 'dc1' },
    keyspaces: [],
  };
  #nowMs = 1_000_000;
  #startedMs = 0;
  #closedMs = 0;
  #pid = 100;

  #fault(method: string): void {
    const fault = this.faults.get(method);
    this.faults.delete(method);
    if (fault !== undefined) throw fault;
  }

  /** A node that runs and answers. */
  startNode(): ProcessId {
    this.#pid += 1;
    this.running = { pid: this.#pid, startTicks: this.#pid * 10 };
    this.#startedMs = this.#nowMs;
    this.mode = 'NORMAL';
    this.nativeRuns = true;
    return this.running;
  }

  facts = async () => ({ 'free-disk-bytes': this.freeDiskBytes, 'user-id': 1000 });
  readText: Host['readText'] = async (path) => this.files.get(path) ?? null;
  /** entries of zip archives, by the archive's path */
  readonly zipped = new Map<string, Buffer>();
  listDirectory = async (path: string) =>
    [...this.zipped.keys()].filter((at) => dirname(at) === path).map((at) => basename(at));
  realDirectory = async (path: string) => ((await this.exists(path)) ? path : null);
  zipEntry = async (path: string): Promise<Buffer | null> => this.zipped.get(path) ?? null;
  /** when files were changed that this host has not written itself */
  readonly changed = new Map<string, number>();
  changedMs = async (path: string) => this.changed.get(path) ?? ((await this.exists(path)) ? 0 : null);
  startedMs = () => this.#startedMs;
  sizeOf = async (path: string) => (this.files.get(path) ?? '').length;
  readTail = async (path: string, mostBytes: number, fromByte = 0) =>
    (this.files.get(path) ?? '').slice(fromByte).slice(-mostBytes);
  exists = async (path: string) =>
    this.directories.has(path) || [...this.files.keys()].some((known) => `${known}/`.startsWith(`${path}/`));
  sha256 = async (path: string) => sha256(this.files.get(path) ?? '');

  /** rights that files were asked to be made with, by path */
  readonly rights = new Map<string, number>();

  async replaceText(path: string, text: string, mode = 0o644, most = 0o7777): Promise<void> {
    this.#fault('replaceText');
    this.rights.set(path, mode & most);
    this.done.push(`write ${path}`);
    this.changed.set(path, this.#nowMs);
    this.files.set(path, text);
  }

  async remove(path: string): Promise<void> {
    this.#fault('remove');
    this.done.push(`remove ${path}`);
    const isBelow = (known: string): boolean => `${known}/`.startsWith(`${path}/`);
    for (const files of [this.files, this.zipped])
      for (const known of [...files.keys()]) if (isBelow(known)) files.delete(known);
    for (const known of [...this.directories]) if (isBelow(known)) this.directories.delete(known);
  }

  /** what private directories held, by name, while they are there */
  readonly privates = new Map<string, ReadonlyMap<string, string | Uint8Array>>();
  async makePrivate(name: string, files: Parameters<Host['makePrivate']>[1]): Promise<string> {
    this.#fault('makePrivate');
    this.privates.set(name, files(`/tmp/${name}`));
    return `/tmp/${name}`;
  }
  async removePrivate(name: string): Promise<void> {
    this.#fault('removePrivate');
    this.privates.delete(name);
  }
  /** whole names: how old they are, nobody counts here */
  oldPrivates = async (prefix: string) => [...this.privates.keys()].filter((name) => name.startsWith(prefix));

  async ensureDirectory(path: string): Promise<boolean> {
    if (this.directories.has(path)) return false;
    this.directories.add(path);
    return true;
  }

  async download(url: string, path: string): Promise<void> {
    this.#fault('download');
    this.done.push(`download ${url}`);
    this.files.set(path, this.remote.get(url) ?? '');
  }

  async unpackTarball(_path: string, directory: string): Promise<void> {
    this.#fault('unpackTarball');
    this.done.push(`unpack ${directory}`);
    for (const [path, text] of this.packed) this.files.set(`${directory}/${path}`, text);
  }

  async run(_argv: readonly [string, ...string[]], _options: CommandOptions): Promise<CommandResult> {
    if (this.javaOutput instanceof Error) throw this.javaOutput;
    return { exitCode: 0, stdout: '', stderr: this.javaOutput };
  }

  /** what was started, in order */
  readonly launched: (readonly string[])[] = [];

  async spawnDetached(argv: readonly [string, ...string[]]): Promise<ProcessId> {
    this.#fault('spawnDetached');
    this.launched.push(argv);
    this.done.push('spawn');
    const started = this.startNode();
    for (const [path, text] of this.saysAtStart) this.files.set(path, (this.files.get(path) ?? '') + text);
    if (this.diesAtStart) this.running = null;
    return started;
  }

  findCassandra = async () => this.running;
  /** what processes are, by pid */
  readonly programs = new Map<number, RunningProgram>();
  programOf = async ({ pid }: ProcessId) => this.programs.get(pid) ?? null;
  isAlive = async ({ pid, startTicks }: ProcessId) =>
    this.running?.pid === pid && this.running.startTicks === startTicks;

  async signal(process: ProcessId, name: string): Promise<boolean> {
    if (!(await this.isAlive(process))) return false;
    this.done.push(name);
    if (this.heedsTerm || name === 'SIGKILL') this.running = null;
    return true;
  }

  nativePortAnswers = async () =>
    this.running !== null &&
    this.answersAfterMs !== null &&
    this.#nowMs >= this.#startedMs + this.answersAfterMs;
  portTaken = async (_address: string, port: number) => this.takenPorts.has(port);

  portHolder = async (_address: string, port: number) => this.holders.get(port) ?? null;

  async jmx(): Promise<JmxNode> {
    this.#fault('jmx');
    if (!this.jmxAnswers) throw new Error('connection refused');
    return {
      operationMode: async () => this.mode,
      isNativeTransportRunning: async () => this.nativeRuns,
      servedClients: async () => {
        this.#fault('servedClients');
        const leaveMs = this.clientsLeaveAfterMs;
        const areGone = !this.nativeRuns && leaveMs !== null && this.#nowMs >= this.#closedMs + leaveMs;
        return areGone ? { connections: 0, requests: 0 } : this.clients;
      },
      stopNativeTransport: async () => {
        this.done.push('stop native transport');
        this.nativeRuns = false;
        this.#closedMs = this.#nowMs;
      },
      drain: async (withinMs) => {
        this.#fault('drain');
        this.done.push('drain');
        this.mode = 'DRAINING';
        await this.wait(Math.min(this.drainTakesMs, withinMs));
        if (this.drainTakesMs > withinMs) throw new Error(`no answer over JMX within ${withinMs} ms`);
        this.mode = 'DRAINED';
      },
      takeSnapshot: async (tag) => {
        this.#fault('takeSnapshot');
        if (this.done.includes(`snapshot ${tag}`)) throw new Error('Snapshot already exist.');
        this.done.push(`snapshot ${tag}`);
      },
      keyspaces: async () => {
        this.#fault('keyspaces');
        return [...this.olderSstables.keys()];
      },
      olderSstables: async () => [...this.olderSstables.values()].reduce((sum, count) => sum + count, 0),
      upgradeSstables: async (keyspace) => {
        this.#fault('upgradeSstables');
        if (this.sstablesEnd !== null) return await this.sstablesEnd.promise;
        this.done.push(`upgrade sstables ${keyspace}`);
        this.olderSstables.set(keyspace, 0);
        return true;
      },
      stopUpgradingSstables: async () => this.sstablesEnd?.resolve(false),
      releases: async () => this.releases,
      ringView: async () => {
        this.#fault('ringView');
        return this.ringView;
      },
      savedSettings: async () => this.saved,
      sightOf: async () => ({ normal: true, detail: 'UP NORMAL' }),
      close: () => {},
    };
  }

  async changeCassandraPassword({
    oldPassword,
    newPassword,
  }: Parameters<Host['changeCassandraPassword']>[0]) {
    this.#fault('changeCassandraPassword');
    this.passwords.push([oldPassword, newPassword]);
    this.done.push('change password');
    return 'changed' as const;
  }

  async wait(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.#nowMs += ms;
    await new Promise((resolve) => setImmediate(resolve));
  }

  nowMs = () => this.#nowMs;
  upMs = () => this.#nowMs;
  /** changed by a boot */
  booted = 'first';
  bootId = async () => this.booted;
}
