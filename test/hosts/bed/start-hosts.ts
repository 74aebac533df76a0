// The test bed: hosts on a bridge of their own, which end with the runner whatever happens to it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assertCanHost, thisMachine } from './can-host.ts';
import { FileServer, type Login } from './file-server.ts';
import { TestHost } from './host.ts';
import { type Flavour, hostImage } from './image.ts';

const BED_SCRIPT = fileURLToPath(new URL('bed.sh', import.meta.url));
const BEDS = join(tmpdir(), 'ringmaster-hosts');

export interface Bed<Name extends string> {
  hosts: Readonly<Record<Name, TestHost>>;
  /** under which the hosts reach the runner, who reaches them under theirs; they reach nothing else */
  address: string;
  /** for what must be gone with the bed */
  directory: string;
  /** Serves a directory to the hosts over HTTP, to those that log in where there is a login; returns its URL, without a slash at the end. */
  serve(directory: string, login?: Login): Promise<string>;
  /** Ends all hosts and removes what was theirs. May be called again. */
  stop(): Promise<void>;
}

/**
 * Boots hosts side by side, each known to the others by its name. About 1 s for three once there is an image.
 * @param flavours what each host's packages are, by its name
 * @param shown what they see of the machine, to read: by the path in the hosts, the path on the machine
 * @throws Error that says what is missing where hosts cannot run
 */
export async function startHosts<Name extends string>(
  flavours: Readonly<Record<Name, Flavour | 'deb-without-systemd'>>,
  shown: Readonly<Record<string, string>> = {},
): Promise<Bed<Name>> {
  const cgroups = assertCanHost(thisMachine());
  const named = Object.entries<Flavour | 'deb-without-systemd'>(flavours).map(
    ([name, flavour]): [string, Flavour, 'systemd' | 'shell'] =>
      flavour === 'deb-without-systemd' ? [name, 'deb', 'shell'] : [name, flavour, 'systemd'],
  );
  const images = new Map<Flavour, string>();
  for (const [, flavour] of named) images.set(flavour, await hostImage(flavour));

  const keeper = spawn('bash', [BED_SCRIPT, BEDS, cgroups], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true, // of no process group that could be ended with the runner
  });
  const number = await numberOf(keeper);
  const directory = join(BEDS, `rmb${number}`);
  const address = `10.77.${number}.1`;
  const neighbours: Record<string, string> = { runner: address };
  named.forEach(([name], at) => {
    neighbours[name] = `10.77.${number}.${10 + at}`;
  });
  const hosts = Object.fromEntries(
    named.map(([name, flavour, init], at) => [
      name,
      new TestHost({
        name,
        address: neighbours[name] ?? '',
        directory: join(directory, `h${at}`),
        bridge: `rmb${number}`,
        image: images.get(flavour) ?? '',
        init,
        cgroups,
        shown,
        neighbours,
      }),
    ]),
  ) as Record<Name, TestHost>;

  const servers: FileServer[] = [];
  const bed: Bed<Name> = {
    hosts,
    address,
    directory,
    async serve(served, login) {
      const server = await FileServer.start(served, address, login);
      servers.push(server);
      return server.url;
    },
    async stop() {
      await Promise.all(servers.map((server) => server.stop()));
      await Promise.all(Object.values<TestHost>(hosts).map((host) => host.crash()));
      if (keeper.exitCode !== null || keeper.signalCode !== null) return;
      keeper.stdin?.end();
      await once(keeper, 'close');
    },
  };
  const booted = await Promise.allSettled(Object.values<TestHost>(hosts).map((host) => host.boot()));
  const failure = booted.find((result) => result.status === 'rejected');
  if (failure !== undefined) {
    await bed.stop();
    throw failure.reason;
  }
  return bed;
}

/** @throws Error when the keeper ends without one; what it said is on standard error */
async function numberOf(keeper: ChildProcess): Promise<number> {
  const { stdout } = keeper;
  if (stdout === null) throw new Error('the keeper of the bed has no output');
  const ended = once(keeper, 'close').then(() => {
    throw new Error(`the keeper of the bed exited ${keeper.exitCode}`);
  });
  ended.catch(() => {}); // later it ends when it is told to
  const [line] = (await Promise.race([once(stdout, 'data'), ended])) as [Buffer];
  return Number(line.toString());
}
