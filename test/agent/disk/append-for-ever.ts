// A process to be killed: appends without end and prints `run seq n` for each event once it is stored.
import { openOutbox } from '../../../agent/disk/outbox.ts';
import { silentLogger } from '../../../shared/log.ts';

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new Error('usage: append-for-ever <directory>');
const outbox = await openOutbox({
  directory,
  log: silentLogger,
  segmentBytes: 65_536,
  describeDropped: () => null,
});

let next = 0;
async function appendForEver(runId: string): Promise<void> {
  for (;;) {
    const n = next++;
    const seq = await outbox.append(runId, { n, text: 'x'.repeat(n % 500) });
    process.stdout.write(`${runId} ${seq} ${n}\n`);
  }
}

await Promise.all(Array.from({ length: 12 }, (_, i) => appendForEver(`run-${i % 3}`)));
