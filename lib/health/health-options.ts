import { InvalidOptionError } from '../queue.errors.js';
import { assertQueueName } from '../job/queue-name.js';
import { duration, integer } from '../support/checks.js';
import type { Duration } from '../support/duration.js';
import { OptionReader } from '../support/option-reader.js';

/** What {@link QueueHealth.check} looks at, beside whether the storage answers. */
export interface HealthCheckOptions {
  /** The queues that `maxReady`, `maxAge` and `minWorkers` are about. Default: all. */
  readonly queues?: readonly string[];
  /** The most jobs that may be ready in each queue, those that a limit blocks included. Default: any number. */
  readonly maxReady?: number;
  /** For how long the oldest ready job of each queue may have been ready. Default: for ever. */
  readonly maxAge?: Duration;
  /** How many workers, of all processes, have to work each of `queues`; without `queues`, how many have to run at all. Default: 0. */
  readonly minWorkers?: number;
  /** How long the whole check may take, at least a millisecond. Default: `'1s'`. */
  readonly timeout?: Duration;
}

/** The options with their defaults; times in milliseconds. */
export interface HealthLimits {
  readonly queues: readonly string[] | undefined;
  readonly maxReady: number;
  readonly maxAge: number;
  readonly minWorkers: number;
  readonly timeout: number;
}

const OPTIONS = [
  'queues',
  'maxReady',
  'maxAge',
  'minWorkers',
  'timeout',
] as const satisfies readonly (keyof HealthCheckOptions)[];
const count = integer(0);
const age = duration();
const limit = duration(0.001);
const DEFAULT_TIMEOUT = 1;

/** Checks the options of a check. @throws InvalidOptionError, InvalidQueueNameError */
export function readHealthOptions(options: HealthCheckOptions): HealthLimits {
  const given = OptionReader.of(options, 'check');
  given.refuseOthers(OPTIONS);
  return {
    queues: readQueues(given.raw('queues')),
    maxReady: given.get('maxReady', count) ?? Infinity,
    maxAge: (given.get('maxAge', age) ?? Infinity) * 1000,
    minWorkers: given.get('minWorkers', count) ?? 0,
    timeout: (given.get('timeout', limit) ?? DEFAULT_TIMEOUT) * 1000,
  };
}

function readQueues(value: unknown): readonly string[] | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || value.length === 0) {
    throw new InvalidOptionError('check.queues', 'a list of at least one queue', value);
  }
  for (const queue of value) assertQueueName(queue);
  return [...new Set(value as readonly string[])];
}
