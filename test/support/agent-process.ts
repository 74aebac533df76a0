// A program: an agent without a machine whose one step talks until the file `gate` is in its directory; to be killed or paused.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { AgentProgramOptions } from './agent-program.ts';
import { startLinkAgent } from './link-agent.ts';

const { bundle, paceMs, textBytes, ...options } = JSON.parse(process.argv[2] ?? '') as AgentProgramOptions;
const gate = join(options.before.directory, 'gate');

await startLinkAgent(
  bundle,
  () => [
    {
      name: 'talk',
      async *run({ notes, note }) {
        if (notes.length === 0) await note('begun');
        else yield { type: 'check', subtype: 'again', resource: null, message: 'again', changes: false };
        for (let said = 1; !existsSync(gate); said += 1) {
          const message = `${said} ${'x'.repeat(textBytes)}`;
          yield { type: 'check', subtype: 'talk', resource: null, message, changes: false };
          await delay(paceMs);
        }
      },
    },
  ],
  options,
).catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
// Should the test itself be gone, nobody else would end us.
process.stdin.resume().on('end', () => process.exit(1));
