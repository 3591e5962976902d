import { RedisDriver } from '../../../lib/drivers/redis/redis.driver.js';
import { QueueFactory } from '../../../lib/queue.factory.js';
import { systemClock } from '../../../lib/support/clock.js';

/** Has all drivers that are made in this process from now on take the time of their scripts from this Lua. */
export function useScriptTime(scriptTime: string): void {
  QueueFactory.prototype.createDriver = ({ redis, statusTtl }) =>
    new RedisDriver({ redis, statusTtl, clock: systemClock, scriptTime });
}
