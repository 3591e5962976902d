import { describe, expect, it } from '@jest/globals';
import type { Settlement } from '../../lib/drivers/queue-driver.interface.js';
import {
  MOST_READY,
  runCounter,
  SAMPLE_BASE,
  STATS_UNITS,
  waitCounter,
  type StatsUnit,
} from '../../lib/drivers/queue-stats.interface.js';
import type { DriverHarness } from './driver-harness.js';
import { complete, fail, numbered, QUEUE, release, retry, Scene } from './scene.js';

const DAY = 24 * STATS_UNITS.hour.length;

/** Adds a sample: a bucket of the run and, if it was a first attempt, a bucket of the wait. */
const sampled = (settlement: Settlement, run: number, wait = 0): Settlement => ({
  ...settlement,
  sample: run * SAMPLE_BASE + wait,
});

export function describeStats(harness: DriverHarness): void {
  describe('statistics', () => {
    const scene = new Scene(harness);
    const stats = () => scene.driver.stats;
    const now = async (): Promise<number> => (await stats().look(QUEUE)).now;

    /** The counters of each period of the last day that has any, by name. */
    const read = async (unit: StatsUnit = 'minute', queue = QUEUE): Promise<Record<string, number>[]> => {
      const time = await now();
      const periods = await stats().read(queue, unit, time - DAY, time + 1);
      return periods.map(({ counters }) => {
        const named = counters.flatMap((count, counter) => (count > 0 ? [[nameOf(counter), count] as const] : []));
        return Object.fromEntries(named);
      });
    };

    it('count completed, failed and retried attempts, and their times by buckets', async () => {
      await scene.push(['a', 'b', 'c', 'd']);
      const consumer = scene.consume();
      const [a, b, c, d] = await consumer.claim();
      await consumer.settle(sampled(complete(a!), 3, 1), sampled(retry(c!, { delay: 5 }), 3, 2));
      await consumer.settle(sampled(complete(b!), 49, 1), sampled(fail(d!), 1));
      const expected = [{ completed: 2, failed: 1, retried: 1, run1: 1, run3: 2, run49: 1, wait1: 2, wait2: 1 }];
      expect(await read('minute')).toEqual(expected);
      expect(await read('hour')).toEqual(expected);
      expect(await read('minute', 'other')).toEqual([]);
    });

    it('count no settlement without a sample, and no release', async () => {
      await scene.push(['a', 'b', 'c']);
      const consumer = scene.consume();
      const [a, b, c] = await consumer.claim();
      await consumer.settle(complete(a!), sampled(release(b!), 3, 1), fail(c!));
      expect(await read()).toEqual([]);
    });

    it('count an attempt that did not run, without times', async () => {
      await scene.push(['a']);
      const consumer = scene.consume();
      await consumer.settle(sampled(fail(await consumer.claimOne()), 0));
      expect(await read()).toEqual([{ failed: 1 }]);
    });

    it('count no refused settlement', async () => {
      await scene.push(['a', 'b', 'c', 'd', 'e']);
      const consumer = scene.consume();
      const [a, b, c, d, e] = await consumer.claim();
      const late = { fence: 1 };
      const { refused } = await consumer.settle(
        sampled(complete(a!), 3, 1),
        { ...sampled(complete(b!), 4, 2), ...late },
        sampled(complete(e!), 5),
        { ...sampled(retry(c!), 6, 3), ...late },
        sampled(fail(d!), 7),
      );
      expect(refused.toSorted()).toEqual(['b', 'c']);
      expect(await read()).toEqual([{ completed: 2, failed: 1, run3: 1, run5: 1, run7: 1, wait1: 1 }]);
      await consumer.settle({ ...sampled(complete(b!), 4, 2), ...late });
      expect(await read()).toEqual([{ completed: 2, failed: 1, run3: 1, run5: 1, run7: 1, wait1: 1 }]);
    });

    it('count by minutes and by hours, whatever minute the last one was', async () => {
      await scene.push(numbered(6));
      const consumer = scene.consume({ lease: 7_200 });
      const settleOne = async (): Promise<void> => {
        await consumer.settle(sampled(complete(await consumer.claimOne()), 1));
      };
      await settleOne();
      const first = await now();
      await scene.advance(60);
      await settleOne();
      await settleOne();
      const counted = (count: number) => ({ completed: count, run1: count });
      expect(await read('minute')).toEqual([counted(1), counted(2)]);
      expect(await read('hour')).toEqual([counted(3)]);
      await scene.advance(3_600);
      expect(await read('hour')).toEqual([counted(3)]);
      await settleOne();
      expect(await read('minute')).toEqual([counted(1), counted(2), counted(1)]);
      expect(await read('hour')).toEqual([counted(3), counted(1)]);
      await scene.advance(7_200);
      await settleOne();
      expect(await read('hour')).toEqual([counted(3), counted(1), counted(1)]);
      const { length } = STATS_UNITS.minute;
      const start = Math.floor(first / length) * length;
      const secondMinute = await stats().read(QUEUE, 'minute', start + length, start + 2 * length);
      expect(secondMinute.map((period) => period.start)).toEqual([start + length]);
    });

    it('tell the first ready jobs', async () => {
      await scene.driver.push(QUEUE, [{ id: 'a', body: 'hJob\t{"w":5}\n{"secret":1}', delay: 0 }], false);
      const pushedAt = await now();
      await scene.push(numbered(MOST_READY + 5));
      await scene.push(['later'], { delay: 60 });
      const { ready } = await stats().look(QUEUE);
      expect(ready).toHaveLength(MOST_READY);
      expect(ready[0]).toEqual({ pushedAt: expect.any(Number), header: 'hJob\t{"w":5}', isRetried: false });
      expect(Math.abs(ready[0]!.pushedAt - pushedAt)).toBeLessThan(1_000);
      const consumer = scene.consume();
      await consumer.retry(await consumer.claimOne());
      await consumer.drain(MOST_READY + 5 - 1);
      expect((await stats().look(QUEUE)).ready).toEqual([]);
      expect((await stats().look('other')).ready).toEqual([]);
    });

    it('tell of the first jobs that wait behind many that were cancelled, or pushed again since', async () => {
      const ids = numbered(1_200);
      await scene.push(ids, { unique: true });
      await scene.advance(60);
      const pushedAt = await now();
      await scene.push(['a', 'b'], { unique: true });
      expect((await scene.driver.cancellations.cancelSome(QUEUE, ids, pushedAt - 30_000)).ended).toHaveLength(1_200);
      const [again] = ids;
      await scene.driver.mending.remove(QUEUE, [again!]);
      await scene.push([again!], { unique: true });
      const { ready } = await stats().look(QUEUE);
      expect(ready.map(({ header }) => header)).toEqual(['a', 'b', again].map((id) => `body of ${id}`));
      for (const job of ready) expect(job.pushedAt).toBeGreaterThanOrEqual(pushedAt);
    });

    it('tell of ready jobs whether they were tried before, or recovered', async () => {
      await scene.push(['a', 'b', 'c']);
      const consumer = scene.consume();
      await scene.crashWith(1, consumer);
      await consumer.poll();
      const job = await consumer.claimOne();
      await consumer.retry(job);
      const { ready } = await stats().look(QUEUE);
      expect(ready.map(({ header, isRetried }) => [header, isRetried])).toEqual([
        ['body of c', false],
        ['body of b', true],
        ['body of a', true],
      ]);
    });

    it('refuse calls after the driver was closed', async () => {
      await scene.driver.close();
      await expect(stats().look(QUEUE)).rejects.toThrow('closed');
      await expect(stats().read(QUEUE, 'hour', 0, 1)).rejects.toThrow('closed');
    });
  });
}

function nameOf(counter: number): string {
  const first = runCounter(1);
  if (counter < first) return ['completed', 'failed', 'retried'][counter]!;
  const isRun = (counter - first) % 2 === 0;
  const bucket = Math.floor((counter - first) / 2) + 1;
  return (isRun ? runCounter(bucket) : waitCounter(bucket)) === counter ? `${isRun ? 'run' : 'wait'}${bucket}` : '?';
}
