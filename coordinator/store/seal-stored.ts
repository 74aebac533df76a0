// Seals what an earlier version stored in clear: secrets of profiles, and of runs that no agent has taken on yet.
import { sql } from 'kysely';
import { type RunInput, withSecrets } from '../../shared/run-input.ts';
import { takeOut } from '../../shared/secret-settings.ts';
import type { SealBox } from '../security/seal.ts';
import type { Database, Executor } from './database.ts';
import { openedSettings, sealedSettings, sealSecrets, secretsPlace } from './profile-secrets.ts';

const LOCK = 0x5345414c; // "SEAL"

/** Also what a later version has come to know for a secret; what is sealed already stays as it is. */
async function sealProfiles(trx: Executor, box: SealBox): Promise<number> {
  const { rows } = await sql<{ id: string; json: unknown; sealed_secrets: Buffer | null }>`
    select id, json, sealed_secrets from config_profile order by id for no key update`.execute(trx);
  const clear = rows.filter(({ json }) => Object.keys(takeOut(json).secrets).length > 0);
  for (const row of clear) {
    const place = secretsPlace('config_profile', row.id);
    const { shown, sealed } = sealedSettings(box, openedSettings(box, row), place, null);
    await sql`update config_profile set json = ${JSON.stringify(shown)}, sealed_secrets = ${sealed}
      where id = ${row.id}`.execute(trx);
  }
  return clear.length;
}

async function sealRuns(trx: Executor, box: SealBox): Promise<number> {
  const { rows } = await sql<{ id: string; input: RunInput }>`select id, input from run
    where accepted_on is null and finished_on is null and fenced_on is null and sealed_secrets is null and input ? 'profile'
    order by id for no key update`.execute(trx);
  let count = 0;
  for (const { id, input } of rows) {
    const { shown, secrets } = takeOut(input.profile);
    if (Object.keys(secrets).length === 0) continue;
    const recipe = withSecrets(input.recipe);
    const sealed = recipe === input.recipe ? null : sealSecrets(box, secrets, secretsPlace('run', id));
    const masked = { ...input, recipe, profile: shown };
    await sql`update run set input = ${JSON.stringify(masked)}, sealed_secrets = ${sealed} where id = ${id}`.execute(
      trx,
    );
    count += 1;
  }
  return count;
}

/**
 * To be called before anything else reads or writes either. Two coordinators starting at once take turns; one that finds all of
 * it sealed changes nothing.
 * @returns how many rows held a secret in clear
 */
export async function sealStored(db: Database, box: SealBox): Promise<number> {
  return await db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(${LOCK})`.execute(trx);
    return (await sealProfiles(trx, box)) + (await sealRuns(trx, box));
  });
}
