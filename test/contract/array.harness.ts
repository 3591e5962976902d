import { ArrayDriver } from '../../lib/drivers/array/array.driver.js';
import type { ConsumerOptions, QueueConsumer, QueueDriver } from '../../lib/drivers/queue-driver.interface.js';
import type { MonotonicClock } from '../../lib/support/clock.js';
import { FakeClock } from '../support/fake-clock.js';
import { StallableClock } from '../support/stallable-clock.js';
import type { DriverHarness, DriverSettings } from './driver-harness.js';

/** The array driver on a clock that stands still. Each consumer has its own clock that can be stalled. */
export class ArrayHarness implements DriverHarness {
  readonly name = 'array';
  readonly supports = { dueWakesListeners: true, signalsGetLost: false };
  private clock = new FakeClock();
  private readonly drivers: StallableDriver[] = [];

  async create({ statusTtl, retention, limits }: DriverSettings): Promise<QueueDriver> {
    const kept = retention && { retention: () => retention };
    const limited = limits && { limits: () => limits };
    const driver = new StallableDriver({ statusTtl, ...kept, ...limited, clock: this.clock });
    this.drivers.push(driver);
    await driver.connect();
    return driver;
  }

  async dispose(): Promise<void> {
    for (const driver of this.drivers.splice(0)) await driver.close();
    if (this.clock.pending > 0) throw new Error(`${this.clock.pending} timers are left of a closed driver`);
    this.clock = new FakeClock();
  }

  advance(seconds: number): Promise<void> {
    return this.clock.advance(seconds);
  }

  consume(driver: QueueDriver, queue: string, options: ConsumerOptions): QueueConsumer {
    return driver.consume(queue, options);
  }

  async stall(consumer: QueueConsumer): Promise<void> {
    this.clockOf(consumer).stall();
  }

  async resume(consumer: QueueConsumer): Promise<void> {
    this.clockOf(consumer).resume();
  }

  private clockOf(consumer: QueueConsumer): StallableClock {
    for (const driver of this.drivers) {
      const clock = driver.clocks.get(consumer);
      if (clock) return clock;
    }
    throw new Error('The consumer was not made by this harness');
  }
}

class StallableDriver extends ArrayDriver {
  readonly clocks = new Map<QueueConsumer, StallableClock>();

  protected override openConsumer(queue: string, options: ConsumerOptions, clock: MonotonicClock): QueueConsumer {
    const stallable = new StallableClock(clock);
    const consumer = super.openConsumer(queue, options, stallable);
    this.clocks.set(consumer, stallable);
    return consumer;
  }
}
