/** Returns the middle value, or the mean of the two middle values of an even number of values. */
export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/**
 * Returns the value below which `percent` of the values lie, interpolated between two values.
 *
 * @throws RangeError if there are no values
 */
export function percentile(values: readonly number[], percent: number): number {
  if (values.length === 0) throw new RangeError('expected at least one value');
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

/** The ratios of values that were measured one after the other: other load of the machine slowed both. */
export interface Ratio extends Spread {
  readonly median: number;
}

export function spread(values: readonly number[]): Spread {
  return { least: Math.min(...values), most: Math.max(...values) };
}

/**
 * Compares values in pairs.
 *
 * @throws RangeError if the numbers of values differ
 */
export function ratioOfPairs(values: readonly number[], baseline: readonly number[]): Ratio {
  if (values.length !== baseline.length) throw new RangeError(`${values.length} values, ${baseline.length} to compare`);
  const ratios = values.map((value, i) => value / baseline[i]!);
  return { median: median(ratios), ...spread(ratios) };
}

/** Returns the rate of doing two things one after the other for each job. */
export function rateOfBoth(one: number, other: number): number {
  return 1 / (1 / one + 1 / other);
}
