import { describe, expect, it } from '@jest/globals';
import type { StartLimits } from '../../../lib/drivers/queue-limits.interface.js';
import { eventually } from '../../support/eventually.js';
import { Gauge } from '../../support/gauge.js';
import { quiet } from '../../support/quiet.js';
import { Recorder } from '../../support/recorder.js';
import { tapped } from '../../support/tapped-driver.js';
import { QUEUE, WorkerScene, type TestWorkerOptions } from './scene.js';
import { ArrayStage, bothStages } from './stage.js';

const LIMITS: Readonly<Record<string, StartLimits>> = {
  [QUEUE]: { concurrency: 3 },
  high: { concurrency: 1 },
  rated: { rateLimit: { max: 5, per: 0.1 } },
};
const limitsOf = (queue: string): StartLimits => LIMITS[queue] ?? {};

describe.each(bothStages(limitsOf))('a queue with a concurrency, on %s', (_name, stage) => {
  const scene = new WorkerScene(stage);

  it('runs no more jobs at once in all workers together, and all of them in the end', async () => {
    const gauge = new Gauge();
    scene.define({ Gauged: { handle: () => gauge.run() } });
    const workers = [await scene.worker(), await scene.worker(), await scene.worker()];
    for (const worker of workers) worker.start();
    await scene.pushMany(30, 'Gauged');
    for (let ended = 0; ended < 30; ended++) {
      await gauge.runs(Math.min(3, 30 - ended));
      gauge.end();
    }
    expect({ peak: gauge.peak, started: gauge.started }).toEqual({ peak: 3, started: 30 });
  });

  it('goes on in another worker as soon as a job ends in one that has no slot for the next', async () => {
    const gauge = new Gauge();
    scene.define({ Gauged: { handle: (_data, { fence }) => gauge.run(fence) } });
    await scene.pushMany(4, 'Gauged');
    const full = await scene.worker({ worker: { concurrency: 3 } });
    full.start();
    await gauge.runs(3);
    full.setConcurrency(1);
    (await scene.worker()).start();
    await quiet();
    gauge.end();
    await gauge.hasStarted(4);
    gauge.endAll();
  });

  it('is not claimed ahead, however quick its jobs are', async () => {
    const asked: number[] = [];
    let running = 0;
    const options: TestWorkerOptions = {
      worker: { concurrency: 2, prefetch: 100 },
      wrap: (driver) =>
        tapped(driver, ({ request, send }) => {
          asked.push(request.limit + running - request.settlements.length);
          return send();
        }),
    };
    scene.define({
      Quick: {
        handle: () => {
          running++;
          queueMicrotask(() => running--);
        },
      },
    });
    await scene.pushMany(300, 'Quick');
    await (await scene.worker(options)).run({ stopWhenEmpty: true });
    expect(Math.max(...asked)).toBeLessThanOrEqual(2);
  });

  it('neither takes the slots of lower queues while it is full, nor stops them', async () => {
    const gauge = new Gauge();
    scene.define({ Gauged: { handle: (_data, { queue }) => gauge.run(queue) } });
    const worker = await scene.worker({ worker: { queues: ['high', 'low'], concurrency: 3 } });
    await scene.pushMany(3, 'Gauged', 'high');
    await scene.pushMany(3, 'Gauged', 'low');
    worker.start();
    await gauge.runs(3);
    expect(gauge.running.map(String).toSorted()).toEqual(['high', 'low', 'low']);
    gauge.endAll();
    await gauge.runs(2);
    expect(gauge.running.map(String).toSorted()).toEqual(['high', 'low']);
    gauge.endAll();
    await gauge.runs(1);
    gauge.endAll();
  });

  it('starts more jobs as soon as an operator raises or removes its limits', async () => {
    const gauge = new Gauge();
    scene.define({ Gauged: { handle: () => gauge.run() } });
    await scene.pushMany(12, 'Gauged');
    for (const worker of [await scene.worker(), await scene.worker()]) worker.start();
    await gauge.runs(3);
    await scene.driver.limits.set(QUEUE, { concurrency: 5 });
    await gauge.runs(5);
    await scene.driver.limits.set(QUEUE, {});
    await gauge.runs(12);
    gauge.endAll();
  });

  it('is waited for by a run with stopWhenEmpty, while another worker has its places', async () => {
    const gauge = new Gauge();
    const done = new Recorder<string>();
    scene.define({ Gauged: { handle: () => gauge.run() }, Mark: { handle: () => done.add('done') } });
    await scene.pushMany(3, 'Gauged');
    (await scene.worker({ worker: { concurrency: 3 } })).start();
    await gauge.runs(3);
    await scene.pushMany(4, 'Mark');
    let ended = false;
    const run = (await scene.worker()).run({ stopWhenEmpty: true }).finally(() => (ended = true));
    await quiet();
    expect(ended).toBe(false);
    gauge.end();
    await run;
    await done.has(4);
    gauge.endAll();
  });
});

describe.each(bothStages(limitsOf))('a queue with a rate limit, on %s', (_name, stage) => {
  const scene = new WorkerScene(stage);

  it('starts its jobs as soon as the window lets them, and no sooner', async () => {
    const starts = new Recorder<number>();
    // The time of the claim, in microseconds: on a busy machine a job starts a while after it.
    scene.define({ Mark: { handle: (_data, { fence }) => starts.add(fence) } });
    await scene.pushMany(23, 'Mark', 'rated');
    const workers = [await scene.worker(), await scene.worker()];
    const running = workers.map((worker) => worker.run({ queues: ['rated'], stopWhenEmpty: true }));
    await eventually(async () => {
      await stage.pass(0.01);
      return starts.count === 23;
    });
    await Promise.all(running);
    const fences = starts.items.toSorted((x, y) => x - y);
    // A claim gives its jobs the fences of one millisecond.
    if (stage.name === 'redis') expect(fences.at(-1)! - fences[0]!).toBeGreaterThanOrEqual(398_000);
  });
});

describe('a worker of queues at their limits', () => {
  const stage = new ArrayStage(limitsOf);
  const scene = new WorkerScene(stage);

  /** Counts the polls of a worker. */
  const counting = () => {
    const polls: string[] = [];
    const wrap: TestWorkerOptions['wrap'] = (driver) =>
      tapped(driver, ({ queue, send }) => {
        polls.push(queue);
        return send();
      });
    return { polls, wrap };
  };

  it('does not poll while nothing changes', async () => {
    const gauge = new Gauge();
    const { polls, wrap } = counting();
    scene.define({ Gauged: { handle: () => gauge.run() } });
    await scene.pushMany(10, 'Gauged');
    const worker = await scene.worker({ wrap });
    worker.start();
    await gauge.runs(3);
    await quiet();
    polls.length = 0;
    await stage.pass(600);
    expect(polls).toEqual([]);
    await scene.driver.clear(QUEUE);
    gauge.endAll();
  });

  it('polls once for each window', async () => {
    const starts = new Recorder<number>();
    const { polls, wrap } = counting();
    scene.define({ Mark: { handle: () => starts.add(stage.clock.now()) } });
    await scene.pushMany(23, 'Mark', 'rated');
    const worker = await scene.worker({ wrap, worker: { queues: ['rated'] } });
    worker.start();
    await quiet();
    const begin = stage.clock.now();
    for (let i = 0; i < 50; i++) await stage.pass(0.01);
    expect(starts.items.map((at) => at - begin)).toEqual(
      Array.from({ length: 23 }, (_, index) => Math.floor(index / 5) * 100),
    );
    // One that starts the jobs, and one that settles them.
    expect(polls.length).toBeLessThanOrEqual(2 * 5 + 2);
  });
});
