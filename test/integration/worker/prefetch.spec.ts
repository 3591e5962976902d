import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { NewJob, QueueDriver, Settlement, PollResult } from '../../../lib/drivers/queue-driver.interface.js';
import type { Worker } from '../../../lib/worker/worker.js';
import { eventually } from '../../support/eventually.js';
import { FakeClock } from '../../support/fake-clock.js';
import { Gauge } from '../../support/gauge.js';
import { newJob } from '../../support/jobs.js';
import { NOTHING } from '../../support/poll-result.js';
import { quiet } from '../../support/quiet.js';
import { tapped } from '../../support/tapped-driver.js';
import { QUEUE, WorkerScene, type TestWorkerOptions } from './scene.js';
import { bothStages } from './stage.js';

const REQUEUE_AFTER = 0.05;

function withPriority(job: NewJob, priority: number): NewJob {
  return { ...job, traits: { priority } };
}

describe.each(bothStages())('a worker with a prefetch window on %s', (_name, stage) => {
  const scene = new WorkerScene(stage);
  let gauge: Gauge;
  let started: unknown[];
  /** The clock of the worker. While it stands still, each job takes no time. */
  let clock: FakeClock;
  let held: Set<string>;
  let mostHeld: number;
  let settled: Settlement[];
  /** The reply to each poll in place of the reply of the storage, if it is set. */
  let answer: PollResult | undefined;

  beforeEach(() => {
    gauge = new Gauge();
    started = [];
    held = new Set();
    mostHeld = 0;
    settled = [];
    answer = undefined;
    clock = stage.clock instanceof FakeClock ? stage.clock : new FakeClock();
    scene.define({
      Quick: { handle: (label) => void started.push(label) },
      Gated: {
        handle: (label) => {
          started.push(label);
          return gauge.run(label);
        },
      },
    });
  });
  afterEach(() => gauge.endAll());

  /** Makes a worker, and records the jobs that it holds and the settlements that it sends. */
  const worker = (options: TestWorkerOptions['worker']): Promise<Worker> =>
    scene.worker({
      worker: options,
      clock,
      wrap: (driver) =>
        tapped(driver, async ({ request, send }) => {
          settled.push(...request.settlements);
          if (answer) return answer;
          const result = await send();
          for (const { id } of request.settlements) held.delete(id);
          for (const { id } of result.jobs) held.add(id);
          mostHeld = Math.max(mostHeld, held.size);
          return result;
        }),
    });
  const requeued = (): Settlement[] => settled.filter(({ kind }) => kind === 'release');
  const counts = () => scene.driver.counts(QUEUE);
  const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

  it('holds more jobs than its concurrency while jobs are quick, and runs them in their order', async () => {
    await scene.pushMany(400, 'Quick');
    await (await worker({ concurrency: 1 })).run({ stopWhenEmpty: true });
    expect(started).toEqual(upTo(400));
    expect(mostHeld).toBeGreaterThan(10);
    expect(mostHeld).toBeLessThanOrEqual(1 + 600);
    expect(await counts()).toMatchObject({ ready: 0, reserved: 0 });
  });

  it('holds at most concurrency plus prefetch jobs', async () => {
    await scene.pushMany(400, 'Quick');
    await (await worker({ concurrency: 2, prefetch: 20 })).run({ stopWhenEmpty: true });
    expect(mostHeld).toBeGreaterThan(2);
    expect(mostHeld).toBeLessThanOrEqual(22);
  });

  it('claims half of the slots at a time in a queue with priorities, also if two replies come together', async () => {
    const limits: number[] = [];
    let first: (() => void) | undefined;
    const together = async (): Promise<void> => {
      if (first) return first();
      await Promise.race([new Promise<void>((resolve) => (first = resolve)), quiet()]);
      first = undefined;
    };
    const working = await scene.worker({
      worker: { concurrency: 64 },
      clock,
      wrap: (driver) =>
        tapped(driver, async ({ request, send }) => {
          const result = await send();
          if (result.jobs.length > 0) limits.push(request.limit);
          await together();
          return result;
        }),
    });
    const jobs = upTo(1_500).map((number) => withPriority(newJob('Quick', number), number % 3));
    await scene.driver.push(QUEUE, jobs, true);
    expect(await working.run({ stopWhenEmpty: true })).toBe('empty');
    expect(started).toHaveLength(1_500);
    // The first claims find out that the jobs are quick.
    expect(limits.filter((limit) => limit === 32).length).toBeGreaterThan(20);
    expect(limits.filter((limit) => limit < 32)).toEqual([]);
  });

  it('holds at most as many jobs as its concurrency with prefetch: 0', async () => {
    await scene.pushMany(400, 'Quick');
    await (await worker({ concurrency: 3, prefetch: 0 })).run({ stopWhenEmpty: true });
    expect(started).toHaveLength(400);
    expect(mostHeld).toBe(3);
  });

  it('holds at most as many jobs as its concurrency while jobs are slow', async () => {
    await scene.pushMany(20, 'Gated');
    const run = (await worker({ concurrency: 4 })).run({ stopWhenEmpty: true });
    for (let round = 0; round < 5; round++) {
      await gauge.runs(4);
      await clock.advance(0.01);
      gauge.endAll();
    }
    expect(await run).toBe('empty');
    expect(mostHeld).toBe(4);
  });

  it('keeps the strict order of its queues', async () => {
    await scene.pushMany(200, 'Quick', 'low');
    scene.define({ Pusher: { handle: () => scene.pushMany(200, 'Quick', 'high') } });
    await scene.push('Pusher', undefined, { queue: 'low' });
    const run = (await worker({ concurrency: 2, queues: ['high', 'low'] })).run({ stopWhenEmpty: true });
    expect(await run).toBe('empty');
    expect(started).toEqual([...upTo(200), ...upTo(200)]);
  });

  describe('when slow jobs follow quick jobs', () => {
    const QUICK = 300;
    const GATED = 300;
    let working: Worker;
    let run: Promise<string>;

    const begin = async (options: TestWorkerOptions['worker']): Promise<void> => {
      await scene.pushMany(QUICK, 'Quick');
      await scene.pushMany(GATED, 'Gated');
      working = await worker({ concurrency: 4, ...options });
      run = working.run({ stopWhenEmpty: true });
      await gauge.runs(4);
      await eventually(async () => expect((await counts()).reserved).toBeGreaterThan(4));
    };

    it('requeues prefetched jobs after 50 ms, in their order and without counting an attempt', async () => {
      await begin({});
      // A poll may still be under way and bring more jobs.
      await eventually(async () => {
        await clock.advance(REQUEUE_AFTER);
        expect(await counts()).toMatchObject({ reserved: 4, ready: GATED - 4 });
      });
      expect(requeued()).toEqual(requeued().map(() => expect.objectContaining({ delay: 0, position: 'front' })));
      const others = scene.driver.consume(QUEUE, { lease: 30, onLost: () => {} });
      const { jobs } = await others.poll({ settlements: [], limit: GATED, recovered: false });
      expect(jobs.map(({ attempt }) => attempt)).toEqual(jobs.map(() => 1));
      expect(jobs.map(({ id }) => id)).toEqual(jobs.map(({ id }) => id).toSorted(byNumber));
      await others.close();
      gauge.endAll();
      await working.stop();
      expect(started.slice(QUICK)).toEqual(upTo(4));
    });

    it('runs all jobs in their order after it requeued some', async () => {
      await begin({});
      await clock.advance(REQUEUE_AFTER);
      for (let ended = 0; ended < GATED; ended += 4) {
        await gauge.runs(4);
        await clock.advance(0.01);
        gauge.endAll();
      }
      expect(await run).toBe('empty');
      expect(started).toEqual([...upTo(QUICK), ...upTo(GATED)]);
    });

    it('requeues prefetched jobs at once when it is stopped', async () => {
      await begin({});
      const stop = working.stop({ timeout: 60 });
      await eventually(async () => expect(await counts()).toMatchObject({ reserved: 4, ready: GATED - 4 }));
      gauge.endAll();
      await stop;
      expect(await run).toBe('stopped');
      expect(started).toHaveLength(QUICK + 4);
      expect(await counts()).toMatchObject({ reserved: 0, ready: GATED - 4 });
    });

    it('runs no prefetched job after its lease was lost', async () => {
      // With a window this small, one poll is under way at a time, under one lease.
      await begin({ prefetch: 20 });
      await quiet();
      answer = { ...NOTHING, lost: true };
      // One more job may start before the worker polls.
      gauge.end();
      await eventually(() => expect(scene.logger.of('warn')).toContainEqual(expect.stringContaining('was lost')));
      answer = NOTHING;
      gauge.endAll();
      await quiet();
      expect(gauge.running).toEqual([]);
      expect(started).toHaveLength(QUICK + 5);
      await working.stop();
    });
  });

  it('keeps the order of jobs that are quick, then slow, then quick again', async () => {
    scene.define({
      Mixed: {
        handle: async (label) => {
          started.push(label);
          if (Number(label) > 600 && Number(label) <= 604) await gauge.run(label);
        },
      },
    });
    await scene.pushMany(3_000, 'Mixed');
    const run = (await worker({ concurrency: 4 })).run({ stopWhenEmpty: true });
    await gauge.runs(4);
    await eventually(async () => {
      await clock.advance(REQUEUE_AFTER);
      expect(requeued().length).toBeGreaterThan(0);
    });
    gauge.endAll();
    expect(await run).toBe('empty');
    expect(started).toEqual(upTo(3_000));
    expect(await counts()).toMatchObject({ ready: 0, reserved: 0 });
  });

  it.each([
    [1, 20],
    [2, 600],
  ])('sends at most %i polls at a time with a prefetch of %i', async (expected, prefetch) => {
    await scene.pushMany(2_000, 'Quick');
    let underWay = 0;
    let most = 0;
    const wrap = (driver: QueueDriver): QueueDriver =>
      tapped(driver, async ({ send }) => {
        most = Math.max(most, ++underWay);
        const result = await send();
        underWay--;
        return result;
      });
    const options = { concurrency: 2, prefetch };
    await (await scene.worker({ worker: options, clock, wrap })).run({ stopWhenEmpty: true });
    expect(most).toBe(expected);
    expect(started).toEqual(upTo(2_000));
  });

  it('runs exactly maxJobs jobs', async () => {
    await scene.pushMany(400, 'Quick');
    const reason = await (await worker({ concurrency: 2 })).run({ maxJobs: 123 });
    expect(reason).toBe('max-jobs');
    expect(started).toEqual(upTo(123));
    expect(await counts()).toMatchObject({ ready: 400 - 123, reserved: 0 });
  });

  it('does not count requeued jobs towards maxJobs', async () => {
    await scene.pushMany(100, 'Quick');
    await scene.pushMany(100, 'Gated');
    const run = (await worker({ concurrency: 2 })).run({ maxJobs: 150 });
    await gauge.runs(2);
    await clock.advance(REQUEUE_AFTER);
    while (started.length < 150) {
      gauge.endAll();
      await gauge.runs(2);
      await clock.advance(0.01);
    }
    gauge.endAll();
    expect(await run).toBe('max-jobs');
    expect(started).toHaveLength(150);
    expect(await counts()).toMatchObject({ ready: 50, reserved: 0 });
  });
});

function byNumber(a: string, b: string): number {
  return Number(a.slice(4)) - Number(b.slice(4));
}
