import { RedisDriver } from '../../lib/drivers/redis/redis.driver.js';
import type { ConsumerOptions, QueueConsumer, QueueDriver } from '../../lib/drivers/queue-driver.interface.js';
import type { StorageObserver } from '../../lib/drivers/storage-observer.interface.js';
import { FakeClock } from '../support/fake-clock.js';
import { passTime, SCRIPT_TIME, setClock } from '../support/redis-clock.js';
import type { UsedRedis } from '../support/use-redis.js';
import type { DriverHarness, DriverSettings } from './driver-harness.js';

/** A driver with its own clock: for the storage it is a process. */
interface Process {
  readonly driver: RedisDriver;
  readonly clock: FakeClock;
  readonly settings: DriverSettings;
  /** Seconds between two heartbeats while the process holds jobs. */
  beat: number;
  stalled: boolean;
}

/**
 * The Redis driver on a real server whose scripts read the time from a key. Each consumer has its own driver, so that
 * its clock can be stopped.
 */
export class RedisHarness implements DriverHarness {
  readonly name = 'redis';
  readonly supports = { dueWakesListeners: false, signalsGetLost: true };
  private now = Date.UTC(2026, 0, 1);
  private processes: Process[] = [];
  private readonly owners = new Map<QueueConsumer, Process>();

  constructor(
    private readonly redis: UsedRedis,
    private readonly prefix = '',
  ) {}

  async create(settings: DriverSettings): Promise<QueueDriver> {
    await this.writeTime();
    const { driver } = this.open(settings);
    await driver.connect();
    return driver;
  }

  async dispose(): Promise<void> {
    await Promise.all(this.processes.map(({ driver }) => driver.close()));
    this.processes = [];
    this.owners.clear();
  }

  async advance(seconds: number): Promise<void> {
    for (let left = seconds; left > 0;) {
      const beats = this.processes.filter((process) => !process.stalled).map((process) => process.beat);
      const part = Math.min(left, ...beats);
      await this.passTime(Math.round(part * 1000));
      for (const process of this.processes) {
        if (!process.stalled) await this.catchUp(process);
      }
      left = Number((left - part).toFixed(3));
    }
  }

  consume(driver: QueueDriver, queue: string, options: ConsumerOptions): QueueConsumer {
    const { settings } = this.processes.find((process) => process.driver === driver)!;
    const process = this.open(settings, driver as RedisDriver);
    process.beat = options.lease / 3;
    const consumer = process.driver.consume(queue, options);
    this.owners.set(consumer, process);
    return consumer;
  }

  async stall(consumer: QueueConsumer): Promise<void> {
    this.owners.get(consumer)!.stalled = true;
  }

  async resume(consumer: QueueConsumer): Promise<void> {
    const process = this.owners.get(consumer)!;
    process.stalled = false;
    await this.catchUp(process);
  }

  private open(settings: DriverSettings, parent?: RedisDriver): Process {
    const clock = new FakeClock(this.now);
    const { host, port, database, username, password } = this.redis;
    const driver = new FamilyDriver({
      redis: {
        client: undefined,
        cluster: undefined,
        clusterOptions: {},
        connection: { host, port, db: database, username, password },
        whenAway: 'fail',
        connectDeadline: 10,
        requestDeadline: 10,
      },
      prefix: this.prefix,
      statusTtl: settings.statusTtl,
      ...(settings.retention && { retention: () => settings.retention! }),
      ...(settings.limits && { limits: () => settings.limits! }),
      clock,
      scriptTime: SCRIPT_TIME,
      heartbeatThread: false,
    });
    if (parent instanceof FamilyDriver) parent.adopt(driver);
    const process: Process = { driver, clock, settings, beat: Infinity, stalled: false };
    this.processes.push(process);
    return process;
  }

  /** Fires the timers of the process, and waits until Redis has answered the commands that they sent. */
  private async catchUp({ driver, clock }: Process): Promise<void> {
    await clock.advance((this.now - clock.now()) / 1000);
    await driver.ping();
  }

  private async passTime(milliseconds: number): Promise<void> {
    this.now += milliseconds;
    await passTime(this.redis.client, milliseconds, this.now);
  }

  private async writeTime(): Promise<void> {
    await setClock(this.redis.client, this.now);
  }
}

/** Closes the drivers of its consumers together with itself, and shares its observer with them. */
class FamilyDriver extends RedisDriver {
  private readonly children: RedisDriver[] = [];
  private own: StorageObserver | undefined;

  adopt(child: RedisDriver): void {
    this.children.push(child);
    if (this.own) child.observe(this.own);
  }

  override observe(observer: StorageObserver): void {
    this.own = observer;
    for (const each of this.children) each.observe(observer);
    super.observe(observer);
  }

  override async close(): Promise<void> {
    await Promise.all(this.children.map((child) => child.close()));
    await super.close();
  }
}
