import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ArrayDriver } from '../../../lib/drivers/array/array.driver.js';
import type { QueueDriver } from '../../../lib/drivers/queue-driver.interface.js';
import { shareOfLimits, sumOfShares } from '../../../lib/options/limit-shares.js';
import type { PartitionCount } from '../../../lib/partitions/partition-map.js';
import { PartitionedDriver } from '../../../lib/partitions/partitioned.driver.js';
import { pushToPartitions } from '../../../lib/partitions/partitioned-push.js';
import { QueueConnectionError, UnknownOutcomeError } from '../../../lib/queue.errors.js';
import { numbered } from '../../contract/scene.js';
import { FakeClock } from '../../support/fake-clock.js';

const QUEUE = 'events';

describe('the number of partitions', () => {
  let storage: QueueDriver;

  beforeEach(() => void (storage = new ArrayDriver({ statusTtl: 60, clock: new FakeClock() })));
  afterEach(() => storage.close());

  const open = (count: PartitionCount): PartitionedDriver => new PartitionedDriver(storage, () => count);
  const push = (driver: QueueDriver, ids: readonly string[]) =>
    driver.push(
      QUEUE,
      ids.map((id) => ({ id, body: 'hJob\n', delay: 0, name: 'Job' })),
      true,
    );

  it('may grow: jobs that wait stay where they are, and are known', async () => {
    const [before, after] = [open(2), open(8)];
    const ids = numbered(50);
    await storage.push(QUEUE, [{ id: 'older', body: 'hJob\n', delay: 0 }], false);
    await push(before, ids);
    expect(await after.counts(QUEUE)).toMatchObject({ ready: 51 });
    expect(await push(after, ids)).toHaveLength(50);
    expect(await after.cancellations.cancel(ids[7]!)).toBe('cancelled');
    expect((await after.getStatus(ids[8]!))!.queue).toBe(QUEUE);
    await push(after, numbered(50, 'later'));
    expect(await after.counts(QUEUE)).toMatchObject({ ready: 100 });
    expect(await storage.queues()).toHaveLength(8);
  });

  it('may shrink, and what is beyond it belongs to the queue', async () => {
    await push(open(8), numbered(50));
    const after = open(1);
    expect(await after.counts(QUEUE)).toMatchObject({ ready: 50 });
    expect(after.partitions.of(QUEUE)).toHaveLength(8);
    await push(after, numbered(20, 'later'));
    expect(await storage.counts(QUEUE)).toMatchObject({ ready: expect.any(Number) });
    expect(await after.clear(QUEUE)).toBe(70);
  });

  it('is found in the storage, if the options say so', async () => {
    const looking = open('stored');
    await push(looking, ['a']);
    expect(await storage.queues()).toEqual([QUEUE]);
    await push(open(8), numbered(50));
    expect(await looking.counts(QUEUE)).toMatchObject({ ready: 51 });
    const ids = numbered(50, 'later');
    await push(looking, ids);
    expect(await push(open(8), ids)).toHaveLength(50);
    expect(looking.partitions.numberOf(QUEUE)).toBe(8);
  });

  it('does not matter to a queue without the option', async () => {
    const driver = new PartitionedDriver(storage, (queue) => (queue === QUEUE ? 4 : undefined));
    await driver.push('mail', [{ id: 'a', body: 'hJob\n', delay: 0 }], false);
    expect(driver.partitions.of('mail')).toEqual(['mail']);
    expect(await driver.queues()).toEqual(['mail']);
  });
});

describe('a push to several partitions', () => {
  const jobs = numbered(40).map((id) => ({ id, body: '', delay: 0 }));

  /** Pushes to a storage that fails for some of the stored queues. */
  async function pushWith(fails: (stored: string) => Error | undefined): Promise<unknown> {
    const storage = {
      name: 'failing',
      queues: async () => [],
      push: async (stored: string) => {
        const error = fails(stored);
        if (error) throw error;
      },
    } as unknown as QueueDriver;
    const map = new PartitionedDriver(storage, () => 4).partitions;
    return pushToPartitions(storage, map, QUEUE, jobs, false).catch((error: unknown) => error);
  }

  it('tells that nothing was stored if no partition has stored any', async () => {
    const error = new QueueConnectionError('away');
    expect(await pushWith(() => error)).toBe(error);
  });

  it('tells which jobs may be stored or not if some are', async () => {
    const cause = new QueueConnectionError('away');
    const error = (await pushWith((stored) => (stored === QUEUE ? cause : undefined))) as UnknownOutcomeError;
    expect(error).toBeInstanceOf(UnknownOutcomeError);
    expect(error.allIds).toEqual(jobs.map(({ id }) => id));
    expect(error.jobIds.length).toBeGreaterThan(0);
    expect(error.jobIds.length).toBeLessThan(20);
    expect(error.cause).toBe(cause);
  });

  it('tells it too if that is not known of some', async () => {
    const ofAll = await pushWith((stored) =>
      stored === QUEUE ? new UnknownOutcomeError(['x'], { cause: 'late' }) : new QueueConnectionError('away'),
    );
    expect(ofAll).toMatchObject({ jobIds: expect.arrayContaining([jobs[0]!.id]), cause: 'late' });
    expect((ofAll as UnknownOutcomeError).jobIds).toHaveLength(40);
  });
});

describe('the shares of partitions in a limit', () => {
  it.each([1, 3, 8])('are whole numbers, of %d partitions together the limit', (count) => {
    const limits = { concurrency: 11, rateLimit: { max: 20, per: 2 }, groups: { concurrency: 1 } };
    const shares = Array.from({ length: count }, (_, index) => shareOfLimits(limits, index, count));
    expect(sumOfShares(shares)).toEqual(limits);
    for (const { concurrency, rateLimit } of shares) {
      expect([Math.floor(11 / count), Math.ceil(11 / count)]).toContain(concurrency);
      expect([Math.floor(20 / count), Math.ceil(20 / count)]).toContain(rateLimit.max);
    }
  });

  it('are the least one for what is left of a larger number', () => {
    expect(shareOfLimits({ concurrency: 8 }, 5, 4)).toEqual({ concurrency: 1 });
    expect(shareOfLimits({}, 5, 4)).toEqual({});
  });
});
