import type { StartLimits } from '../../lib/drivers/queue-limits.interface.js';
import type { QueueRetention } from '../../lib/drivers/queue-retention.interface.js';
import type { ConsumerOptions, QueueConsumer, QueueDriver } from '../../lib/drivers/queue-driver.interface.js';

/**
 * Makes a driver for the conformance suite, and controls its time.
 *
 * The suite never waits for real time. The clock of the storage may run by itself all the same, as long as less than a
 * second passes in one test.
 */
export interface DriverHarness {
  readonly name: string;
  readonly supports: HarnessAbilities;

  /** Makes a connected driver on an empty storage of its own. */
  create(settings: DriverSettings): Promise<QueueDriver>;

  /** Closes every driver that the harness made, with its consumers and listeners. */
  dispose(): Promise<void>;

  /**
   * Moves the clock of the storage. On the way, each consumer of {@link consume} that is not stalled prolongs its lease as
   * often as it has to, so that no consumer is lost, however far the clock moves.
   */
  advance(seconds: number): Promise<void>;

  /** Calls `driver.consume()` so that {@link stall} can stop the consumer. */
  consume(driver: QueueDriver, queue: string, options: ConsumerOptions): QueueConsumer;

  /**
   * Stops the heartbeats of the consumer, as SIGSTOP stops them with its process. Its polls still prolong its lease.
   */
  stall(consumer: QueueConsumer): Promise<void>;

  /** Lets the consumer go on, as SIGCONT does. Resolves when the heartbeat that it missed has been answered. */
  resume(consumer: QueueConsumer): Promise<void>;
}

export interface DriverSettings {
  /** Seconds. */
  readonly statusTtl: number;
  /** The retention of every queue. Default: all ended jobs are kept for the status time. */
  readonly retention?: QueueRetention;
  /** The limits of every queue. Default: none. */
  readonly limits?: StartLimits;
}

export interface HarnessAbilities {
  /**
   * True if `advance` ends the wait of a listener when a delayed job becomes due. It always ends a wait whose time is
   * up.
   */
  readonly dueWakesListeners: boolean;
  /** True if a signal to a consumer may get lost, so that its next sign of life makes up for it. */
  readonly signalsGetLost: boolean;
}
