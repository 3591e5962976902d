import type { QueueFetcher } from './queue-fetcher.js';

/**
 * In which order queues are asked for jobs.
 *
 * While one of them has more jobs than the worker can take nobody listens to the others, so that they have to be asked
 * again in between.
 */
export interface QueueOrder {
  /** Whether a queue is asked only when those before it have nothing. */
  readonly strict: boolean;
  /** The one to be asked first comes first. */
  readonly fetchers: readonly QueueFetcher[];
  /** Is told that a queue was asked. */
  asked(fetcher: QueueFetcher): void;
  /** Is told that a queue had more jobs than were claimed. */
  overflowed(fetcher: QueueFetcher): void;
}

/** A list that was given is worked in strict order: a queue waits while one before it has jobs. */
export function strictOrder(fetchers: readonly QueueFetcher[]): QueueOrder {
  return {
    strict: true,
    fetchers,
    asked() {},
    overflowed(fetcher) {
      // Those before it have a right to be asked before it is asked again.
      for (const other of fetchers.slice(0, fetchers.indexOf(fetcher))) other.hungry = true;
    },
  };
}

/** Queues that nobody ranked are served in turn: the one that was asked last comes last. */
export function inTurn(fetchers: readonly QueueFetcher[]): QueueOrder {
  let queue = fetchers;
  return {
    strict: false,
    get fetchers() {
      return queue;
    },
    asked(fetcher) {
      if (fetchers.length > 1) queue = [...queue.filter((other) => other !== fetcher), fetcher];
    },
    overflowed(fetcher) {
      for (const other of fetchers) other.unheard ||= other !== fetcher;
    },
  };
}
