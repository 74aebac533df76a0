// Which boot of this host it is: the kernel's own name for it, and when the first process of the host was started.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseStat } from './proc.ts';

/**
 * Containers have the boot id of the machine, and are booted anew without it: what tells that of them is their first process, which
 * on a machine of its own is as old as the boot. Whoever may not see that process goes by the boot id alone.
 * @see Host.bootId
 */
export async function bootId(proc = '/proc'): Promise<string> {
  const read = (path: string): Promise<string> => readFile(join(proc, path), 'utf8').catch(() => '');
  const [boot, first] = [await read('sys/kernel/random/boot_id'), await read('1/stat')];
  return first === '' ? boot.trim() : `${boot.trim()} ${parseStat(first).startTicks}`;
}
