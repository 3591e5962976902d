import type { QueueLane } from './queue-lane.js';

/**
 * In which order queues are asked for jobs.
 *
 * While one of them has more jobs than the worker can take nobody listens to the others, so that they have to be asked
 * again in between.
 */
export interface LaneOrder {
  /** Whether a queue is asked only when those before it have nothing. */
  readonly strict: boolean;
  /** The one to be asked first comes first. */
  readonly lanes: readonly QueueLane[];
  /** Is told that a queue was asked. */
  asked(lane: QueueLane): void;
  /** Is told that a queue had more jobs than were claimed. */
  overflowed(lane: QueueLane): void;
}

/** A list that was given is worked in strict order: a queue waits while one before it has jobs. */
export function strictOrder(lanes: readonly QueueLane[]): LaneOrder {
  return {
    strict: true,
    lanes,
    asked() {},
    overflowed(lane) {
      // Those before it have a right to be asked before it is asked again.
      for (const other of lanes.slice(0, lanes.indexOf(lane))) other.hungry = true;
    },
  };
}

/** Queues that nobody ranked are served in turn: the one that was asked last comes last. */
export function inTurn(lanes: readonly QueueLane[]): LaneOrder {
  let queue = lanes;
  return {
    strict: false,
    get lanes() {
      return queue;
    },
    asked(lane) {
      if (lanes.length > 1) queue = [...queue.filter((other) => other !== lane), lane];
    },
    overflowed(lane) {
      for (const other of lanes) other.unheard ||= other !== lane;
    },
  };
}
