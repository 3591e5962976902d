/** The most letters by which a mistyped word may differ. */
const MAX_DISTANCE = 2;

/** Finds the candidate that is nearest to a mistyped or shortened word; `undefined` if none is near. */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  let best = candidates.find((candidate) => word.length > 2 && candidate.startsWith(word));
  let bestDistance = Math.min(MAX_DISTANCE, Math.floor(word.length / 2)) + 1;
  for (const candidate of candidates) {
    const distance = distanceBetween(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Counts the letters to insert, delete or replace to turn one word into the other (Levenshtein distance). */
function distanceBetween(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(replaced, previous[j]! + 1, current[j - 1]! + 1));
    }
    previous = current;
  }
  return previous[b.length]!;
}
