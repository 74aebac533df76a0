// Times as callers write them: RFC 3339 (seconds may be left out), or a day, which begins at midnight UTC.

const CLOCK = String.raw`(?:[01]\d|2[0-3]):[0-5]\d`;
const TIME = new RegExp(
  String.raw`^(\d{4}-\d\d-\d\d)(?:[Tt]${CLOCK}(?::[0-5]\d(?:\.\d+)?)?(?:[Zz]|[+-]${CLOCK}))?$`,
);

/** @returns milliseconds since 1970, negative before; null for what is no such time */
export function timeOf(text: string): number | null {
  // Unless it is escaped, the + of an offset arrives as a blank.
  const whole = text.replace(' ', '+').toUpperCase();
  const day = TIME.exec(whole)?.[1];
  if (day === undefined) return null;
  const midnight = new Date(day);
  const isDay = !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day);
  return isDay ? Date.parse(whole) : null;
}
