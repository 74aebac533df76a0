// Values of fields and parameters: out of the words of a command line, and checks that answer before anything is sent.
import { type FormatName, formatProblem } from '../../shared/formats.ts';
import { isUuid } from '../../shared/uuid.ts';

/** What actions' parameters and models' fields have in common. */
export interface ValueRule {
  type: 'string' | 'boolean' | 'integer' | 'uuid' | 'object' | 'timestamp';
  minimum?: number | null | undefined;
  maximum?: number | null | undefined;
  allowed?: readonly string[] | null | undefined;
  format?: FormatName | undefined;
}

/** @returns what is wrong with a typed value, as the rest of a sentence that begins with its name; null when it fits */
export function valueProblem(rule: ValueRule, value: unknown): string | null {
  switch (rule.type) {
    case 'boolean':
      return typeof value === 'boolean' ? null : 'must be true or false';
    case 'integer': {
      const [least, most] = [
        rule.minimum ?? Number.MIN_SAFE_INTEGER,
        rule.maximum ?? Number.MAX_SAFE_INTEGER,
      ];
      if (!Number.isSafeInteger(value)) return 'must be a whole number';
      return (value as number) >= least && (value as number) <= most
        ? null
        : `must be from ${least} to ${most}`;
    }
    case 'uuid':
      return typeof value === 'string' && isUuid(value) ? null : 'must be a UUID';
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value) ? null : 'must be a map';
    case 'string':
    case 'timestamp':
      if (typeof value !== 'string') return 'must be text (in quotes where it looks like a number)';
      if (rule.allowed && !rule.allowed.includes(value)) return `must be one of ${rule.allowed.join(', ')}`;
      return rule.allowed ? null : formatProblem(rule.format ?? 'text', value);
  }
}

/** A word of the command line as a value of that type; itself when it is none, for `valueProblem` to say so. */
export function valueOfText(rule: ValueRule, text: string): unknown {
  if (rule.type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  if (rule.type === 'integer') return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
  // A choice is meant whether it is typed in capitals or not.
  return rule.allowed?.find((choice) => choice.toLowerCase() === text.toLowerCase()) ?? text;
}

/** 90, 90s, 15m, 2h as milliseconds; null when it is none. */
export function durationMs(text: string): number | null {
  const match = /^(\d{1,9})(ms|s|m|h|d)?$/.exec(text);
  const unit = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[match?.[2] ?? 's'];
  return match === null || unit === undefined ? null : Number(match[1]) * unit;
}

/** How a person says it: 4s, 1m 12s, 2h 05m. */
export function spoken(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  const two = (value: number): string => String(value).padStart(2, '0');
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m ${two(seconds % 60)}s`;
  const hours = Math.floor(seconds / 3_600);
  return hours < 48 ? `${hours}h ${two(Math.floor((seconds % 3_600) / 60))}m` : `${Math.floor(hours / 24)}d`;
}
