import type { QueueDriver } from '../drivers/queue-driver.interface.js';
import type { QueueMending } from '../drivers/queue-mending.interface.js';
import { readDelay } from '../job/delay.js';
import type { JobCodec } from '../job/job-codec.js';
import { assertJobId } from '../job/job-id.js';
import { withMarks } from '../job/job-record.js';
import { readPriority } from '../job/priority.js';
import { assertQueueName } from '../job/queue-name.js';
import { PayloadNotSerializableError, QueueBusyError } from '../queue.errors.js';
import type { Clock } from '../support/clock.js';
import { describe } from '../support/describe.js';
import type { Duration } from '../support/duration.js';
import { clearStates } from './clear-states.js';
import { failedJobs } from './failed-jobs.js';
import {
  readClear,
  readFlush,
  readRetryAll,
  type ClearOptions,
  type FlushOptions,
  type RetryAllOptions,
} from './mending-options.js';

/**
 * Changes jobs for an operator:
 *
 * 1. puts failed jobs back: {@link retry}, {@link retryAll};
 * 2. removes jobs: {@link remove}, {@link flush};
 * 3. changes jobs that wait: {@link promote}, {@link reschedule}, {@link setPriority}, {@link setData};
 * 4. empties and removes whole queues: {@link clear}, {@link obliterate}.
 *
 * Everything is checked before anything is changed. Many jobs are changed by slices: if a call rejects, some may be changed, and
 * a second call goes on with the others.
 */
export class JobMender {
  constructor(
    private readonly driver: QueueDriver,
    private readonly codec: JobCodec,
    private readonly clock: Clock,
  ) {}

  /** See `QueueAdmin.retry`. */
  async retry(ids: string | readonly string[]): Promise<number> {
    return this.inQueues(ids, (mending, queue, own) => mending.retry(queue, own));
  }

  /** See `QueueAdmin.retryAll`. */
  async retryAll(queue: string, options: RetryAllOptions = {}): Promise<number> {
    assertQueueName(queue);
    const { filter, limit, to = queue } = readRetryAll(options);
    const { mending } = this.driver;
    let count = 0;
    for await (const found of failedJobs(this.driver, queue, filter)) {
      const ids = found.slice(0, limit - count);
      count += await (to === queue ? mending.retry(queue, ids) : mending.move(queue, ids, to));
      if (count >= limit) break;
    }
    return count;
  }

  /** See `QueueAdmin.remove`. */
  async remove(ids: string | readonly string[]): Promise<number> {
    return this.inQueues(ids, (mending, queue, own) => mending.remove(queue, own));
  }

  /** See `QueueAdmin.flush`. */
  async flush(queue: string, options: FlushOptions = {}): Promise<number> {
    assertQueueName(queue);
    const filter = readFlush(options);
    let count = 0;
    for await (const ids of failedJobs(this.driver, queue, filter)) {
      count += await this.driver.mending.remove(queue, ids, ['failed']);
    }
    return count;
  }

  /** See `QueueAdmin.promote`. */
  async promote(id: string): Promise<boolean> {
    assertJobId(id);
    return this.inQueue(id, (mending, queue) => mending.promote(queue, id));
  }

  /** See `QueueAdmin.reschedule`. */
  async reschedule(id: string, delay: Duration | Date): Promise<boolean> {
    assertJobId(id);
    const seconds = readDelay(delay, this.clock.now());
    return this.inQueue(id, (mending, queue) => mending.reschedule(queue, id, seconds));
  }

  /** See `QueueAdmin.setPriority`. */
  async setPriority(id: string, priority: number): Promise<boolean> {
    assertJobId(id);
    const value = readPriority(priority);
    return this.inQueue(id, (mending, queue) => mending.setPriority(queue, id, value));
  }

  /** See `QueueAdmin.setData`. */
  async setData(id: string, data: unknown): Promise<boolean> {
    assertJobId(id);
    return this.inQueue(id, async (mending, queue) => {
      // Somebody else may change the options of the job meanwhile.
      for (let name: string | undefined; ;) {
        const body = await mending.readWaiting(queue, id);
        if (body === null) return false;
        const record = this.codec.decode(id, body);
        name ??= record.name;
        if (record.name !== name) return false;
        if (record.form === 'instance') assertProperties(name, data);
        const { body: encoded, marks } = this.codec.encode({ ...record, data });
        // The header stays to the letter: options that this version does not know stay, too.
        const header = body.slice(0, body.indexOf('\n'));
        const replacing = withMarks(header, marks) + encoded.slice(encoded.indexOf('\n'));
        if (await mending.replace(queue, id, header, replacing)) return true;
      }
    });
  }

  /** See `QueueAdmin.clear`. */
  async clear(queue: string, options: ClearOptions = {}): Promise<number> {
    assertQueueName(queue);
    const states = readClear(options);
    return states ? clearStates(this.driver, queue, states) : this.driver.clear(queue);
  }

  /** See `QueueAdmin.obliterate`. */
  async obliterate(queue: string): Promise<void> {
    assertQueueName(queue);
    const running = await this.driver.mending.obliterate(queue);
    if (running > 0) throw new QueueBusyError(queue, running);
  }

  /** Changes one job, in the queue that has it. */
  private async inQueue(
    id: string,
    change: (mending: QueueMending, queue: string) => Promise<boolean>,
  ): Promise<boolean> {
    const { mending } = this.driver;
    for (const queue of (await mending.queuesOf([id])).keys()) if (await change(mending, queue)) return true;
    return false;
  }

  /** Changes jobs by their ids, in their queues. */
  private async inQueues(
    ids: string | readonly string[],
    change: (mending: QueueMending, queue: string, ids: readonly string[]) => Promise<number>,
  ): Promise<number> {
    const all = (Array.isArray(ids) ? ids : [ids]) as readonly string[];
    for (const id of all) assertJobId(id);
    const { mending } = this.driver;
    let count = 0;
    for (const [queue, own] of await mending.queuesOf(all)) count += await change(mending, queue, own);
    return count;
  }
}

/** A job that carries its data is made of its properties. @throws PayloadNotSerializableError */
function assertProperties(name: string, data: unknown): void {
  if (typeof data === 'object' && data !== null && !Array.isArray(data)) return;
  const reason = `is ${describe(data)}, but the job carries its data: an object with its properties is expected`;
  throw new PayloadNotSerializableError(name, 'data', reason);
}
