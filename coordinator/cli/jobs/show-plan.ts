// A plan on the terminal: a row a batch, the sentence that sums it up, and what one should know about it.
import type { Json } from '../rest-client.ts';
import type { Session } from '../session.ts';
import { harmless } from '../terminal/harmless.ts';
import { spoken } from '../values.ts';

const namesOf = (nodes: unknown): string =>
  (nodes as Json[]).map((node) => `${String(node['datacenter-name'])}/${String(node['name'])}`).join(', ');

/** Asks for it in the body: in the query a coordinator from before plans would pass it over, and start the job. */
export async function showPlan({ client, output }: Session, path: string, body: Json): Promise<void> {
  const plan = await client.post(path, { ...body, plan: true });
  const batches = plan['batches'] as Json[];
  if (output.quiet) {
    output.ids(batches.flatMap((batch) => batch['nodes'] as Json[]));
    return;
  }
  if (output.isData) {
    output.data(plan);
    return;
  }
  output.table(
    [{ head: 'BATCH' }, { head: 'ABOUT' }, { head: 'NODES', yields: 'text' }],
    batches.map((batch) => [
      String(batch['number']),
      spoken(Number(batch['estimated-seconds']) * 1_000),
      namesOf(batch['nodes']),
    ]),
  );
  output.line(harmless(String(plan['summary'])));
  for (const note of plan['notes'] as string[]) output.note(harmless(note));
}
