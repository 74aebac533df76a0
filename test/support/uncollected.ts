// A process whose parent never collects it: alive until it is killed, and a zombie from then on.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { eventually } from './eventually.ts';

export async function startUncollected() {
  const parent = spawn('/bin/sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const pid = Number(String((await once(parent.stdout, 'data'))[0]));
  const stat = async () => (await readFile(`/proc/${pid}/stat`, 'utf8')).split(' ');
  return {
    pid,
    startTicks: (await stat())[21],
    boot: (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim(),
    kill: async (): Promise<void> => {
      process.kill(pid, 'SIGKILL');
      await eventually(async () => {
        if ((await stat())[2] !== 'Z') throw new Error(`${pid} is no zombie yet`);
      });
    },
    /** The parent ends, and with it what is left of the process. */
    remove: () => parent.kill('SIGKILL'),
  };
}
