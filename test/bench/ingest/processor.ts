// Processor time as the kernel counts it, which a busy neighbour disturbs less than it disturbs the clock.
import { readdirSync, readFileSync } from 'node:fs';

/** Fields of /proc/<pid>/stat from the third on; null when the process is gone. */
function statOf(pid: number): string[] | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}

const parentOf = (pid: number): number => Number(statOf(pid)?.[1]);

/** Seconds that a process and the children it has outlived have used so far. */
export function secondsOf(pid: number): number {
  const ticks = statOf(pid)?.slice(11, 15).map(Number) ?? [];
  return ticks.reduce((sum, one) => sum + one, 0) / 100;
}

/** Seconds that a PostgreSQL server has used so far, all its processes together. @param backend the pid of one of them */
export function secondsOfServer(backend: number): number {
  const server = parentOf(backend);
  const pids = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  return pids
    .filter((pid) => parentOf(pid) === server)
    .reduce((sum, pid) => sum + secondsOf(pid), secondsOf(server));
}
