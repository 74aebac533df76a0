// Whether one version of a product is a patch of another: what an upgrade does, and what it refuses.

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
