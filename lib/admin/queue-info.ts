import type { QueueCounts, QueueDriver } from '../drivers/queue-driver.interface.js';
import type { QueueLimits } from '../queue.options.js';
import { ageOfOldest } from '../stats/oldest-ready.js';
import { each } from '../support/slices.js';

/** A queue, as an operator sees it. */
export interface QueueInfo {
  readonly name: string;
  /** Those of `QueueManager.counts`. */
  readonly counts: QueueCounts;
  readonly paused: boolean;
  /** When the pause ends by itself; missing if it does not. */
  readonly pausedUntil?: Date;
  /** Until when a release with `hold: 'queue'` keeps its jobs from starting; missing if none does. Holds of groups do not count. */
  readonly heldUntil?: Date;
  /** Those that count now; empty without limits. */
  readonly limits: QueueLimits;
  /** True if `QueueAdmin.setLimits` has set them in place of the options. */
  readonly limitsSet: boolean;
  /** For how long the oldest ready job has been ready, in seconds; `null` if no job is ready. */
  readonly oldestReadyAge: number | null;
  /** How many workers, and callers of `pop`, gave a sign of life within their lease. */
  readonly consumers: number;
}

/** The most queues that are read at the same time. */
const AT_ONCE = 16;

/** Reads the info of one queue. */
export async function readQueueInfo(driver: QueueDriver, name: string): Promise<QueueInfo> {
  const [counts, pause, look, consumers, { limits, isSet, heldUntil }] = await Promise.all([
    driver.counts(name),
    driver.pauses.read(name),
    driver.stats.look(name),
    driver.lists.consumers(name),
    driver.limits.read(name),
  ]);
  const age = ageOfOldest(look);
  return {
    name,
    counts,
    paused: pause !== null,
    ...(typeof pause?.until === 'number' && { pausedUntil: new Date(pause.until) }),
    ...(heldUntil !== null && { heldUntil: new Date(heldUntil) }),
    limits,
    limitsSet: isSet,
    oldestReadyAge: age === undefined ? null : age / 1000,
    consumers,
  };
}

/** Reads the info of all queues, sorted by name. */
export async function readQueueInfos(driver: QueueDriver): Promise<QueueInfo[]> {
  return each(await driver.queues(), AT_ONCE, (name) => readQueueInfo(driver, name));
}
