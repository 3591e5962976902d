import { afterEach, beforeEach, expect } from '@jest/globals';
import {
  MAX_PUSH,
  type ClaimedJob,
  type QueueConsumer,
  type QueueDriver,
  type QueueListener,
  type Settlement,
  type PollRequest,
  type PollResult,
} from '../../lib/drivers/queue-driver.interface.js';
import type { DriverHarness } from './driver-harness.js';

export const QUEUE = 'mail';
/** Seconds. */
export const LEASE = 30;
/** Seconds. */
export const STATUS_TTL = 600;

/** A driver for each test of a group, and the words that the tests are written in. */
export class Scene {
  private current: QueueDriver | undefined;

  constructor(
    private readonly harness: DriverHarness,
    statusTtl = STATUS_TTL,
  ) {
    beforeEach(async () => {
      this.current = await harness.create({ statusTtl });
    });
    afterEach(() => harness.dispose());
  }

  get driver(): QueueDriver {
    return this.current!;
  }

  advance(seconds: number): Promise<void> {
    return this.harness.advance(seconds);
  }

  /** Pushes a job for each id, in as many pushes as that takes; its body is `body of <id>`. */
  async push(ids: readonly string[], { queue = QUEUE, delay = 0, unique = false } = {}): Promise<void> {
    const jobs = ids.map((id) => ({ id, body: `body of ${id}`, delay }));
    for (let i = 0; i < jobs.length; i += MAX_PUSH) {
      await this.driver.push(queue, jobs.slice(i, i + MAX_PUSH), unique);
    }
  }

  consume({ queue = QUEUE, lease = LEASE, onLost = () => {} } = {}): QueueConsumer {
    return this.harness.consume(this.driver, queue, { lease, onLost });
  }

  listen(...queues: string[]): QueueListener {
    return this.driver.listen(queues.length > 0 ? queues : [QUEUE]);
  }

  /**
   * Lets the lease of a stalled consumer run out while another one lives. A storage may leave jobs where they are
   * after a time in which nobody gave a sign of life: its own outage looks like that.
   */
  async outlive(stalled: QueueConsumer, alive: QueueConsumer): Promise<void> {
    await this.harness.stall(stalled);
    for (let part = 0; part < 5; part++) {
      await alive.poll(IDLE);
      await this.advance(LEASE / 3);
    }
  }

  /** Claims jobs in a consumer that is then lost: they are recovered from the next poll of `alive` on. */
  async crashWith(count: number, alive: QueueConsumer): Promise<readonly ClaimedJob[]> {
    const consumer = this.consume();
    const jobs = await claim(consumer, count);
    await this.outlive(consumer, alive);
    return jobs;
  }
}

/** A poll that only shows that the consumer lives. */
export const IDLE: PollRequest = { settlements: [], limit: 0, recovered: false };

/** Claims ready jobs. */
export async function claim(consumer: QueueConsumer, limit = 100): Promise<readonly ClaimedJob[]> {
  const { jobs } = await consumer.poll({ settlements: [], limit, recovered: false });
  return jobs;
}

/** Claims a job that has to be there. */
export async function claimOne(consumer: QueueConsumer): Promise<ClaimedJob> {
  const [job] = await claim(consumer, 1);
  if (!job) throw new Error('No job is ready');
  return job;
}

/** Claims jobs, one of them a recovered job where there is one. */
export async function claimRecovered(consumer: QueueConsumer, limit = 1): Promise<readonly ClaimedJob[]> {
  const { jobs } = await consumer.poll({ settlements: [], limit, recovered: true });
  return jobs;
}

/** Settles, and claims nothing. */
export function settle(consumer: QueueConsumer, ...settlements: Settlement[]): Promise<PollResult> {
  return consumer.poll({ settlements, limit: 0, recovered: false });
}

/** Claims and completes until nothing is ready, and gives what it got. */
export async function drain(consumer: QueueConsumer, limit = 100): Promise<ClaimedJob[]> {
  const all: ClaimedJob[] = [];
  for (let jobs = await claim(consumer, limit); jobs.length > 0; jobs = await claim(consumer, limit)) {
    await settle(consumer, ...jobs.map((job) => complete(job)));
    all.push(...jobs);
  }
  return all;
}

export const complete = ({ id, fence }: ClaimedJob): Settlement => ({ kind: 'complete', id, fence });

export const fail = ({ id, fence }: ClaimedJob, error = 'no luck'): Settlement => ({ kind: 'fail', id, fence, error });

export const retry = ({ id, fence }: ClaimedJob, { delay = 0, error = 'no luck' } = {}): Settlement => ({
  kind: 'retry',
  id,
  fence,
  error,
  delay,
});

export const release = ({ id, fence }: ClaimedJob, how: ReleaseWishes = {}): Settlement => ({
  kind: 'release',
  id,
  fence,
  delay: 0,
  position: 'back',
  ...how,
});

type ReleaseWishes = Partial<Pick<Extract<Settlement, { kind: 'release' }>, 'delay' | 'position' | 'unknown'>>;

export function idsOf(jobs: readonly ClaimedJob[]): string[] {
  return jobs.map((job) => job.id);
}

/** Expects a time that is so many seconds away, or a little less: time runs by itself, and storages round. */
export function expectDueIn(milliseconds: number | null, seconds: number): void {
  expect(milliseconds).toBeGreaterThan(seconds * 1000 - 1000);
  expect(milliseconds).toBeLessThanOrEqual(seconds * 1000 + 1);
}

/** Ids that sort as they are numbered. */
export function numbered(count: number, prefix = 'job'): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${String(index).padStart(6, '0')}`);
}
