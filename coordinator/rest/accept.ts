// The Accept header (RFC 9110, 12.5.1): how much each form of an answer is liked.

/** How much each range is wanted, by its name; 1 where it does not say. */
export function rangesIn(accept: string): Map<string, number> {
  const ranges = new Map<string, number>();
  for (const item of accept.split(',')) {
    const [range = '', ...parameters] = item.split(';').map((part) => part.trim().toLowerCase());
    const q = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    const wanted = q === undefined ? 1 : /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(q) ? Number(q) : 0;
    if (range !== '') ranges.set(range, Math.max(wanted, ranges.get(range) ?? 0));
  }
  return ranges;
}

/** How much a type is liked: by its name, else by the narrowest range that it is in. */
export const likingOf = (ranges: ReadonlyMap<string, number>, type: string): number =>
  ranges.get(type) ?? ranges.get(type.replace(/\/.*/, '/*')) ?? ranges.get('*/*') ?? 0;
