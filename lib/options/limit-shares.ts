import { InvalidOptionError } from '../queue.errors.js';
import type { ResolvedLimits } from '../queue.options.js';

/**
 * Refuses limits that cannot be shared out to so many partitions: each one has to get a whole number.
 *
 * @param path returns the name of a limit in the message
 * @throws InvalidOptionError
 */
export function assertShares(limits: ResolvedLimits, partitions: number, path: (limit: string) => string): void {
  const { concurrency, rateLimit } = limits;
  const expected = `at least ${partitions}, one for each of the ${partitions} partitions of the queue`;
  if (concurrency !== undefined && concurrency < partitions) {
    throw new InvalidOptionError(path('concurrency'), expected, concurrency);
  }
  if (rateLimit && rateLimit.max < partitions) {
    throw new InvalidOptionError(path('rateLimit.max'), expected, rateLimit.max);
  }
}

/**
 * Returns the share of a partition in the limits of its queue: all shares together are the limits. Limits of groups are not shared out, as
 * a group is in one partition. A partition beyond the number, of which jobs are left, gets the least share.
 *
 * @param index from 0
 */
export function shareOfLimits<Limits extends ResolvedLimits>(limits: Limits, index: number, count: number): Limits {
  const { concurrency, rateLimit } = limits;
  if ((count === 1 && index === 0) || (concurrency === undefined && !rateLimit)) return limits;
  const shareOf = (whole: number): number =>
    index < count ? Math.floor(whole / count) + (index < whole % count ? 1 : 0) : 1;
  return {
    ...limits,
    ...(concurrency !== undefined && { concurrency: shareOf(concurrency) }),
    ...(rateLimit && { rateLimit: { ...rateLimit, max: shareOf(rateLimit.max) } }),
  };
}

/** Puts the shares of partitions together again. A limit that one partition does not have is none. */
export function sumOfShares(shares: readonly ResolvedLimits[]): ResolvedLimits {
  const concurrencies = shares.map(({ concurrency = Infinity }) => concurrency);
  const concurrency = concurrencies.reduce((sum, each) => sum + each, 0);
  const rates = shares.flatMap(({ rateLimit }) => rateLimit ?? []);
  const groups = shares.find((share) => share.groups)?.groups;
  return {
    ...(Number.isFinite(concurrency) && { concurrency }),
    ...(rates.length > 0 &&
      rates.length === shares.length && {
        rateLimit: { max: rates.reduce((sum, { max }) => sum + max, 0), per: Math.max(...rates.map(({ per }) => per)) },
      }),
    ...(groups && { groups }),
  };
}
