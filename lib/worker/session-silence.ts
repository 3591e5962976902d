import type { QueueFetcher } from './queue-fetcher.js';
import type { QueueNotifier } from './queue-notifier.js';

/**
 * Returns for how long a session has waited for its storage, in milliseconds; 0 if it waits for nothing.
 *
 * A loop that turns waits for the answer to a poll, and, while its queues are empty, for a wake-up that ends after some seconds.
 */
export function silenceOf(
  fetchers: readonly Pick<QueueFetcher, 'batcher'>[],
  { waitsSince }: Pick<QueueNotifier, 'waitsSince'>,
  now: number,
): number {
  let oldest = waitsSince ?? now;
  // The polls under way are in the order in which they were sent.
  for (const { batcher } of fetchers) oldest = Math.min(oldest, batcher.inFlight[0]?.sentAt ?? now);
  return now - oldest;
}
