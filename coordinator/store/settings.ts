// Settings that were changed at run time: read where they are used, so that every coordinator follows at once.
import { sql } from 'kysely';
import { SETTING_NAMES, type SettingChanges, type SettingValues } from '../../shared/settings.ts';
import type { Executor } from './database.ts';

/** The changed ones as one JSON object; the table holds other things too. */
export const changedSettings = sql<
  Partial<SettingValues>
>`(select coalesce(json_object_agg(s.name, s.value), '{}')
  from setting s where s.name = any(${[...SETTING_NAMES]}::text[]))`;

export async function readSettings(db: Executor): Promise<Partial<SettingValues>> {
  const rows = await sql<{ changed: Partial<SettingValues> }>`select ${changedSettings} as changed`.execute(
    db,
  );
  return rows.rows[0]?.changed ?? {};
}

/** All or none; null takes a change back. @returns what is changed then */
export async function changeSettings(db: Executor, changes: SettingChanges): Promise<Partial<SettingValues>> {
  const given = JSON.stringify(changes);
  await sql`with given as (select key as name, value from jsonb_each(${given}::jsonb)),
      gone as (delete from setting using given where setting.name = given.name and given.value = 'null')
    insert into setting (name, value) select name, value from given where value <> 'null'
    on conflict (name) do update set value = excluded.value`.execute(db);
  return await readSettings(db);
}
