// The kinds of value that shell files and JVM options take, each checked before it becomes text.
import { pointerTo } from '../../shared/errors.ts';
import { isOneLine, type Json, refuse } from './settings.ts';

/** Takes a setting's value, gives its text. @throws InvalidInput with the pointer */
export type ValueCheck = (value: Json, pointer: string) => string;

const whole =
  (least: number, most: number): ValueCheck =>
  (value, pointer) =>
    typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
      ? String(value)
      : refuse(pointer, `must be a whole number from ${least} to ${most}`);

const matching =
  (pattern: RegExp, sentence: string): ValueCheck =>
  (value, pointer) =>
    typeof value === 'string' && isOneLine(value) && pattern.test(value) ? value : refuse(pointer, sentence);

export const port = whole(1, 65_535);
export const count = whole(0, 2_147_483_647);
/** of memory, as java takes it */
export const size = matching(/^[1-9][0-9]{0,18}[kKmMgGtT]?$/, 'must be a size such as 8G or 512M');
export const path = matching(/^\/[^:*?]{0,1023}$/, 'must be an absolute path');
export const account = matching(/^[a-z_][a-z0-9_-]{0,31}$/, 'must be the name of a user or group');
export const oneLine = matching(/^.{0,4096}$/u, 'must be one line of text without control characters');
/** The start scripts split options at blanks, so a blank would make two of one. */
export const word = matching(/^\S{1,4096}$/u, 'must be text without blanks');
/** Some versions of DSE's definitions say number, and some say text. */
export const numberOrWord: ValueCheck = (value, pointer) =>
  typeof value === 'number' ? count(value, pointer) : word(value, pointer);

/** `-Dx=y`, or `--add-opens java.base/java.lang=ALL-UNNAMED`, the only form with a blank. */
const JVM_OPTION = /^(?:-[^\s-]\S*|--[a-z][a-z-]*(?:[= ][^\s-]\S*)?)$/u;

/** @throws InvalidInput unless the value is a list of JVM options */
export function jvmOptionList(value: Json, fileId: string, key: string): string[] {
  if (!Array.isArray(value)) return refuse(pointerTo(fileId, key), 'must be a list of JVM options');
  return value.map((option: Json, i) => {
    const isFit =
      typeof option === 'string' && option.length <= 4096 && isOneLine(option) && JVM_OPTION.test(option);
    if (!isFit) {
      return refuse(pointerTo(fileId, key, i), 'must be one JVM option: starting with "-", without blanks');
    }
    return option;
  });
}
