import { RedisDriver } from '../../../lib/drivers/redis/redis.driver.js';
import { QueueFactory } from '../../../lib/queue.factory.js';
import { systemClock } from '../../../lib/support/clock.js';

/** Makes all later drivers of this process read the time of their scripts with this Lua. */
export function useScriptTime(scriptTime: string): void {
  QueueFactory.prototype.createDriver = ({ redis, statusTtl }) =>
    new RedisDriver({ redis, statusTtl, clock: systemClock, scriptTime });
}
