/** The middle value; of an even number of values the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/**
 * The value below which `percent` of the values lie, between two of them by their distance.
 *
 * @throws RangeError where there are no values
 */
export function percentile(values: readonly number[], percent: number): number {
  if (values.length === 0) throw new RangeError('there is no percentile of no values');
  const sorted = values.toSorted((a, b) => a - b);
  const position = ((sorted.length - 1) * percent) / 100;
  const below = sorted[Math.floor(position)]!;
  const above = sorted[Math.ceil(position)]!;
  return below + (above - below) * (position - Math.floor(position));
}

/** The smallest and the largest value. */
export interface Spread {
  readonly least: number;
  readonly most: number;
}

/** Ratios of values that were measured one after the other: what slowed the machine down slowed both. */
export interface Ratio extends Spread {
  readonly median: number;
}

export function spread(values: readonly number[]): Spread {
  return { least: Math.min(...values), most: Math.max(...values) };
}

/**
 * Compares values by pairs.
 *
 * @throws RangeError where their numbers differ
 */
export function ratioOfPairs(values: readonly number[], baseline: readonly number[]): Ratio {
  if (values.length !== baseline.length) throw new RangeError(`${values.length} values, ${baseline.length} to compare`);
  const ratios = values.map((value, i) => value / baseline[i]!);
  return { median: median(ratios), ...spread(ratios) };
}

/** The rate of doing two things one after the other with each of many. */
export function rateOfBoth(one: number, other: number): number {
  return 1 / (1 / one + 1 / other);
}
