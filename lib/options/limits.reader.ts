import { InvalidOptionError } from '../queue.errors.js';
import type {
  GroupSettings,
  QueueLimits,
  ResolvedGroupLimits,
  ResolvedLimits,
  ResolvedRateLimit,
} from '../queue.options.js';
import { boolean, duration, integer, type Check } from '../support/checks.js';
import { OptionReader } from '../support/option-reader.js';

/** A storage keeps the time of each start in a window, and asks each consumer for the jobs that it holds. */
const MOST = 100_000;
const LONGEST_WINDOW = 30 * 86_400;
const DAY = 86_400;

/** The options of a queue that limit it. */
export const LIMIT_OPTIONS = ['concurrency', 'rateLimit', 'groups'] as const;
const GROUP_OPTIONS = ['concurrency', 'rateLimit', 'ordered'] as const satisfies readonly (keyof GroupSettings)[];
const RATE_OPTIONS = ['max', 'per'] as const;

export const NO_LIMITS: ResolvedLimits = Object.freeze({});

const most = integer(1, MOST);
const window = duration(0.001, LONGEST_WINDOW, DAY);

/**
 * Reads the limits of a queue.
 *
 * @param given the reader of the queue
 * @param defaults the values of missing options
 * @throws InvalidOptionError
 */
export function readLimits(given: OptionReader, defaults: ResolvedLimits = NO_LIMITS): ResolvedLimits {
  const groups = isOff(given, 'groups') ? undefined : readGroupLimits(given, defaults.groups);
  return Object.freeze({ ...readPair(given, defaults), ...(groups && { groups }) });
}

/** @returns `undefined` without limits */
function readGroupLimits(given: OptionReader, defaults?: ResolvedGroupLimits): ResolvedGroupLimits | undefined {
  if (given.raw('groups') === undefined) return defaults;
  const groups = given.below('groups');
  groups.refuseOthers(GROUP_OPTIONS);
  const ordered = groups.get('ordered', boolean) ?? defaults?.ordered;
  const limits = ordered ? readOrdered(groups, defaults) : readPair(groups, defaults);
  return Object.keys(limits).length > 0 ? Object.freeze(limits) : undefined;
}

/** Reads the limits of groups that keep their order: one job of each runs at once. */
function readOrdered(groups: OptionReader, defaults?: ResolvedGroupLimits): ResolvedGroupLimits {
  const { rateLimit } = readPair(groups, defaults);
  const concurrency = groups.raw('concurrency');
  if (concurrency !== undefined && concurrency !== 1) {
    throw new InvalidOptionError(groups.at('concurrency'), '1 beside "ordered"', concurrency);
  }
  return { concurrency: 1, ...(rateLimit && { rateLimit }), ordered: true };
}

/** Reads the limits that a queue and a group have. */
function readPair(given: OptionReader, defaults: ResolvedGroupLimits = NO_LIMITS): ResolvedGroupLimits {
  const concurrency = isOff(given, 'concurrency') ? false : (given.get('concurrency', most) ?? defaults.concurrency);
  const rateLimit = isOff(given, 'rateLimit') ? false : (readRateLimit(given) ?? defaults.rateLimit);
  return { ...(concurrency && { concurrency }), ...(rateLimit && { rateLimit }) };
}

/** Reads limits that take the place of all others. @throws InvalidOptionError */
export function readQueueLimits(limits: QueueLimits): ResolvedLimits {
  const given = OptionReader.of(limits, 'limits');
  given.refuseOthers(LIMIT_OPTIONS);
  return readLimits(given);
}

function isOff(given: OptionReader, limit: (typeof LIMIT_OPTIONS)[number]): boolean {
  return given.raw(limit) === false;
}

function readRateLimit(given: OptionReader): ResolvedRateLimit | undefined {
  if (given.raw('rateLimit') === undefined) return undefined;
  const rate = given.below('rateLimit');
  rate.refuseOthers(RATE_OPTIONS);
  return Object.freeze({ max: need(rate, 'max', most), per: need(rate, 'per', window) });
}

function need<T>(reader: OptionReader, key: string, check: Check<T>): T {
  const value = reader.get(key, check);
  if (value === undefined) throw new InvalidOptionError(reader.at(key), check.expected, value);
  return value;
}
