// The ETags of what a plan changes or deletes: a write under one of them overwrites nothing that the plan did not see.
import { Slots } from '../../../shared/slots.ts';
import { CliFailure } from '../exit.ts';
import type { Session } from '../session.ts';
import type { Change } from './plan.ts';
import { titleOf } from './plan-words.ts';
import type { StoredModel } from './stored-model.ts';

export type Tags = ReadonlyMap<Change, string>;

const AT_ONCE = 8;

/** Lists carry no ETags, so each record is read once more. @throws CliFailure conflict when one was changed since it was listed */
export async function readTags(
  { client }: Session,
  changes: readonly Change[],
  stored: StoredModel,
): Promise<Tags> {
  const slots = new Slots(AT_ONCE);
  const tags = new Map<Change, string>();
  const read = async (change: Exclude<Change, { do: 'create' }>): Promise<void> => {
    const { record, tag } = await client.read(`${change.kind.model.path}/${change.id}`);
    if (record['modified-on'] !== stored.byId(change.id)?.record['modified-on'])
      throw new CliFailure('conflict', `${titleOf(change)} was changed while the plan was made`, [
        'nothing was sent; the same command again plans anew',
      ]);
    tags.set(change, tag);
  };
  await Promise.all(
    changes.flatMap((change) => (change.do === 'create' ? [] : [slots.within(() => read(change))])),
  );
  return tags;
}
