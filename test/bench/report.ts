// The one line that every benchmark ends with.

/** @param ratio the figure over its limit (or over what it is compared with): what the limit is about */
export function report(result: {
  name: string;
  value: number;
  unit: string;
  limit: number;
  ratio: number;
  more?: Record<string, unknown>;
}): void {
  const { more, ...figure } = result;
  const rounded = (_: string, value: unknown): unknown =>
    typeof value === 'number' ? Math.round(value * 1_000) / 1_000 : value;
  process.stdout.write(`${JSON.stringify({ ...figure, ...more }, rounded)}\n`);
}

export const percentile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};
