// A config profile copied whole under another name, with what the body changes of it: the way to try another version.
import { Conflict } from '../../shared/errors.ts';
import { FORMATS } from '../../shared/formats.ts';
import { modelOf } from '../../shared/models.ts';
import type { Executor } from '../store/database.ts';
import {
  columnOf,
  insertModel,
  type ModelRow,
  type ModelValues,
  namesBeginning,
  readModel,
} from '../store/models.ts';
import { openedSettings } from '../store/profile-secrets.ts';
import { readBody } from './body.ts';
import { answerTagged } from './entity-tags.ts';
import { modelFields } from './fields.ts';
import { idOf } from './parameters.ts';
import type { RestParts, Routes } from './parts.ts';
import { prefersStrict } from './prefer.ts';
import { checkWhole, meantValues } from './record-checks.ts';
import { modelView } from './views.ts';

const PROFILES = modelOf('config_profiles');

/** How often a free name is looked for again because somebody took it in the same moment: each time, a clone was made. */
const TRIES = 100;
/** ` (copy 123)` and more than anybody will see. */
const LONGEST_ENDING = 32;

/** At most so long, and never half of a character that takes two places. */
const cut = (text: string, most: number): string => text.slice(0, most).replace(/\p{Surrogate}$/u, '');

/** `X (copy)` of X, `X (copy 2)` of `X (copy)` or when that is taken; cut at the end of the original's name to fit. */
async function freeName(db: Executor, original: string): Promise<string> {
  const bare = original.replace(/ \(copy(?: \d+)?\)$/, '');
  const named = (number: number): string => {
    const ending = number === 1 ? ' (copy)' : ` (copy ${number})`;
    return `${cut(bare, FORMATS.name.most - ending.length).trimEnd()}${ending}`;
  };
  const taken = new Set(await namesBeginning(db, PROFILES, cut(bare, FORMATS.name.most - LONGEST_ENDING)));
  let number = 1;
  while (taken.has(named(number))) number += 1;
  return named(number);
}

export function addCloneRoutes(router: Routes, { box }: Pick<RestParts, 'box'>): void {
  router.post('/config_profiles/:id/clone', async (ctx) => {
    const { db } = ctx.state.writes;
    const original = await readModel(db, PROFILES, idOf(PROFILES.type, ctx.params['id']));
    const sent = modelFields(PROFILES, await readBody(ctx.req, 'may be empty'), false);
    const given = 'json' in sent ? meantValues(PROFILES, sent, null, box) : sent;
    const copied: ModelValues = Object.fromEntries(
      PROFILES.fields.map((field) => [field.name, original[columnOf(field)]]),
    );
    const values: ModelValues = { ...copied, json: openedSettings(box, original), ...given };
    checkWhole(PROFILES, values, null, { strict: prefersStrict(ctx) });
    const writer = { box, by: ctx.state.session?.account ?? null };
    const clone = async (tries: number): Promise<ModelRow> => {
      if ('name' in given) return await insertModel(db, PROFILES, values, writer);
      const name = await freeName(db, String(original['name']));
      return await insertModel(db, PROFILES, { ...values, name }, writer).catch((error: unknown) => {
        if (error instanceof Conflict && tries > 1) return clone(tries - 1);
        throw error;
      });
    };
    const row = await clone(TRIES);
    ctx.status = 201;
    ctx.set('location', `${ctx.state.base.url}/${PROFILES.path}/${row.id}`);
    answerTagged(ctx, row, modelView(PROFILES, row, ctx.state.base));
  });
}
