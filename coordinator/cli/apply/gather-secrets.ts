// Reads all secrets that a plan needs before anything is sent, so that none is missing half-way.
import { isDeepStrictEqual } from 'node:util';
import { MASK } from '../../../shared/mask.ts';
import { takeOut } from '../../../shared/secret-settings.ts';
import { CliFailure, explain } from '../exit.ts';
import { readSecret } from '../secret-sources.ts';
import type { Surroundings } from '../session.ts';
import type { Declared, DeclaredSecret } from './model-file.ts';
import type { Change, FieldChange } from './plan.ts';
import { titleOf } from './plan-words.ts';
import { dotted, replaced, SECRET_HELP } from './secrets-in-file.ts';

/** What is sent for fields that are or hold secrets, by change and field name. */
export type Secrets = ReadonlyMap<Change, ReadonlyMap<string, unknown>>;

const NOTHING_STORED = `${MASK} stands for a secret that is stored, and there is none: ${SECRET_HELP}`;

interface Gathered {
  changes: Change[];
  secrets: Secrets;
  notes: string[];
}

/**
 * @returns the changes without optional secrets that are not there (and without changes that held nothing else),
 * what to say of those, and the secrets themselves
 * @throws CliFailure usage that names every place in the file whose secret is not there
 */
export async function gatherSecrets(
  changes: readonly Change[],
  around: Pick<Surroundings, 'env' | 'readStdin'>,
): Promise<Gathered> {
  const [kept, secrets] = [[] as Change[], new Map<Change, Map<string, unknown>>()];
  const [notes, problems] = [[] as string[], [] as string[]];
  for (const change of changes) {
    if (change.do === 'delete') {
      kept.push(change);
      continue;
    }
    const title = titleOf(change);
    const [fields, sent] = [[] as FieldChange[], new Map<string, unknown>()];
    const read = async ({ source, optional, at }: DeclaredSecret, name: string): Promise<string | null> => {
      try {
        return await readSecret(source, around);
      } catch (error) {
        const { message } = explain(error);
        if (optional) notes.push(`${title} goes without ${name}: ${message}`);
        else problems.push(`${at}: ${name} of ${title}: ${message}`);
        return null;
      }
    };
    for (const field of change.fields) {
      const { name } = field.field;
      if (field.what === 'secret') {
        const declared = change.declared.secrets[name];
        const secret = declared === undefined ? null : await read(declared, name);
        if (secret === null) continue;
        sent.set(name, secret);
        fields.push(field);
      } else if (field.what === 'value' && field.secrets.length > 0) {
        const { settings, secrets: there } = await filled(field, change.declared, read, (at) =>
          problems.push(`${change.declared.at}: ${name}.${dotted(at)} of ${title}: ${NOTHING_STORED}`),
        );
        const after = takeOut(settings).shown;
        if (change.do === 'update' && there.length === 0 && isDeepStrictEqual(field.before, after)) continue;
        sent.set(name, settings);
        fields.push({ ...field, after, secrets: there });
      } else fields.push(field);
    }
    if (change.do === 'update' && fields.length === 0) continue;
    const whole = { ...change, fields };
    kept.push(whole);
    secrets.set(whole, sent);
  }
  if (problems.length > 0) throw new CliFailure('usage', 'secrets are missing; nothing was sent', problems);
  return { changes: kept, secrets, notes };
}

/**
 * Settings with the secrets that are to be sent with them. Without one that is optional and not there they go without its place,
 * or with the mask of the one that is stored.
 */
async function filled(
  { field: { name }, after, secrets }: Extract<FieldChange, { what: 'value' }>,
  declared: Declared,
  read: (secret: DeclaredSecret, name: string) => Promise<string | null>,
  isNowhere: (at: string) => void,
): Promise<{ settings: unknown; secrets: typeof secrets }> {
  const places = new Map<string, () => string | undefined>();
  const there: { at: string; isStored: boolean }[] = [];
  for (const place of secrets) {
    const { at, isStored } = place;
    const given = declared.settings[at];
    if (given === undefined) isNowhere(at);
    else {
      const secret = await read(given, `${name}.${dotted(at)}`);
      if (secret !== null) there.push(place);
      if (secret !== null || !isStored)
        places.set(at, () => (secret === null ? undefined : given.before + secret));
    }
  }
  return { settings: replaced(after, places), secrets: there };
}
