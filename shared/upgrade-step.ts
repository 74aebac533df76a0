// Whether one version of a product comes after another: what an upgrade does, what it refuses, and what would be right.
import type { Product } from './config-files.ts';

/** Newest: a later patch of the same series. `other-series` goes both ways; `unknown` is no version that can be compared. */
export type PatchStep = 'same' | 'newer' | 'older' | 'other-series' | 'unknown';

/** `5.0.8` and `5.0-rc1` are of the series 5.0, of Cassandra and of DSE. */
const VERSION = /^(\d+\.\d+)((?:\.\d+)*)(?:[-~](.+))?$/;

function partsOf(version: string) {
  const [, series, patch = '', early] = VERSION.exec(version) ?? [];
  if (series === undefined) return null;
  return { series, numbers: patch.split('.').slice(1).map(Number), early };
}

/** A version that is not out yet (`5.0.8-rc1`) comes before the one that it becomes. */
export function patchStep(from: string, to: string): PatchStep {
  if (from === to) return 'same';
  const [old, wanted] = [partsOf(from), partsOf(to)];
  if (old === null || wanted === null) return 'unknown';
  if (old.series !== wanted.series) return 'other-series';
  const places = Math.max(old.numbers.length, wanted.numbers.length);
  for (let at = 0; at < places; at += 1) {
    const difference = (wanted.numbers[at] ?? 0) - (old.numbers[at] ?? 0);
    if (difference !== 0) return difference > 0 ? 'newer' : 'older';
  }
  if (old.early === wanted.early) return 'same';
  if (old.early === undefined) return 'older';
  if (wanted.early === undefined) return 'newer';
  // beta2 before beta10, and beta before rc
  return wanted.early.localeCompare(old.early, 'en', { numeric: true }) > 0 ? 'newer' : 'older';
}

/** From a series to one with another first number, on the same data. Closed: what is not here is refused. */
const MAJOR_STEPS: Readonly<Record<Product, readonly (readonly [from: string, to: string])[]>> = {
  // both read sstables from the format `ma` on (BigFormat): what 4.1 has, 5.0 starts on
  cassandra: [['4.1', '5.0']],
  dse: [],
};

/** `major`: a later series that there is a way to. */
export type UpgradeStep = PatchStep | 'major';

/** `5.0` of 5.0.8; null of what is no version. */
export const seriesOf = (version: string): string | null => partsOf(version)?.series ?? null;

export function upgradeStep(product: Product, from: string, to: string): UpgradeStep {
  const step = patchStep(from, to);
  const [old, wanted] = [seriesOf(from), seriesOf(to)];
  const isListed = MAJOR_STEPS[product].some(([before, after]) => before === old && after === wanted);
  return step === 'other-series' && isListed ? 'major' : step;
}

/** Why no upgrade does this, and what would be right; null where one does it, or has nothing to do. */
export function refusalOf(product: Product, from: string, to: string): string | null {
  const step = upgradeStep(product, from, to);
  if (step === 'older')
    return `an upgrade does not go back to an earlier version; what can be asked for is a later one than ${from}`;
  if (step === 'unknown') return 'these cannot be compared as versions';
  if (step !== 'other-series') return null;
  const steps = MAJOR_STEPS[product].map(([before, after]) => `${before} to ${after}`);
  const but = steps.length === 0 ? '' : `, but for ${steps.join(', ')} of ${product}`;
  const own = seriesOf(from);
  const next = MAJOR_STEPS[product]
    .filter(([before]) => before === own)
    .map(([, after]) => ` or of ${after}`);
  return `an upgrade stays within one series of patch versions${but}; what can be asked for is a later version of ${own}${next.join('')}`;
}
