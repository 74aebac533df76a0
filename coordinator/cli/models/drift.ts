// node drift: which configuration files of a node were edited since a job wrote them, and which the model would change.
import type { Command } from 'commander';
import { examples } from '../help.ts';
import { kindOf } from '../kinds.ts';
import { cell } from '../output.ts';
import type { Json } from '../rest-client.ts';
import type { Act, Session } from '../session.ts';
import { harmless } from '../terminal/harmless.ts';

async function show({ client, names, output }: Session, given: string): Promise<void> {
  const { id, path } = await names.find(kindOf('node'), given);
  const drift = await client.get(`nodes/${id}/drift`);
  const files = drift['files'] as Json[];
  const drifted = files.filter(({ state }) => state === 'edited' || state === 'missing');
  if (output.isData) output.data(drift);
  else if (output.quiet) for (const { path } of drifted) output.line(harmless(String(path)));
  else {
    const columns = [
      { head: 'STATE' },
      { head: 'MODEL WOULD CHANGE IT' },
      { head: 'PUSHED-ON' },
      { head: 'FILE', yields: 'text' as const },
    ];
    output.table(
      columns,
      files.map((file) => [file['state'], file['stale'], file['pushed-on'], file['path']].map(cell)),
    );
    const job = harmless(String(drift['job-id']));
    output.note(
      `${harmless(path)} as it was on ${harmless(String(drift['checked-on']))}; diffs: ringmaster job events ${job} --event-subtype file-contents -o yaml`,
    );
  }
}

export function addDriftCommand(node: Command, place: string, act: Act): void {
  examples(
    node
      .command('drift')
      .argument('<node>', place)
      .description(
        'its configuration files as the last check or configure saw them: which were edited since a job wrote them, which the model would change',
      ),
    [
      'ringmaster job run check --node prod/dc1/node1 --wait && ringmaster node drift prod/dc1/node1',
      'ringmaster node drift prod/dc1/node1 -q                # paths of edited files alone',
    ],
  ).action(act(async (session, [given = '']) => await show(session, given)));
}
