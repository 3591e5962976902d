import { InvalidQueueNameError } from '../queue.errors.js';

/** What a queue may be called: nothing that could be read as another queue's key. */
const QUEUE_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;

/** The same in words, for messages. */
export const QUEUE_NAME_EXPECTED = 'a queue name: 1 to 64 of A-Z a-z 0-9 _ . - beginning with a letter or digit';

/** Whether a queue may have this name. */
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
