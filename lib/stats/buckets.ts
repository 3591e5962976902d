/** The upper ends of the buckets of time, in milliseconds: 6 in each power of ten. The last bucket has no end. */
export const BUCKET_ENDS: readonly number[] = [1, 2, 3, 5, 7, ...[1, 2, 3, 4, 5, 6, 7].flatMap(endsOf), 100_000_000];

function endsOf(power: number): number[] {
  return [1, 1.5, 2, 3, 5, 7].map((part) => part * 10 ** power);
}

/**
 * Returns the time that a share of all times does not exceed, in milliseconds, as if the times of a bucket were spread evenly. It is
 * wrong by at most the width of a bucket. `null` without a time.
 *
 * @param counts for each bucket how many times it has; the first one is that of bucket 1
 * @param share from 0 to 1
 */
export function percentileOf(counts: readonly number[], share: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let left = total * share;
  for (const [index, count] of counts.entries()) {
    if (count > 0 && left <= count) {
      const start = BUCKET_ENDS[index - 1] ?? 0;
      const end = BUCKET_ENDS[index] ?? start;
      // More digits would be those of the arithmetic.
      return Math.round((start + ((end - start) * left) / count) * 1_000) / 1_000;
    }
    left -= count;
  }
  return BUCKET_ENDS.at(-1)!;
}
