import type { MonotonicClock } from '../../support/clock.js';
import type { LowPriorityEach } from '../queue-priorities.interface.js';
import type { LimitsOf } from '../queue-limits.interface.js';
import type { RetentionOf } from '../queue-retention.interface.js';
import type { StorageObserver } from '../storage-observer.interface.js';
import type { RedisKeys } from './keys.js';
import type { RedisCommands } from './redis-commands.js';
import type { RedisConnection } from './redis-connection.js';

/** The parts that the producer, the consumers and the inspector of one driver share. */
export interface RedisToolkit {
  readonly connection: RedisConnection;
  readonly commands: RedisCommands;
  readonly keys: RedisKeys;
  readonly clock: MonotonicClock;
  /** The time for which the status of an ended job is kept, in seconds; 0 keeps none. */
  readonly statusTtl: number;
  /** The retention of the ended jobs of a queue; its times are whole seconds. */
  readonly retention: RetentionOf;
  readonly lowPriorityEach: LowPriorityEach;
  /** The limits of a queue, by the options of this process. */
  readonly limits: LimitsOf;
  readonly observer: () => StorageObserver;
}

/** Returns the arguments that all scripts of flows have. */
export function flowArgs({ keys, observer }: RedisToolkit) {
  const { hearsEnds, hearsPushes } = observer();
  const { othersBase, namesForScripts, sharedStatusPrefix } = keys;
  // A reply that is lost would tell nobody what the script has pushed.
  const base = hearsPushes ? '' : othersBase;
  const pushes = { base, nameList: namesForScripts, statusPrefix: sharedStatusPrefix };
  return { ...keys.flowParts, tells: hearsEnds ? 1 : 0, ...pushes };
}
