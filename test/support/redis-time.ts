import type { Redis } from 'ioredis';
import type { RedisDriver } from '../../lib/drivers/redis/redis.driver.js';
import { FakeClock } from './fake-clock.js';
import { SCRIPT_TIME, setClock } from './redis-clock.js';

/**
 * The time of drivers and of the scripts they run, which stands still until it is told to go on. Not for a cluster: the
 * key of the clock would have to be in each slot.
 */
export class RedisTime {
  readonly clock = new FakeClock();
  /** For the option `scriptTime` of a driver. */
  readonly script = SCRIPT_TIME;

  private constructor(private readonly client: Redis) {}

  /** @param client of the database that the drivers use */
  static async start(client: Redis): Promise<RedisTime> {
    const time = new RedisTime(client);
    await time.set(time.clock.now());
    return time;
  }

  /** Sets the server's clock alone, as an administrator would. */
  async set(milliseconds: number): Promise<void> {
    await setClock(this.client, milliseconds);
  }

  /** Lets time pass for drivers, half a second at a time; what they send on the way has been answered then. */
  async advance(seconds: number, ...drivers: readonly RedisDriver[]): Promise<void> {
    for (let left = seconds; left > 0; left -= 0.5) {
      const part = Math.min(left, 0.5);
      await this.set(this.clock.now() + Math.round(part * 1000));
      await this.clock.advance(part);
      await Promise.all(drivers.map((driver) => driver.ping()));
    }
  }

  /** Lets time pass on the server alone: nobody gives a sign of life. */
  async outage(seconds: number): Promise<void> {
    await this.set(this.clock.now() + Math.round(seconds * 1000));
  }
}
