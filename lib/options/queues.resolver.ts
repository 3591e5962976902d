import { isQueueName, queueNameCheck } from '../job/queue-name.js';
import { InvalidOptionError } from '../queue.errors.js';
import type { QueueSettings, ResolvedQueueSettings, ResolvedQueueOptions } from '../queue.options.js';
import { number } from '../support/checks.js';
import type { OptionReader } from '../support/option-reader.js';
import { LIMIT_OPTIONS, NO_LIMITS, readLimits } from './limits.reader.js';
import { defaultRetention, readRetention } from './retention.reader.js';

const QUEUE_OPTIONS = [
  'retention',
  ...LIMIT_OPTIONS,
  'lowPriorityShare',
] as const satisfies readonly (keyof QueueSettings)[];
/** One of 20. */
const LOW_PRIORITY_EACH = 20;
const lowPriorityShareCheck = number(0, 0.5);
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
  return Object.freeze({
    retention: readRetention(queue, defaults.retention),
    limits: readLimits(queue, defaults.limits),
    lowPriorityEach: share === undefined ? defaults.lowPriorityEach : share === 0 ? 0 : Math.floor(1 / share),
  });
}

/** Returns the settings of a queue. */
export function settingsOf(queues: ResolvedQueueOptions['queues'], name: string): ResolvedQueueSettings {
  return (Object.hasOwn(queues, name) ? queues[name] : undefined) ?? queues[ALL]!;
}
