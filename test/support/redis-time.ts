import type { Redis } from 'ioredis';
import type { RedisDriver } from '../../lib/drivers/redis/redis.driver.js';
import { FakeClock } from './fake-clock.js';
import { SCRIPT_TIME, setClock } from './redis-clock.js';

/**
 * Controls the time of drivers and of their scripts: it stands still until a test advances it. Does not work on a cluster,
 * because the key of the clock would have to be in each slot.
 */
export class RedisTime {
  readonly clock = new FakeClock();
  /** For the option `scriptTime` of a driver. */
  readonly script = SCRIPT_TIME;

  private constructor(private readonly client: Redis) {}

  /** @param client a client on the database of the drivers */
  static async start(client: Redis): Promise<RedisTime> {
    const time = new RedisTime(client);
    await time.set(time.clock.now());
    return time;
  }

  /** Sets the clock of the server alone, as an administrator would. */
  async set(milliseconds: number): Promise<void> {
    await setClock(this.client, milliseconds);
  }

  /** Advances the time in steps of half a second. After each step, waits for the replies to all commands of these drivers. */
  async advance(seconds: number, ...drivers: readonly RedisDriver[]): Promise<void> {
    for (let left = seconds; left > 0; left -= 0.5) {
      const part = Math.min(left, 0.5);
      await this.set(this.clock.now() + Math.round(part * 1000));
      await this.clock.advance(part);
      await Promise.all(drivers.map((driver) => driver.ping()));
    }
  }

  /** Advances the time of the server alone, so that no consumer sends a heartbeat meanwhile. */
  async outage(seconds: number): Promise<void> {
    await this.set(this.clock.now() + Math.round(seconds * 1000));
  }
}
