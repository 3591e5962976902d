import type { Clock } from '../../support/clock.js';
import type { RedisKeys } from './keys.js';
import type { RedisConnection } from './redis-connection.js';
import type { RedisRequests } from './redis-requests.js';
import type { ScriptRunner } from './script-runner.js';

/** What each part of the driver works with. */
export interface RedisToolkit {
  readonly connection: RedisConnection;
  readonly requests: RedisRequests;
  readonly scripts: ScriptRunner;
  readonly keys: RedisKeys;
  readonly clock: Clock;
  /** How long the status of an ended job is kept, in seconds; 0 for not at all. */
  readonly statusTtl: number;
}
