// Loaded into a coordinator that is measured: on SIGUSR2 it collects all garbage and says what is left.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export interface Held {
  rssMib: number;
  heapMib: number;
  /** taken from the system for the heap, above all for new objects, and not in use now */
  spareHeapMib: number;
  /** buffers and what else lies outside of the heap by its account */
  externalMib: number;
}

const MIB = 1_024 * 1_024;

process.on('SIGUSR2', () => {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
  const held: Held = {
    rssMib: rss / MIB,
    heapMib: heapUsed / MIB,
    spareHeapMib: (heapTotal - heapUsed) / MIB,
    externalMib: external / MIB,
  };
  process.stdout.write(`held ${JSON.stringify(held)}\n`);
});
