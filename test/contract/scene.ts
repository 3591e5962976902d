import { afterEach, beforeEach, expect } from '@jest/globals';
import {
  MAX_PUSH,
  type ClaimedJob,
  type ConsumerOptions,
  type QueueConsumer,
  type QueueDriver,
  type QueueListener,
  type Settlement,
  type PollRequest,
  type PollResult,
} from '../../lib/drivers/queue-driver.interface.js';
import type { StartLimits } from '../../lib/drivers/queue-limits.interface.js';
import type { QueueRetention } from '../../lib/drivers/queue-retention.interface.js';
import type { DriverHarness } from './driver-harness.js';
import { TestConsumer } from './test-consumer.js';

export * from './settlements.js';
export * as settlement from './settlements.js';
export { TestConsumer } from './test-consumer.js';

export const QUEUE = 'mail';
/** Seconds. */
export const LEASE = 30;
/** Seconds. */
export const STATUS_TTL = 600;

/** Makes a driver for each test of a group, and gives the tests short methods for its use. */
export class Scene {
  private current: QueueDriver | undefined;

  constructor(
    private readonly harness: DriverHarness,
    statusTtl = STATUS_TTL,
    retention?: QueueRetention,
    limits?: StartLimits,
  ) {
    beforeEach(async () => {
      this.current = await harness.create({ statusTtl, retention, limits });
    });
    afterEach(() => harness.dispose());
  }

  get driver(): QueueDriver {
    return this.current!;
  }

  advance(seconds: number): Promise<void> {
    return this.harness.advance(seconds);
  }

  /** Pushes a job for each id, in as few pushes as the limits allow; its body is `body of <id>`. */
  async push(ids: readonly string[], { queue = QUEUE, delay = 0, unique = false } = {}): Promise<void> {
    const jobs = ids.map((id) => ({ id, body: `body of ${id}`, delay }));
    for (let i = 0; i < jobs.length; i += MAX_PUSH) {
      await this.driver.push(queue, jobs.slice(i, i + MAX_PUSH), unique);
    }
  }

  consume({
    queue = QUEUE,
    lease = LEASE,
    onLost = () => {},
    onSignal = () => {},
  }: Partial<ConsumerOptions> & { readonly queue?: string } = {}): TestConsumer {
    return new TestConsumer(this.harness.consume(this.driver, queue, { lease, onLost, onSignal }));
  }

  listen(...queues: string[]): QueueListener {
    return this.driver.listen(queues.length > 0 ? queues : [QUEUE]);
  }

  /** Stops the consumer, as SIGSTOP stops its process: only its polls prolong its lease from now on. */
  stall(consumer: TestConsumer): Promise<void> {
    return this.harness.stall(consumer.inner);
  }

  /** Lets a stalled consumer go on, as SIGCONT does. It prolongs its lease at once. */
  resume(consumer: TestConsumer): Promise<void> {
    return this.harness.resume(consumer.inner);
  }

  /**
   * Lets the lease of a stalled consumer run out while another consumer polls. Without those polls the storage would not
   * recover the jobs: a time in which no consumer polls looks like an outage of the storage itself.
   */
  async outlive(stalled: TestConsumer, alive: TestConsumer): Promise<void> {
    await this.stall(stalled);
    for (let part = 0; part < 5; part++) {
      await alive.poll();
      await this.advance(LEASE / 3);
    }
  }

  /** Claims jobs in a consumer, and loses it: the next poll of `alive` recovers the jobs. */
  async crashWith(count: number, alive: TestConsumer): Promise<readonly ClaimedJob[]> {
    const consumer = this.consume();
    const jobs = await consumer.claim(count);
    await this.outlive(consumer, alive);
    return jobs;
  }
}

/** A poll that only prolongs the lease. */
export const IDLE: PollRequest = { settlements: [], limit: 0, recovered: false };

// The methods of `TestConsumer`, for tests that open their own consumers.

export function claim(consumer: QueueConsumer, limit?: number): Promise<readonly ClaimedJob[]> {
  return new TestConsumer(consumer).claim(limit);
}

export function claimOne(consumer: QueueConsumer): Promise<ClaimedJob> {
  return new TestConsumer(consumer).claimOne();
}

export function claimRecovered(consumer: QueueConsumer, limit?: number): Promise<readonly ClaimedJob[]> {
  return new TestConsumer(consumer).claimRecovered(limit);
}

export function settle(consumer: QueueConsumer, ...settlements: Settlement[]): Promise<PollResult> {
  return new TestConsumer(consumer).settle(...settlements);
}

export function drain(consumer: QueueConsumer, limit?: number): Promise<ClaimedJob[]> {
  return new TestConsumer(consumer).drain(limit);
}

export function idsOf(jobs: readonly ClaimedJob[]): string[] {
  return jobs.map((job) => job.id);
}

/** Expects a time that is so many seconds away, or a little less: the clock runs by itself, and storages round. */
export function expectDueIn(milliseconds: number | null, seconds: number): void {
  expect(milliseconds).toBeGreaterThan(seconds * 1000 - 1000);
  expect(milliseconds).toBeLessThanOrEqual(seconds * 1000 + 1);
}

/** Makes ids that sort as they are numbered. */
export function numbered(count: number, prefix = 'job'): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${String(index).padStart(6, '0')}`);
}
