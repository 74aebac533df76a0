// Records of the model as rows of a table and as a sheet: references by name, statuses in colour.
import type { ModelField } from '../../../shared/model-field.ts';
import { type Kind, referenceWord, referredKind } from '../kinds.ts';
import type { Names } from '../names.ts';
import { cell, type Output, yamlText } from '../output.ts';
import type { Json } from '../rest-client.ts';
import type { Column } from '../terminal/table.ts';

const fieldOf = (kind: Kind, name: string): ModelField | undefined =>
  kind.model.fields.find((field) => field.name === name);

function headOf(kind: Kind, name: string): string {
  const field = fieldOf(kind, name);
  const referred = field === undefined ? null : referredKind(field);
  if (name === 'job-status') return 'LAST-JOB';
  if (name === 'ssh-management-address') return 'ADDRESS';
  return (referred?.word ?? name).toUpperCase();
}

/** Of a node. */
function agentWords(agent: Json): string {
  const [seen, version] = [agent['last-seen'] ?? null, cell(agent['version'])];
  if (seen === null) return 'none';
  return agent['connected'] === true ? `connected, ${version}` : `away since ${cell(seen)}, ${version}`;
}

/** What holds for a node; where that is not its own word, with where it comes from. */
async function shown(kind: Kind, names: Names, record: Json, name: string): Promise<string> {
  if (name === 'agent') return agentWords(record[name] as Json);
  // A schedule that is enabled still, and whose only time has passed.
  if (name === 'next-on' && record[name] === null && record['enabled'] === true) return 'over';
  const field = fieldOf(kind, name);
  const referred = field === undefined ? null : referredKind(field);
  const own = record[name] ?? null;
  const value = (record['effective'] as Json | undefined)?.[name] ?? own;
  const text = referred === null || value === null ? cell(value) : await names.pathOf(referred, value);
  if (value === own) return text;
  // Nothing of its own: it is what stands above. A word of its own that does not hold: the coordinator chose otherwise.
  return `${text} (${own === null ? 'inherited' : 'chosen'})`;
}

/** Prints records as a list does. */
export async function printRecords(
  output: Output,
  names: Names,
  kind: Kind,
  records: readonly Json[],
  nothing: string,
): Promise<void> {
  const fields = [...kind.columns, ...(output.format === 'wide' ? kind.wide : [])];
  const columns = fields.map((name): Column => {
    const head = headOf(kind, name);
    if (name === 'job-status') return output.statusColumn(head);
    return name === 'id'
      ? { head }
      : { head, yields: ['comment', 'last-problem'].includes(name) ? 'text' : 'name' };
  });
  const needsRows = !output.quiet && !output.isData;
  const rows: string[][] = [];
  for (const record of needsRows ? records : [])
    rows.push(await Promise.all(fields.map((name) => shown(kind, names, record, name))));
  output.list(records, columns, rows, nothing);
}

/** Prints one record whole; of secrets only whether they are stored. */
export async function printRecord(output: Output, names: Names, kind: Kind, record: Json): Promise<void> {
  if (output.quiet) output.ids([record]);
  else if (output.isData) output.data(record);
  else {
    const pairs: [string, string][] = [['id', String(record['id'])]];
    for (const field of kind.model.fields) {
      if (field.secret && Array.isArray(record['secrets-set']))
        pairs.push([field.name, record['secrets-set'].includes(field.name) ? '(set)' : '-']);
      if (field.type === 'object' || !(field.name in record)) continue;
      const referred = referredKind(field);
      pairs.push([
        referred === null ? field.name : referenceWord(field),
        await shown(kind, names, record, field.name),
      ]);
    }
    if ('agent' in record) pairs.push(['agent', await shown(kind, names, record, 'agent')]);
    // Of most kinds everything is by system, as in the original.
    const stamps = ['created-on', 'created-by', 'modified-on', 'modified-by'];
    for (const name of stamps)
      if (name.endsWith('-on') || kind.wide.includes(name)) pairs.push([name, cell(record[name])]);
    output.sheet(pairs);
    for (const field of kind.model.fields) {
      if (field.type !== 'object' || (field.readOnly && record[field.name] === null)) continue;
      output.line(`\n${output.colours.dim(`${field.name}:`)}`);
      for (const line of yamlText(record[field.name] ?? {})
        .trimEnd()
        .split('\n'))
        output.line(`  ${line}`);
    }
  }
}
