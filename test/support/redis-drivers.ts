import { afterEach } from '@jest/globals';
import { Redis, type RedisOptions } from 'ioredis';
import type { LimitsOf } from '../../lib/drivers/queue-limits.interface.js';
import { RedisDriver } from '../../lib/drivers/redis/redis.driver.js';
import { resolveOptions } from '../../lib/options/options.resolver.js';
import type { QueueRedisOptions } from '../../lib/queue.options.js';
import { type MonotonicClock, systemClock } from '../../lib/support/clock.js';
import type { QueueLogger } from '../../lib/support/queue-logger.js';
import { closeClient } from './close-client.js';
import { within } from './deadline.js';

export interface DriverOptions {
  /** The option `redis` of an application. */
  readonly redis: QueueRedisOptions;
  /** Seconds. */
  readonly statusTtl?: number;
  readonly prefix?: string;
  readonly clock?: MonotonicClock;
  readonly logger?: Pick<QueueLogger, 'warn' | 'log'>;
  readonly scriptTime?: string;
  readonly limits?: LimitsOf;
}

/** How long all drivers of a test may take to close, in milliseconds. */
const CLOSE_MS = 6_000;

/**
 * Makes Redis drivers from the options of an application. After each test, or where it is told to, it closes everything that
 * was opened: first drivers, then clients, then servers and proxies.
 */
export class RedisDrivers {
  private readonly drivers: RedisDriver[] = [];
  private readonly clients: Redis[] = [];
  private readonly kept: { stop(): Promise<void> }[] = [];

  constructor(after = afterEach) {
    after(() => this.end());
  }

  /** Makes a driver without connecting it. */
  create({ redis, statusTtl = 3600, prefix, clock = systemClock, ...rest }: DriverOptions): RedisDriver {
    const resolved = resolveOptions({ driver: 'redis', redis, statusTtl, prefix }, {});
    const heartbeatThread = clock === systemClock;
    const driver = new RedisDriver({ ...resolved, clock, logger: undefined, heartbeatThread, ...rest });
    this.drivers.push(driver);
    return driver;
  }

  async connect(options: DriverOptions): Promise<RedisDriver> {
    const driver = this.create(options);
    await driver.connect();
    return driver;
  }

  /** Connects another client, to read the keys of the driver and to act as another process. */
  client(url: string, options: RedisOptions = {}): Redis {
    const client = new Redis(url, options);
    client.on('error', () => undefined);
    this.clients.push(client);
    return client;
  }

  /** Stops a server or a proxy after the test. */
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
