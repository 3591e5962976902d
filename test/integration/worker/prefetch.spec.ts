import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { QueueDriver, Settlement, PollResult } from '../../../lib/drivers/queue-driver.interface.js';
import type { Worker } from '../../../lib/worker/worker.js';
import { eventually } from '../../support/eventually.js';
import { FakeClock } from '../../support/fake-clock.js';
import { Gauge } from '../../support/gauge.js';
import { quiet } from '../../support/quiet.js';
import { tapped } from '../../support/tapped-driver.js';
import { QUEUE, WorkerScene, type WorkerWishes } from './scene.js';
import { bothStages } from './stage.js';

const GIVE_BACK_AFTER = 0.05;

describe.each(bothStages())('claiming ahead on %s', (_name, stage) => {
  const scene = new WorkerScene(stage);
  let gauge: Gauge;
  let started: unknown[];
  /** The worker's own: as it stands still, jobs are as quick as can be until the test lets time pass. */
  let clock: FakeClock;
  let held: Set<string>;
  let mostHeld: number;
  let settled: Settlement[];
  /** Answers in place of the storage, once it is there. */
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

  /** A worker of which is known what it holds. */
  const worker = (options: WorkerWishes['worker']): Promise<Worker> =>
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
  const given = (): Settlement[] => settled.filter(({ kind }) => kind === 'release');
  const counts = () => scene.driver.counts(QUEUE);
  const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

  it('holds more jobs than run at once while they are quick, and runs them in their order', async () => {
    await scene.pushMany(400, 'Quick');
    await (await worker({ concurrency: 1 })).run({ stopWhenEmpty: true });
    expect(started).toEqual(upTo(400));
    expect(mostHeld).toBeGreaterThan(10);
    expect(mostHeld).toBeLessThanOrEqual(1 + 600);
    expect(await counts()).toMatchObject({ ready: 0, reserved: 0 });
  });

  it('holds no more than were allowed', async () => {
    await scene.pushMany(400, 'Quick');
    await (await worker({ concurrency: 2, prefetch: 20 })).run({ stopWhenEmpty: true });
    expect(mostHeld).toBeGreaterThan(2);
    expect(mostHeld).toBeLessThanOrEqual(22);
  });

  it('does not happen with prefetch: 0', async () => {
    await scene.pushMany(400, 'Quick');
    await (await worker({ concurrency: 3, prefetch: 0 })).run({ stopWhenEmpty: true });
    expect(started).toHaveLength(400);
    expect(mostHeld).toBe(3);
  });

  it('does not happen to jobs that take their time', async () => {
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

  it('keeps a strict order of queues', async () => {
    await scene.pushMany(200, 'Quick', 'low');
    scene.define({ Pusher: { handle: () => scene.pushMany(200, 'Quick', 'high') } });
    await scene.push('Pusher', undefined, { queue: 'low' });
    const run = (await worker({ concurrency: 2, queues: ['high', 'low'] })).run({ stopWhenEmpty: true });
    expect(await run).toBe('empty');
    expect(started).toEqual([...upTo(200), ...upTo(200)]);
  });

  describe('and then jobs that take their time', () => {
    const QUICK = 300;
    const GATED = 300;
    let working: Worker;
    let run: Promise<string>;

    const begin = async (options: WorkerWishes['worker']): Promise<void> => {
      await scene.pushMany(QUICK, 'Quick');
      await scene.pushMany(GATED, 'Gated');
      working = await worker({ concurrency: 4, ...options });
      run = working.run({ stopWhenEmpty: true });
      await gauge.runs(4);
      await eventually(async () => expect((await counts()).reserved).toBeGreaterThan(4));
    };

    it('gives back after 50 ms what it could not start, in its order and uncounted', async () => {
      await begin({});
      // A poll may have been under way, which brings some more.
      await eventually(async () => {
        await clock.advance(GIVE_BACK_AFTER);
        expect(await counts()).toMatchObject({ reserved: 4, ready: GATED - 4 });
      });
      expect(given()).toEqual(given().map(() => expect.objectContaining({ delay: 0, position: 'front' })));
      const others = scene.driver.consume(QUEUE, { lease: 30, onLost: () => {} });
      const { jobs } = await others.poll({ settlements: [], limit: GATED, recovered: false });
      expect(jobs.map(({ attempt }) => attempt)).toEqual(jobs.map(() => 1));
      expect(jobs.map(({ id }) => id)).toEqual(jobs.map(({ id }) => id).toSorted(byNumber));
      await others.close();
      gauge.endAll();
      await working.stop();
      expect(started.slice(QUICK)).toEqual(upTo(4));
    });

    it('goes on with the free slots', async () => {
      await begin({});
      await clock.advance(GIVE_BACK_AFTER);
      for (let ended = 0; ended < GATED; ended += 4) {
        await gauge.runs(4);
        await clock.advance(0.01);
        gauge.endAll();
      }
      expect(await run).toBe('empty');
      expect(started).toEqual([...upTo(QUICK), ...upTo(GATED)]);
    });

    it('gives it back at once when it is told to stop', async () => {
      await begin({});
      const stop = working.stop({ timeout: 60 });
      await eventually(async () => expect(await counts()).toMatchObject({ reserved: 4, ready: GATED - 4 }));
      gauge.endAll();
      await stop;
      expect(await run).toBe('stopped');
      expect(started).toHaveLength(QUICK + 4);
      expect(await counts()).toMatchObject({ reserved: 0, ready: GATED - 4 });
    });

    it('runs none of it once the lease was lost', async () => {
      // So few are claimed one claim after the other, and so under one lease.
      await begin({ prefetch: 20 });
      const nothing = {
        lost: false,
        refused: [],
        jobs: [],
        danglingIds: [],
        takenOver: [],
        more: false,
        recovered: false,
        nextDue: null,
      };
      await quiet();
      answer = { ...nothing, lost: true };
      // One more may start, before the storage is asked.
      gauge.end();
      await eventually(() => expect(scene.logger.of('warn')).toContainEqual(expect.stringContaining('was lost')));
      answer = nothing;
      gauge.endAll();
      await quiet();
      expect(gauge.running).toEqual([]);
      expect(started).toHaveLength(QUICK + 5);
      await working.stop();
    });
  });

  it('keeps the order of jobs that are quick, take their time, and are quick again', async () => {
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
      await clock.advance(GIVE_BACK_AFTER);
      expect(given().length).toBeGreaterThan(0);
    });
    gauge.endAll();
    expect(await run).toBe('empty');
    expect(started).toEqual(upTo(3_000));
    expect(await counts()).toMatchObject({ ready: 0, reserved: 0 });
  });

  it.each([
    [1, 20],
    [2, 600],
  ])('has %i claims under way at a time, where %i jobs may wait', async (expected, prefetch) => {
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

  it('runs exactly as many as a run is limited to', async () => {
    await scene.pushMany(400, 'Quick');
    const reason = await (await worker({ concurrency: 2 })).run({ maxJobs: 123 });
    expect(reason).toBe('max-jobs');
    expect(started).toEqual(upTo(123));
    expect(await counts()).toMatchObject({ ready: 400 - 123, reserved: 0 });
  });

  it('counts what it gave back as not run, where a run is limited', async () => {
    await scene.pushMany(100, 'Quick');
    await scene.pushMany(100, 'Gated');
    const run = (await worker({ concurrency: 2 })).run({ maxJobs: 150 });
    await gauge.runs(2);
    await clock.advance(GIVE_BACK_AFTER);
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
