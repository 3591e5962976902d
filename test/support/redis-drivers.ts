import { afterEach } from '@jest/globals';
import { Redis, type RedisOptions } from 'ioredis';
import { RedisDriver } from '../../lib/drivers/redis/redis.driver.js';
import { resolveOptions } from '../../lib/options/options.resolver.js';
import type { QueueRedisOptions } from '../../lib/queue.options.js';
import { type Clock, systemClock } from '../../lib/support/clock.js';
import type { QueueLogger } from '../../lib/support/queue-logger.js';
import { closeClient } from './close-client.js';
import { within } from './deadline.js';

export interface DriverOptions {
  /** What an application gives as option `redis`. */
  readonly redis: QueueRedisOptions;
  /** Seconds. */
  readonly statusTtl?: number;
  readonly clock?: Clock;
  readonly logger?: Pick<QueueLogger, 'warn' | 'log'>;
  readonly scriptTime?: string;
}

/** How long the drivers of a test may take to close, in milliseconds. */
const CLOSE_MS = 6_000;

/**
 * Makes Redis drivers for the tests of a file, as an application's options make them. What a test opens here ends with
 * it: the drivers first, then clients, then servers and proxies.
 */
export class RedisDrivers {
  private readonly drivers: RedisDriver[] = [];
  private readonly clients: Redis[] = [];
  private readonly kept: { stop(): Promise<void> }[] = [];

  constructor() {
    afterEach(() => this.end());
  }

  /** A driver that is not connected. */
  create({ redis, statusTtl = 3600, clock = systemClock, logger, scriptTime }: DriverOptions): RedisDriver {
    const resolved = resolveOptions({ driver: 'redis', redis, statusTtl }, {});
    const driver = new RedisDriver({ redis: resolved.redis, statusTtl: resolved.statusTtl, clock, logger, scriptTime });
    this.drivers.push(driver);
    return driver;
  }

  async connect(options: DriverOptions): Promise<RedisDriver> {
    const driver = this.create(options);
    await driver.connect();
    return driver;
  }

  /** Another client, to look at what the driver wrote and to do what others do. */
  client(url: string, options: RedisOptions = {}): Redis {
    const client = new Redis(url, options);
    client.on('error', () => undefined);
    this.clients.push(client);
    return client;
  }

  /** Stops a server, or a proxy, after the test. */
  keep<T extends { stop(): Promise<void> }>(thing: T): T {
    this.kept.push(thing);
    return thing;
  }

  private async end(): Promise<void> {
    const closing = this.drivers.splice(0).map((driver) => driver.close());
    try {
      await within(Promise.all(closing), CLOSE_MS, 'closing the drivers');
    } finally {
      for (const client of this.clients.splice(0)) closeClient(client);
      for (const thing of this.kept.splice(0).toReversed()) await thing.stop();
    }
  }
}
