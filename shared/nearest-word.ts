// The word that was probably meant: for "did you mean".

/** A word near each of thousands would take its time. */
export const MOST_HINTS = 20;

/** Edits (insert, delete, replace, swap of neighbours) from one word to the other. */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replace = (rows[i - 1]?.[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min((rows[i - 1]?.[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, replace);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, (rows[i - 2]?.[j - 2] ?? 0) + 1);
      row.push(least);
    }
    rows.push(row);
  }
  return rows[a.length]?.[b.length] ?? 0;
}

/**
 * @param most edits, where words that mean something else end alike
 * @returns null when none is near enough to be worth a question
 */
export function nearestWord(word: string, known: readonly string[], most = Infinity): string | null {
  if (word.length > 64) return null;
  const within = Math.min(most, Math.max(1, Math.floor(word.length / 3)));
  let [best, least] = [null as string | null, within + 1];
  for (const candidate of known) {
    // Words are at least as far apart as their lengths: most need no closer look.
    if (candidate.length > 64 || Math.abs(candidate.length - word.length) >= least) continue;
    const far = distance(word.toLowerCase(), candidate.toLowerCase());
    if (far < least) [best, least] = [candidate, far];
  }
  return best;
}

export const didYouMean = (word: string, known: readonly string[]): string => {
  const near = nearestWord(word, known);
  return near === null ? '' : `; did you mean ${near}?`;
};
