import { beforeEach, describe, expect, it } from '@jest/globals';
import { ArrayDriver } from '../../../lib/drivers/array/array.driver.js';
import type { ClaimedJob, QueueConsumer, Settlement } from '../../../lib/drivers/queue-driver.interface.js';
import { InvalidOptionError } from '../../../lib/queue.errors.js';
import { BUCKET_ENDS, percentileOf } from '../../../lib/stats/buckets.js';
import { ageOfOldest } from '../../../lib/stats/oldest-ready.js';
import type { StatisticsOptions } from '../../../lib/stats/queue-statistics.js';
import { bucketOf, Sampler } from '../../../lib/stats/sampler.js';
import { StatisticsReader } from '../../../lib/stats/statistics-reader.js';
import { complete, fail, retry, settle } from '../../contract/scene.js';
import { FakeClock } from '../../support/fake-clock.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe('buckets of time', () => {
  it('end with their upper ends, and the last one has no end', () => {
    expect([-5, 0, 1, 1.5, 2].map(bucketOf)).toEqual([1, 1, 1, 2, 2]);
    expect(bucketOf(HOUR)).toBe(bucketOf(HOUR - 1));
    expect(bucketOf(BUCKET_ENDS.at(-1)! + 1)).toBe(BUCKET_ENDS.length + 1);
    expect(BUCKET_ENDS.toSorted((a, b) => a - b)).toEqual(BUCKET_ENDS);
  });

  it('tell percentiles: their times are spread evenly', () => {
    expect(percentileOf([], 0.5)).toBeNull();
    expect(percentileOf([0, 0], 0.5)).toBeNull();
    // Ten times up to 1 ms, ten times up to 2 ms.
    expect(percentileOf([0, 3], 1 / 3)).toBe(1.333);
    expect([0.25, 0.5, 0.75, 1].map((share) => percentileOf([10, 10], share))).toEqual([0.5, 1, 1.5, 2]);
    const late = BUCKET_ENDS.map(() => 0);
    expect(percentileOf([...late, 1], 0.99)).toBe(BUCKET_ENDS.at(-1));
  });
});

describe('a sample', () => {
  const clock = new FakeClock(1_000_000);
  const job = { id: 'a', body: '', pushedAt: 1_000_000, fence: 1, attempt: 1, crashes: 0, unknownFor: 0 };
  const sampler = new Sampler(clock);
  const times = (sample: number) => ({ run: Math.floor(sample / 64), wait: sample % 64 });

  it('has the run time, and the time from when the job was due until it started', async () => {
    const startedAt = clock.monotonic();
    await clock.advance(0.4);
    // Claimed 80 ms after it was due, and started 20 ms after that.
    const claim = { now: 1_005_080, takenAt: startedAt - 20 };
    expect(times(sampler.sample(job, { delay: 5 }, startedAt, claim))).toEqual({
      run: bucketOf(400),
      wait: bucketOf(100),
    });
    const later = { ...job, attempt: 2 };
    expect(times(sampler.sample(later, {}, startedAt, claim))).toEqual({ run: bucketOf(400), wait: 0 });
    expect(times(sampler.sample({ ...job, crashes: 1 }, {}, startedAt, claim)).wait).toBe(0);
    // An operator put it back 30 ms before it was claimed.
    const back = { ...job, waitsSince: 1_005_050 };
    expect(times(sampler.sample(back, { delay: 5 }, startedAt, claim)).wait).toBe(bucketOf(50));
  });

  it.each([-5, 0, 0.4, 1, 1.2, 149.9, 150.1, 999, 999.5, 1_000, 1_000.5, 40_000, 5e11])(
    'finds the bucket of %d milliseconds',
    (time) => {
      const claim = { now: job.pushedAt, takenAt: 0 };
      const sample = sampler.sample(job, {}, time, claim, 2 * time);
      expect(times(sample)).toEqual({ run: bucketOf(time), wait: bucketOf(time) });
    },
  );

  it('has no time of a job that did not run', () => {
    expect(sampler.sample(job, undefined, 0, { now: 0, takenAt: 0 })).toBe(0);
  });
});

describe('the age of the oldest ready job', () => {
  const ready = (pushedAt: number, isRetried = false, header = 'hJob') => ({ pushedAt, isRetried, header });

  it('counts from when a job was due, and does not trust retried jobs', () => {
    const now = 100_000;
    expect(ageOfOldest({ now, ready: [] })).toBeUndefined();
    expect(ageOfOldest({ now, ready: [ready(20_000, true), ready(60_000), ready(70_000)] })).toBe(40_000);
    expect(ageOfOldest({ now, ready: [ready(20_000, false, 'hJob\t{"m":2,"w":70.5}')] })).toBe(9_500);
    expect(ageOfOldest({ now, ready: [ready(20_000, false, 'hJob\t{"w":')] })).toBe(80_000);
    expect(ageOfOldest({ now, ready: [ready(20_000, true), ready(30_000, true)] })).toBe(70_000);
    expect(ageOfOldest({ now, ready: [{ ...ready(20_000), waitsSince: 99_000 }] })).toBe(1_000);
  });
});

describe('statistics', () => {
  let clock: FakeClock;
  let driver: ArrayDriver;
  let consumer: QueueConsumer;
  const read = (queue?: string, options?: StatisticsOptions) => new StatisticsReader(driver).read(queue, options);
  const work = async (
    queue: string,
    run: number,
    wait: number,
    settlement: (job: ClaimedJob) => Settlement = (job) => complete(job),
  ): Promise<void> => {
    await driver.push(queue, [{ id: `job-${Math.random()}`, body: 'hJob\n', delay: 0 }], false);
    consumer = driver.consume(queue, { lease: 3_600, onLost: () => undefined });
    const { jobs } = await consumer.poll({ settlements: [], limit: 1, recovered: false });
    await settle(consumer, { ...settlement(jobs[0]!), sample: bucketOf(run) * 64 + bucketOf(wait) });
    await consumer.close();
  };

  beforeEach(() => {
    clock = new FakeClock(Date.UTC(2026, 0, 10, 12, 30, 20));
    driver = new ArrayDriver({ statusTtl: 60, clock });
  });

  it('are points of a minute in the last hour, and their sum', async () => {
    await work('mail', 8, 90);
    await work('mail', 8, 90, (job) => fail(job));
    await clock.advance(60);
    await work('mail', 8, 90, (job) => retry(job, { delay: 60 }));
    const { points, total, ...rest } = await read('mail');
    const at = (minute: number) => new Date(Date.UTC(2026, 0, 10, 12, minute));
    expect(rest).toEqual({ from: new Date(at(31).getTime() - HOUR), to: at(32), step: 60, oldestReadyAge: null });
    expect(points).toHaveLength(61);
    const times = { run: expect.objectContaining({ p50: 8.5 }), wait: expect.objectContaining({ p50: 85 }) };
    expect(points.slice(-2)).toEqual([
      { time: at(30), completed: 1, failed: 1, retried: 0, ...times },
      { time: at(31), completed: 0, failed: 0, retried: 1, ...times },
    ]);
    expect(points[0]).toMatchObject({ completed: 0, run: null, wait: null });
    expect(total).toMatchObject({ completed: 1, failed: 1, retried: 1 });
    expect(total.run!.p99).toBeCloseTo(9.97);
  });

  it('are those of one queue, or of all', async () => {
    await work('mail', 8, 90);
    await work('images', 8, 90);
    await driver.push('images', [{ id: 'waits', body: 'hJob\n', delay: 0 }], false);
    await clock.advance(5);
    expect((await read('mail')).total.completed).toBe(1);
    expect(await read()).toMatchObject({ total: { completed: 2 }, oldestReadyAge: 5 });
    expect((await read('none')).total).toEqual({ completed: 0, failed: 0, retried: 0, run: null, wait: null });
  });

  it('are there when no queue has got a job', async () => {
    expect(await read()).toMatchObject({ total: { completed: 0 }, oldestReadyAge: null });
  });

  it('are minutes for 24 hours and hours for 90 days', async () => {
    await work('mail', 8, 90);
    const start = new Date(clock.now() - HOUR);
    await clock.advance(25 * 3_600);
    await work('mail', 8, 90);
    const days = await read('mail', { from: start });
    expect(days).toMatchObject({ step: 3_600, total: { completed: 2 } });
    expect((await driver.stats.read('mail', 'minute', 0, Infinity)).map(({ counters }) => counters[0])).toEqual([1]);
    await clock.advance((90 * DAY) / 1000 - 3_600);
    expect((await driver.stats.read('mail', 'hour', 0, Infinity)).map(({ counters }) => counters[0])).toEqual([1]);
  });

  it.each([
    ['from', { from: new Date('no date') }],
    ['from', { from: new Date(Date.UTC(2027, 0)) }],
    ['to', { to: 5 as never }],
    ['step', { step: 90 }],
    ['step', { step: 0 }],
    ['step', { step: 'soon' as never }],
    ['step', { from: new Date(Date.UTC(2026, 0, 8)), step: '5m' as const }],
    ['step', { from: new Date(Date.UTC(2020, 0)), step: '1h' as const }],
  ])('refuse a wrong %s', async (option, options) => {
    const reading = read('mail', options);
    await expect(reading).rejects.toBeInstanceOf(InvalidOptionError);
    await expect(reading).rejects.toMatchObject({ option });
  });
});
