// Quantities with a unit, as cassandra.yaml writes them since Cassandra 4.1: 10s, 16MiB, 24MiB/s.

interface Quantity {
  what: string;
  units: readonly string[];
  example: string;
}

const DURATIONS = ['ns', 'us', 'ms', 's', 'm', 'h', 'd'];
const SIZES = ['B', 'KiB', 'MiB', 'GiB'];
const from = (units: readonly string[], least: string): readonly string[] =>
  units.slice(units.indexOf(least));
const duration = (least: string): Quantity => ({
  what: 'duration',
  units: from(DURATIONS, least),
  example: least === 'm' ? '10m' : '10s',
});
const size = (least: string): Quantity => ({ what: 'size', units: from(SIZES, least), example: '16MiB' });

/** By the format of a setting: its kind and the smallest unit that is fine enough for it. */
const QUANTITIES: Readonly<Record<string, Quantity>> = {
  'duration-ns': duration('ns'),
  'duration-us': duration('us'),
  'duration-ms': duration('ms'),
  'duration-s': duration('s'),
  'duration-m': duration('m'),
  'size-B': size('B'),
  'size-KiB': size('KiB'),
  'size-MiB': size('MiB'),
  'rate-B/s': { what: 'rate', units: ['B/s', 'KiB/s', 'MiB/s'], example: '24MiB/s' },
};

/** @returns what is wrong; null when nothing is, or the format is no quantity's */
export function quantityProblem(format: string, value: string): string | null {
  const quantity = QUANTITIES[format];
  if (quantity === undefined) return null;
  const [, unit] = /^\d+(\D+)$/.exec(value) ?? [];
  // both spellings of micro
  if (unit !== undefined && quantity.units.includes(unit.replace(/^[µμ]s$/, 'us'))) return null;
  return `must be a ${quantity.what} such as ${quantity.example}: a whole number and one of ${quantity.units.join(', ')}`;
}
