// The secrets among a profile's settings, sealed beside them: in the profile itself, and in each run that is to put them into files.
import { InvalidInput, pointerTo } from '../../shared/errors.ts';
import { meantBy, putIn, type Secrets, takeOut } from '../../shared/secret-settings.ts';
import type { Place, SealBox } from '../security/seal.ts';

/** A row's column for them; null in it: none. */
export const secretsPlace = (table: 'config_profile' | 'run', id: string): Place => ({
  table,
  id,
  column: 'sealed_secrets',
});

export const openSecrets = (box: SealBox, sealed: Buffer | null, place: Place): Secrets =>
  sealed === null ? {} : (JSON.parse(box.open(sealed, place)) as Secrets);

export const sealSecrets = (box: SealBox, secrets: Secrets, place: Place): Buffer | null =>
  Object.keys(secrets).length === 0 ? null : box.seal(JSON.stringify(secrets), place);

/** Settings as they are stored, and their secrets: the bytes from before when these are the same, so that nothing changes. */
export function sealedSettings(
  box: SealBox,
  settings: unknown,
  place: Place,
  before: Buffer | null,
): { shown: unknown; sealed: Buffer | null } {
  const { shown, secrets } = takeOut(settings);
  const inOrder = (of: Secrets): string => JSON.stringify(Object.entries(of).sort());
  const areSame = before !== null && inOrder(openSecrets(box, before, place)) === inOrder(secrets);
  return { shown, sealed: areSame ? before : sealSecrets(box, secrets, place) };
}

/** A stored profile's settings with their secrets. */
export const openedSettings = (
  box: SealBox,
  row: { id: string; json?: unknown; sealed_secrets?: unknown },
): unknown => {
  const sealed = row.sealed_secrets instanceof Buffer ? row.sealed_secrets : null;
  return putIn(row.json, openSecrets(box, sealed, secretsPlace('config_profile', row.id)));
};

/**
 * Settings as somebody sent them, with what their masks stand for.
 * @param stored the profile that they were read from; null when there is none
 * @throws InvalidInput that names each mask which stands for nothing
 */
export function settingsMeant(
  box: SealBox,
  settings: unknown,
  stored: Parameters<typeof openedSettings>[1] | null,
): unknown {
  const real = stored === null ? null : takeOut(openedSettings(box, stored));
  const meant = meantBy(settings, real);
  if (meant.unmeant.length > 0) {
    const message =
      stored === null
        ? 'is a mask and no secret: give the secret itself (a clone of a profile takes its secrets along)'
        : 'is a mask, and no secret is stored in its place: give the secret itself';
    throw new InvalidInput(
      'The config-profile is not valid',
      meant.unmeant.map((pointer) => ({ pointer: `${pointerTo('json')}${pointer}`, message })),
    );
  }
  return meant.settings;
}
