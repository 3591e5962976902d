import type { PollResult } from '../../lib/drivers/queue-driver.interface.js';

/** The result of a poll that found nothing. */
export const NOTHING: PollResult = {
  lost: false,
  refused: [],
  jobs: [],
  danglingIds: [],
  takenOver: [],
  more: false,
  recovered: false,
  paused: false,
  limited: false,
  blocked: false,
  held: false,
  cancelled: [],
  nextDue: null,
  now: 0,
};
