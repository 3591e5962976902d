import type { Redis } from 'ioredis';
import { ArrayDriver } from '../../../lib/drivers/array/array.driver.js';
import type { QueueDriver } from '../../../lib/drivers/queue-driver.interface.js';
import { RedisDriver } from '../../../lib/drivers/redis/redis.driver.js';
import { resolveOptions } from '../../../lib/options/options.resolver.js';
import { systemClock, toMonotonic } from '../../../lib/support/clock.js';
import { ScriptFaults } from '../../support/faulty-driver.js';

const STATUS_TTL = 3_600;

export async function connectArray(): Promise<QueueDriver> {
  const driver = new ArrayDriver({ statusTtl: STATUS_TTL, clock: toMonotonic(systemClock) });
  await driver.connect();
  return driver;
}

/** Empties the server, and connects a driver of which each script arrives twice, but polls: a second poll would be another one. */
export async function connectRedis(client: Redis, url: string): Promise<QueueDriver> {
  await client.flushdb();
  const { redis } = resolveOptions({ driver: 'redis', redis: { url } }, {});
  const driver = new RedisDriver({ redis, statusTtl: STATUS_TTL, clock: toMonotonic(systemClock) });
  await driver.connect();
  const faults = new ScriptFaults(driver, (script) => (script.startsWith('poll') ? 'none' : 'twice'));
  void faults;
  return driver;
}
