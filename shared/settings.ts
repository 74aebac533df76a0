// What an operator may change while coordinators run, once: read by validation, by GET settings/ and by every pass.
import { JOB_TYPES, type JobType } from './actions.ts';

/** All of them, by the API's names, in seconds. */
export type SettingValues = Record<`${JobType}-idle-timeout` | 'adoption-window', number>;
export type SettingName = keyof SettingValues;
/** null: back to what holds while nobody has changed it. */
export type SettingChanges = Partial<Record<SettingName, number | null>>;

/** Seed, "Job Status", IDLE: "within a configurable timeout". Hold until changed. */
export const IDLE_TIMEOUTS: Readonly<Record<`${JobType}-idle-timeout`, number>> = {
  'install-idle-timeout': 900,
  'configure-idle-timeout': 300,
  'restart-idle-timeout': 300,
  'upgrade-idle-timeout': 900, // as an install: it fetches and unpacks
  'check-idle-timeout': 300,
};

export const SETTING_NAMES: readonly SettingName[] = [
  ...JOB_TYPES.map((type) => `${type}-idle-timeout` as const),
  'adoption-window',
];
export const SETTING_RANGE = { minimum: 1, maximum: 86_400 } as const;
