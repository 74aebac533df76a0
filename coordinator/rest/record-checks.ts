// What cannot be told from one field alone: what may still be changed, and what holds between the fields of a record.
import type { Product } from '../../shared/config-files.ts';
import { Conflict, InvalidInput, pointerTo } from '../../shared/errors.ts';
import { type Model, settingsField } from '../../shared/models.ts';
import type { SealBox } from '../security/seal.ts';
import { columnOf, type ModelRow, type ModelValues } from '../store/models.ts';
import { openedSettings, settingsMeant } from '../store/profile-secrets.ts';
import { meantSchedule } from './job-schedules.ts';
import { meantWindow } from './maintenance-windows.ts';
import { checkProfile } from './profiles.ts';

/** Fields that stand for good may be sent back as they are, not changed. @throws InvalidInput, Conflict */
export function checkFixed(model: Model, before: ModelRow, values: ModelValues): void {
  const changed = model.fields.filter(
    (field) =>
      field.fixed !== undefined && field.name in values && values[field.name] !== before[columnOf(field)],
  );
  const always = changed.filter(({ fixed }) => fixed === 'always');
  if (always.length > 0)
    throw new InvalidInput(
      `The ${model.type} cannot be changed like that`,
      always.map(({ name }) => ({ pointer: pointerTo(name), message: 'cannot be changed after creation' })),
    );
  if (changed.length > 0 && before['converged'] === true)
    throw new Conflict(
      `The ${model.type} cannot be changed like that any more`,
      changed.map(({ name }) => ({
        pointer: pointerTo(name),
        message: 'cannot be changed once it was installed: the database nodes would refuse to start',
      })),
    );
}

/** @returns a field as it is to be, by its name */
const fieldsAsMeant =
  (model: Model, values: ModelValues, before: ModelRow | null) =>
  (name: string): unknown => {
    const field = model.fields.find((candidate) => candidate.name === name);
    if (field === undefined) throw new Error(`no field ${name}`);
    return name in values ? values[name] : (before?.[columnOf(field)] ?? field.default ?? null);
  };

/**
 * What was sent, with what is meant by masks among settings; settings that were not sent are those that are stored, with their
 * secrets, so that all of a record is checked and sealed as it will be.
 * @param before null when the record is made
 * @throws InvalidInput for a mask that stands for nothing
 */
export function meantValues(
  model: Model,
  values: ModelValues,
  before: ModelRow | null,
  box: SealBox,
): ModelValues {
  const name = settingsField(model);
  if (name === undefined) return values;
  if (name in values) return { ...values, [name]: settingsMeant(box, values[name], before) };
  return before === null ? values : { ...values, [name]: openedSettings(box, before) };
}

/**
 * The same of any record; of a schedule with when it is due.
 * @param nowMs by PostgreSQL's clock
 * @throws InvalidInput also for a schedule or a window that cannot be
 */
export function meantRecord(
  model: Model,
  values: ModelValues,
  before: ModelRow | null,
  nowMs: number,
  box: SealBox,
): ModelValues {
  const of = fieldsAsMeant(model, values, before);
  if (model.table === 'job_schedule') return meantSchedule(values, of, before, nowMs);
  if (model.table === 'maintenance_window') return meantWindow(values, of, before, nowMs);
  return meantValues(model, values, before, box);
}

/**
 * What holds between fields.
 * @param before the record as it stands; null when it is made
 * @throws InvalidInput
 */
export function checkWhole(
  model: Model,
  values: ModelValues,
  before: ModelRow | null,
  strictness: Parameters<typeof checkProfile>[1],
): void {
  const of = fieldsAsMeant(model, values, before);
  if (model.table === 'config_profile') {
    const profile = {
      product: of('product') as Product,
      version: String(of('datastax-version')),
      json: of('json') as Record<string, unknown>,
    };
    checkProfile(profile, strictness);
  }
  if (model.table === 'node') {
    const listens = of('native-transport-address');
    if (['0.0.0.0', '::'].includes(String(listens)) && of('native-transport-broadcast-address') === null)
      throw new InvalidInput('The node is not valid', [
        {
          pointer: '/native-transport-broadcast-address',
          message: `(v1: broadcast-rpc-address) is required while the node listens on ${String(listens)}: clients need an address`,
        },
      ]);
  }
}
