import type { ConsumerOptions, QueueConsumer, QueueDriver } from '../../lib/drivers/queue-driver.interface.js';

/**
 * What the conformance suite needs of a driver beyond its contract: how one is made, and how time is made to pass.
 *
 * The suite never waits for real time to do something. Time may run by itself all the same, as long as what runs in
 * one test is less than a second.
 */
export interface DriverHarness {
  readonly name: string;
  readonly supports: HarnessAbilities;

  /** Makes a connected driver on an empty storage of its own. */
  create(settings: DriverSettings): Promise<QueueDriver>;

  /** Closes every driver that was made, and what was opened of them. */
  dispose(): Promise<void>;

  /**
   * Lets time pass on the storage's clock. Each consumer of {@link consume} that is not stalled gives its signs of
   * life on the way, as often as its lease asks for: none of them is lost, however far this goes.
   */
  advance(seconds: number): Promise<void>;

  /** `driver.consume()`, but so that the consumer can be stalled. */
  consume(driver: QueueDriver, queue: string, options: ConsumerOptions): QueueConsumer;

  /**
   * The consumer gives no sign of life of its own any more, as if its process were stopped (SIGSTOP). A poll still is
   * one.
   */
  stall(consumer: QueueConsumer): Promise<void>;

  /** The consumer's process goes on (SIGCONT): it makes up for the sign of life it missed. Resolves when that is done. */
  resume(consumer: QueueConsumer): Promise<void>;
}

export interface DriverSettings {
  /** Seconds. */
  readonly statusTtl: number;
}

export interface HarnessAbilities {
  /** Whether `advance` ends the wait of a listener when a delayed job comes due. It always ends one whose time is up. */
  readonly dueWakesListeners: boolean;
}
