// Times as callers write them: RFC 3339, or a day, which begins at midnight UTC.

const TIME = /^(\d{4})-(\d\d)-(\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/;

/** @returns milliseconds since 1970; null for what is no such time */
export function timeOf(text: string): number | null {
  // Unless it is escaped, the + of an offset arrives as a blank.
  const whole = text.replace(' ', '+');
  const match = TIME.exec(whole);
  if (match === null) return null;
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number];
  const isDay = new Date(Date.UTC(year, month - 1, day)).getUTCDate() === day && month <= 12;
  const at = Date.parse(whole);
  return isDay && at >= 0 ? at : null;
}
