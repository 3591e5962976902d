import type { PushOptions } from '../job/job-options.js';
import { InvalidOptionError } from '../queue.errors.js';

/** The options of a push that a user of the board may give as they are. */
const AS_THEY_ARE = [
  'maxTries',
  'backoff',
  'retryDelay',
  'maxRetryDelay',
  'retryJitter',
  'retryFor',
  'maxCrashes',
  'maxReleases',
  'timeout',
  'keepResult',
  'priority',
  'tags',
  'metadata',
  'expiresIn',
] as const satisfies readonly (keyof PushOptions)[];

/** The options that a copy of a job has beside the options of a push. */
const TOLD = new Set(['state', 'failures', 'chain', 'batch', 'workflow', 'previousResult', 'flow', 'retention']);

/**
 * Reads the options of a job that a user of the board adds: those of BullMQ that bull-board suggests (`delay` in milliseconds, `attempts`, `group.id`),
 * and options of a push. Their values are checked by the push.
 *
 * @throws InvalidOptionError
 */
export function readNewJobOptions(options: object): PushOptions {
  const target: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(options) as [string, unknown][]) {
    if (value === undefined || value === null || TOLD.has(name)) continue;
    if (name === 'delay' && typeof value === 'number') target['delay'] = value / 1000;
    else if (name === 'attempts') target['maxTries'] = value === 'endless' ? undefined : value;
    else if (name === 'group') target['group'] = (value as { id?: unknown }).id ?? value;
    else if ((AS_THEY_ARE as readonly string[]).includes(name)) target[name] = value;
    else
      throw new InvalidOptionError(
        `options.${name}`,
        `one of delay, attempts, group, ${AS_THEY_ARE.join(', ')}`,
        value,
      );
  }
  return target;
}
