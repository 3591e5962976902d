import { InvalidQueueNameError } from '../queue.errors.js';
import type { Check } from '../support/checks.js';

/** The names that a queue may have: none of them can be confused with the key of another queue. */
const QUEUE_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;

/** The rule in words, for messages. */
export const QUEUE_NAME_EXPECTED = 'a queue name: 1 to 64 of A-Z a-z 0-9 _ . - beginning with a letter or digit';

/** Tells whether a queue may have this name. */
export function isQueueName(name: unknown): name is string {
  return typeof name === 'string' && QUEUE_NAME.test(name);
}

/**
 * Checks a queue name.
 *
 * @throws {@link InvalidQueueNameError}
 */
export function assertQueueName(name: unknown): asserts name is string {
  if (!isQueueName(name)) throw new InvalidQueueNameError(name);
}

/** Checks the name of a queue in options. */
export const queueNameCheck: Check<string> = {
  expected: QUEUE_NAME_EXPECTED,
  read: (value) => (isQueueName(value) ? value : undefined),
};
