// Which settings a version has, and of which type each is, the coordinator knows alone: it is asked before anything is sent.
import { ApiRefusal, type Json } from '../rest-client.ts';
import type { Session } from '../session.ts';
import type { Secrets } from './gather-secrets.ts';
import type { Change } from './plan.ts';
import { dotted } from './secrets-in-file.ts';
import type { YamlSource } from './yaml-source.ts';

type Written = Exclude<Change, { do: 'delete' }>;

/** A profile refers to nothing, so that it can be tried before what it is planned with is there. */
const bodyOf = (change: Written, secrets: Secrets): Json =>
  Object.fromEntries(
    change.fields.flatMap((field) =>
      field.what === 'value'
        ? [[field.field.name, secrets.get(change)?.get(field.field.name) ?? field.after]]
        : [],
    ),
  );

/** Adds what the coordinator would refuse of the profiles, where it stands in the file. */
export async function tryProfiles(
  { client }: Session,
  changes: readonly Change[],
  secrets: Secrets,
  source: YamlSource,
): Promise<void> {
  for (const change of changes) {
    if (change.kind.word !== 'profile' || change.do === 'delete') continue;
    const { path } = change.kind.model;
    const body = bodyOf(change, secrets);
    try {
      if (change.do === 'create') await client.post(`${path}/?dry-run=true`, body);
      else await client.put(`${path}/${change.id}?dry-run=true`, body);
    } catch (error) {
      if (!(error instanceof ApiRefusal) || error.status !== 400 || error.problems.length === 0) throw error;
      for (const { pointer, message } of error.problems)
        source.problem(change.declared.where(pointer), `${dotted(pointer)} ${message}`);
    }
  }
}
