// node, dc and cluster drift: which configuration files were edited since a job wrote them, and which the model would change.
import type { Command } from 'commander';
import { examples } from '../help.ts';
import { type Kind, kindOf } from '../kinds.ts';
import { cell } from '../output.ts';
import { ApiRefusal, type Json, type RestClient } from '../rest-client.ts';
import type { Act, Session } from '../session.ts';
import { harmless } from '../terminal/harmless.ts';

const COLUMNS = [
  { head: 'STATE' },
  { head: 'MODEL WOULD CHANGE IT' },
  { head: 'PUSHED-ON' },
  { head: 'FILE', yields: 'text' as const },
];
const cellsOf = (file: Json): string[] =>
  [file['state'], file['stale'], file['pushed-on'], file['path']].map(cell);

const isDrifted = ({ state }: Json): boolean => state === 'edited' || state === 'missing';

async function show({ client, names, output }: Session, given: string): Promise<void> {
  const { id, path } = await names.find(kindOf('node'), given);
  const drift = await client.get(`nodes/${id}/drift`);
  const files = drift['files'] as Json[];
  if (output.isData) output.data(drift);
  else if (output.quiet) for (const { path } of files.filter(isDrifted)) output.line(harmless(String(path)));
  else {
    output.table(COLUMNS, files.map(cellsOf));
    const job = harmless(String(drift['job-id']));
    output.note(
      `${harmless(path)} as it was on ${harmless(String(drift['checked-on']))}; diffs: ringmaster job events ${job} --event-subtype file-contents -o yaml`,
    );
  }
}

/** What a job's target is called. */
const scopeOf = ({ word }: Kind): string => (word === 'dc' ? 'datacenter' : word);

/** @returns null: no job has told of its files */
async function driftOf(client: RestClient, nodeId: unknown): Promise<Json | null> {
  return await client.get(`nodes/${String(nodeId)}/drift`).catch((error: unknown) => {
    if (error instanceof ApiRefusal && error.status === 404) return null;
    throw error;
  });
}

/** Of many nodes only what is not as it is to be: one question a node, since what they answer is read only here. */
async function showAll(session: Session, kind: Kind, given: string): Promise<void> {
  const { client, names, output } = session;
  const { id, path } = await names.find(kind, given);
  const nodes = await client.list(`${kind.model.path}/${id}/nodes/`);
  const seen: Json[] = [];
  const rows: string[][] = [];
  const drifted = new Set<string>();
  for (const { id: nodeId } of nodes) {
    const drift = await driftOf(client, nodeId);
    if (drift === null) continue;
    seen.push(drift);
    const name = await names.pathOf(kindOf('node'), nodeId);
    for (const file of drift['files'] as Json[]) {
      if (isDrifted(file)) drifted.add(name);
      if (isDrifted(file) || file['stale'] === true) rows.push([name, ...cellsOf(file)]);
    }
  }
  if (output.isData) output.data(seen);
  else if (output.quiet) for (const name of drifted) output.line(harmless(name));
  else {
    if (rows.length > 0) output.table([{ head: 'NODE', yields: 'name' }, ...COLUMNS], rows);
    output.note(summaryOf(harmless(path), nodes.length, seen, drifted.size));
    if (seen.length < nodes.length)
      session.hint(`a check tells: ringmaster job run check --${scopeOf(kind)} ${harmless(path)} --watch`);
  }
}

/** `prod: files of 1 of 3 nodes were edited or are missing, as they were on … or later; of 2 nothing is known yet` */
function summaryOf(path: string, count: number, seen: readonly Json[], drifted: number): string {
  const times = seen.map((drift) => String(drift['checked-on'])).sort();
  const nodes = count === 1 ? '1 node' : `${count} nodes`;
  const since = times[0] === undefined ? '' : `, as they were on ${harmless(times[0])} or later`;
  const unseen = count - seen.length;
  const rest = unseen === 0 ? '' : `; of ${unseen} nothing is known yet`;
  return `${path}: files of ${drifted} of ${nodes} were edited or are missing${since}${rest}`;
}

/** Of a cluster or a datacenter. */
export function addDriftsCommand(parent: Command, kind: Kind, place: string, act: Act): void {
  const path = kind.word === 'cluster' ? 'prod' : 'prod/dc1';
  examples(
    parent
      .command('drift')
      .argument(`<${kind.word}>`, place)
      .description(
        'configuration files of its nodes that were edited since a job wrote them, or that the model would change, as the last check or configure saw them',
      ),
    [
      `ringmaster job run check --${scopeOf(kind)} ${path} --wait && ringmaster ${kind.word} drift ${path}`,
      `ringmaster ${kind.word} drift ${path} -q                # nodes alone on which a file was edited`,
    ],
  ).action(act(async (session, [given = '']) => await showAll(session, kind, given)));
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
