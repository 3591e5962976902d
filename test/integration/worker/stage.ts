import type { Redis } from 'ioredis';
import { ArrayDriver } from '../../../lib/drivers/array/array.driver.js';
import { RedisDriver } from '../../../lib/drivers/redis/redis.driver.js';
import { unlimited, type LimitsOf } from '../../../lib/drivers/queue-limits.interface.js';
import type { QueueDriver } from '../../../lib/drivers/queue-driver.interface.js';
import { resolveOptions } from '../../../lib/options/options.resolver.js';
import { systemClock, type Clock } from '../../../lib/support/clock.js';
import { FakeClock } from '../../support/fake-clock.js';
import { useRedis } from '../../support/use-redis.js';

const STATUS_TTL = 3600;

/** A storage for workers under test, and the clock that the storage and the workers use. */
export interface Stage {
  readonly name: string;
  readonly clock: Clock;
  /** Makes the storage empty. */
  prepare(): void;
  /** Opens the storage, as another process does. */
  open(): Promise<QueueDriver>;
  /** Moves the clock if it does not run by itself. */
  pass(seconds: number): Promise<void>;
  /** Closes every driver, and fails the test if a timer is left. */
  close(): Promise<void>;
}

/** The array driver on a clock that stands still. All workers of a test share the driver, as in one process. */
export class ArrayStage implements Stage {
  readonly name = 'array';
  clock = new FakeClock();
  driver: ArrayDriver | undefined;

  constructor(private readonly limits: LimitsOf = unlimited) {}

  prepare(): void {
    this.clock = new FakeClock();
    this.driver = new ArrayDriver({ statusTtl: STATUS_TTL, limits: this.limits, clock: this.clock });
  }

  async open(): Promise<QueueDriver> {
    return this.driver!;
  }

  pass(seconds: number): Promise<void> {
    return this.clock.advance(seconds);
  }

  async close(): Promise<void> {
    const left = this.clock.pending;
    await this.driver!.close();
    if (left > 0) throw new Error(`${left} timers are left of workers that have stopped`);
  }
}

/** Redis on the clock of the machine. Each worker has a driver of its own, as in a process of its own. */
export class RedisStage implements Stage {
  readonly name = 'redis';
  readonly clock = systemClock;
  private readonly drivers: RedisDriver[] = [];

  constructor(
    readonly redis: { readonly url: string; readonly client?: Redis },
    private readonly limits: LimitsOf = unlimited,
  ) {}

  prepare(): void {}

  async open(): Promise<QueueDriver> {
    const options = resolveOptions({ driver: 'redis', redis: { url: this.redis.url } }, {});
    const { limits, clock } = this;
    const driver = new RedisDriver({
      redis: options.redis,
      statusTtl: STATUS_TTL,
      limits,
      clock,
      heartbeatThread: false,
    });
    this.drivers.push(driver);
    await driver.connect();
    return driver;
  }

  async pass(): Promise<void> {}

  async close(): Promise<void> {
    await Promise.all(this.drivers.splice(0).map((driver) => driver.close()));
  }
}

/** The two stages for `describe.each`: a test of behaviour that both storages share runs on both. */
export function bothStages(limits: LimitsOf = unlimited): [string, Stage][] {
  return [new ArrayStage(limits), new RedisStage(useRedis(), limits)].map((stage) => [stage.name, stage]);
}
