import { isQueueName, queueNameCheck } from '../job/queue-name.js';
import { queueOf } from '../job/stored-queue.js';
import { InvalidOptionError } from '../queue.errors.js';
import type { QueueSettings, ResolvedLimits, ResolvedQueueSettings, ResolvedQueueOptions } from '../queue.options.js';
import { number, type Check } from '../support/checks.js';
import type { OptionReader } from '../support/option-reader.js';
import { assertShares } from './limit-shares.js';
import { LIMIT_OPTIONS, NO_LIMITS, readLimits } from './limits.reader.js';
import { defaultRetention, readRetention } from './retention.reader.js';

const QUEUE_OPTIONS = [
  'retention',
  ...LIMIT_OPTIONS,
  'lowPriorityShare',
  'partitions',
] as const satisfies readonly (keyof QueueSettings)[];
/** One of 20. */
const LOW_PRIORITY_EACH = 20;
const lowPriorityShareCheck = number(0, 0.5);
/** The most partitions of a queue: see `lib/partitions`. */
const MOST_PARTITIONS = 256;
/** Stands for the number of partitions that are stored. */
const STORED = 'stored';
const partitionsCheck: Check<number | typeof STORED> = {
  expected: `an integer from 1 to ${MOST_PARTITIONS}, or "${STORED}"`,
  read(value) {
    if (value === STORED) return STORED;
    return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MOST_PARTITIONS
      ? (value as number)
      : undefined;
  },
};
/** Stands for all queues. */
const ALL = '*';

/**
 * Reads the module's option `queues`. What a queue does not give comes from `*`, option by option, then from the defaults.
 *
 * @param queues the reader of the option
 * @param statusTtl seconds
 * @throws InvalidOptionError
 */
export function resolveQueues(queues: OptionReader, statusTtl: number): ResolvedQueueOptions['queues'] {
  const all = readQueue(queues.below(ALL), {
    retention: defaultRetention(statusTtl),
    limits: NO_LIMITS,
    lowPriorityEach: LOW_PRIORITY_EACH,
  });
  const byName: Record<string, ResolvedQueueSettings> = { [ALL]: all };
  for (const name of queues.given()) {
    if (name === ALL) continue;
    if (!isQueueName(name)) throw new InvalidOptionError(queues.path, `"*" or ${queueNameCheck.expected}`, name);
    byName[name] = readQueue(queues.below(name), all);
  }
  return Object.freeze(byName);
}

function readQueue(queue: OptionReader, defaults: ResolvedQueueSettings): ResolvedQueueSettings {
  queue.refuseOthers(QUEUE_OPTIONS);
  const share = queue.get('lowPriorityShare', lowPriorityShareCheck);
  const limits = readLimits(queue, defaults.limits);
  const partitions = queue.get('partitions', partitionsCheck) ?? defaults.partitions;
  if (partitions !== undefined) assertPartitions(queue, partitions, limits);
  return Object.freeze({
    retention: readRetention(queue, defaults.retention),
    limits,
    lowPriorityEach: share === undefined ? defaults.lowPriorityEach : share === 0 ? 0 : Math.floor(1 / share),
    ...(partitions !== undefined && { partitions }),
  });
}

/** @throws InvalidOptionError if the limits of the whole queue cannot be shared out to its partitions */
function assertPartitions(queue: OptionReader, partitions: number | typeof STORED, limits: ResolvedLimits): void {
  if (partitions !== STORED) {
    assertShares(limits, partitions, (limit) => queue.at(limit));
  } else if (limits.concurrency !== undefined || limits.rateLimit) {
    throw new InvalidOptionError(queue.at('partitions'), 'a number, as the queue has limits', partitions);
  }
}

/** Returns the settings of a queue. @param stored its name, or that of one of its partitions */
export function settingsOf(queues: ResolvedQueueOptions['queues'], stored: string): ResolvedQueueSettings {
  const name = queueOf(stored);
  return (Object.hasOwn(queues, name) ? queues[name] : undefined) ?? queues[ALL]!;
}

/** Tells whether the options say of some queue how many partitions it has. */
export function namesPartitions(queues: ResolvedQueueOptions['queues']): boolean {
  return Object.values(queues).some(({ partitions }) => partitions !== undefined);
}
