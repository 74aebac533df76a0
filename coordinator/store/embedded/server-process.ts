// The running server and its watcher, which ends it when the coordinator is gone.
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ENDINGS } from './endings.ts';
import { lastComplaint } from './refusal.ts';
import { BARE_ENVIRONMENT, type Identity } from './run-program.ts';

/** Small enough for a laptop, safe enough for a ring: what is acknowledged is on disk. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '',
  max_connections: '60',
  shared_buffers: '64MB',
  fsync: 'on',
  synchronous_commit: 'on',
  max_wal_size: '1GB',
};

const KEPT_OUTPUT = 8_000;

// Its input is a pipe whose other end only the coordinator holds, so it ends when the coordinator does, however that
// happens. $1 server's pid, $2 its cluster, $3 its socket's folder. A pid that is no longer this cluster's is left alone.
const WATCHER = `
trap '' HUP INT TERM
serves() { kill -0 "$1" 2>/dev/null && { [ ! -d /proc/self ] || grep -qsF -e "$2" "/proc/$1/cmdline"; }; }
cat >/dev/null
serves "$1" "$2" && kill -INT "$1"
for second in 1 2 3 4 5 6 7 8 9 10; do
  serves "$1" "$2" || break
  sleep 1
done
serves "$1" "$2" && kill -QUIT "$1"
rmdir "$3" 2>/dev/null
`;

export interface ServerProcess {
  pid: number;
  /** resolves when it has ended, asked or not, with its last complaint */
  ended: Promise<string>;
  /** everything it said lately */
  said(): string;
  /** Fast shutdown, and harder when that takes too long. Safe to repeat. */
  end(): Promise<void>;
}

/** Keeps a child, and the pipe to it, from keeping us alive: that is main's decision. */
function letUsEnd(child: ChildProcess, stream: unknown): void {
  child.unref();
  (stream as { unref(): void }).unref();
}

/** @throws the system's error when it cannot even be spawned; whether it then comes up is another question */
export async function startServer(
  { bin, cluster, socket, port }: { bin: string; cluster: string; socket: string; port: number },
  identity: Identity,
): Promise<ServerProcess> {
  const settings = Object.entries({ ...SETTINGS, unix_socket_directories: socket });
  const server = spawn(
    join(bin, 'postgres'),
    ['-D', cluster, '-p', String(port), ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    // A session of its own: Ctrl-C is for the coordinator, which then ends the server in order.
    { ...identity, cwd: '/', env: BARE_ENVIRONMENT, stdio: ['ignore', 'ignore', 'pipe'], detached: true },
  );
  let output = '';
  server.stderr.on('data', (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-KEPT_OUTPUT);
  });
  const ended = new Promise<string>((resolve) => {
    server.once('exit', (code, signal) => resolve(`ended with ${code ?? signal}: ${lastComplaint(output)}`));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('spawn', resolve);
    server.once('error', reject);
  });
  const { pid } = server;
  if (pid === undefined) throw new Error('a process that was spawned has no pid');
  const watcher = spawn('/bin/sh', ['-c', WATCHER, 'sh', String(pid), cluster, socket], {
    ...identity,
    cwd: '/',
    env: BARE_ENVIRONMENT,
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  watcher.once('error', () => {}); // without it the next start still ends a leftover
  watcher.stdin.on('error', () => {});
  letUsEnd(server, server.stderr);
  letUsEnd(watcher, watcher.stdin);
  // Once the server is gone its pid may be anybody's.
  void ended.then(() => watcher.kill('SIGKILL'));

  const hasEnded = (): boolean => server.exitCode !== null || server.signalCode !== null;
  return {
    pid,
    ended,
    said: () => output,
    end: async () => {
      for (const { signal, withinMs } of ENDINGS) {
        if (hasEnded()) return;
        server.kill(signal);
        const patience = new AbortController();
        const waited = delay(withinMs, undefined, { signal: patience.signal }).catch(() => {});
        await Promise.race([ended, waited]);
        patience.abort();
      }
    },
  };
}
