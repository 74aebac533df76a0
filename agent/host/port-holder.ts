// Which process listens on a port, as the kernel's tables of sockets tell.
import { lookup } from 'node:dns/promises';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { isIP } from 'node:net';
import type { OwnProcess, PortHolder } from './host.ts';
import { allPids, commandLineOf } from './proc.ts';
import { isCassandraOf } from './processes.ts';

const LISTENING = '0A';

/** `::` covers IPv4 too unless its socket is of IPv6 alone, which the kernel's tables do not tell. */
const covers = (wide: string, address: string): boolean =>
  wide === '::' || (wide === '0.0.0.0' && isIP(address) === 4);

/** Words of four bytes, each as the machine has it: the lowest byte first. */
const bytesOf = (hex: string): number[] =>
  (hex.match(/.{8}/g) ?? []).flatMap((word) =>
    (word.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)).reverse(),
  );

/** One form of each address; one of IPv4 that is written as IPv6 is of IPv4. */
function canonical(address: string): string {
  if (isIP(address) !== 6) return address;
  const text = new URL(`http://[${address.replace(/%.*/, '')}]`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(text) ?? [];
  if (high === undefined || low === undefined) return text;
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [a >> 8, a & 255, b >> 8, b & 255].join('.');
}

function addressOf(hex: string): string {
  const bytes = bytesOf(hex);
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, at) =>
    (((bytes[2 * at] ?? 0) << 8) | (bytes[2 * at + 1] ?? 0)).toString(16),
  );
  return canonical(groups.join(':'));
}

interface Listener {
  inode: string;
  /** it has the whole of what was asked about, not only an address of it */
  hasAll: boolean;
}

/** The sockets in a table of /proc/net that listen where one on `address` would. */
export function listenersIn(table: string, address: string, port: number): Listener[] {
  const wanted = canonical(address);
  return table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .flatMap(([, local = '', , state, , , , , , inode = '']) => {
      const [hex = '', portHex = ''] = local.split(':');
      if (state !== LISTENING || Number.parseInt(portHex, 16) !== port) return [];
      const listens = addressOf(hex);
      const hasAll = listens === wanted || covers(listens, wanted);
      return hasAll || covers(wanted, listens) ? [{ inode, hasAll }] : [];
    });
}

/** @returns null when they are hidden from us, or the process is gone */
async function socketsOf(pid: number): Promise<Set<string> | null> {
  const at = `/proc/${pid}/fd`;
  const files = await readdir(at).catch(() => null);
  if (files === null) return null;
  const links = await Promise.all(files.map((file) => readlink(`${at}/${file}`).catch(() => '')));
  return new Set(links.flatMap((to) => /^socket:\[(\d+)\]$/.exec(to)?.[1] ?? []));
}

/**
 * Who but `own` listens where a node would that is given this address and port.
 * @returns null when nobody does, or it is not to be told whether it is `own`
 */
export async function portHolder(
  address: string,
  port: number,
  own: OwnProcess | null,
): Promise<PortHolder | null> {
  const real = isIP(address) === 0 ? await lookup(address).catch(() => null) : { address };
  if (real === null) return null;
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')),
  );
  const listeners = tables.flatMap((table) => listenersIn(table, real.address, port));
  if (listeners.length === 0) return null;
  const owns = own === null ? new Set<string>() : await socketsOf(own.process.pid);
  if (owns === null) return null;
  // Where the node has that very address now it will have it again, whoever else listens on the port.
  if (listeners.some(({ inode, hasAll }) => hasAll && owns.has(inode))) return null;
  const others = listeners.map(({ inode }) => inode).filter((inode) => !owns.has(inode));
  if (others.length === 0) return null;
  for (const pid of await allPids()) {
    const sockets = await socketsOf(pid);
    if (sockets === null || !others.some((inode) => sockets.has(inode))) continue;
    const isOwn = own !== null && isCassandraOf((await commandLineOf(pid)) ?? [], own.directory);
    if (isOwn) return null;
    const program = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => null);
    return { pid, program: program?.trim() ?? null };
  }
  return { pid: null, program: null };
}
