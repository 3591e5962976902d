import { describe, expect, it } from '@jest/globals';
import type { QueueDriver } from '../../../lib/drivers/queue-driver.interface.js';
import { Gauge } from '../../support/gauge.js';
import { quiet } from '../../support/quiet.js';
import { tapped } from '../../support/tapped-driver.js';
import { QUEUE, WorkerScene } from './scene.js';
import { bothStages } from './stage.js';

describe.each(bothStages())('a busy worker on %s', (_name, stage) => {
  const scene = new WorkerScene(stage);

  /** Runs a worker until its queue is empty, and returns its polls. */
  const pollsOf = async (concurrency: number): Promise<{ limit: number; settled: number }[]> => {
    const polls: { limit: number; settled: number }[] = [];
    const wrap = (driver: QueueDriver): QueueDriver =>
      tapped(driver, ({ request, send }) => {
        polls.push({ limit: request.limit, settled: request.settlements.length });
        return send();
      });
    const worker = await scene.worker({ worker: { concurrency }, wrap });
    await worker.run({ stopWhenEmpty: true });
    return polls;
  };

  it('claims and settles 1,000 empty jobs at concurrency 100 with fewer than 60 polls', async () => {
    scene.define({ Empty: {} });
    await scene.pushMany(1_000, 'Empty');
    const polls = await pollsOf(100);
    expect(polls.reduce((sum, { settled }) => sum + settled, 0)).toBe(1_000);
    expect(polls.length).toBeLessThan(60);
    expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 0, reserved: 0 });
  });

  it('needs fewer than 200 polls for 1,000 jobs that end at different times', async () => {
    scene.define({ Brief: { handle: () => new Promise((resolve) => void setImmediate(resolve)) } });
    await scene.pushMany(1_000, 'Brief');
    const polls = await pollsOf(100);
    expect(polls.reduce((sum, { settled }) => sum + settled, 0)).toBe(1_000);
    expect(polls.length).toBeLessThan(200);
  });

  it('settles one job and claims the next one with one poll at concurrency 1', async () => {
    scene.define({ Empty: {} });
    await scene.pushMany(50, 'Empty');
    expect((await pollsOf(1)).length).toBeLessThan(55);
  });

  it('settles jobs that end at the same time with one poll', async () => {
    const gauge = new Gauge();
    scene.define({ Gauged: { handle: () => gauge.run() } });
    await scene.pushMany(10, 'Gauged');
    const polls = pollsOf(10);
    await gauge.runs(10);
    gauge.end(6);
    await quiet();
    gauge.end(4);
    expect((await polls).map(({ settled }) => settled).filter((settled) => settled > 0)).toEqual([6, 4]);
  });

  it('claims and settles at most 300 jobs with one poll', async () => {
    scene.define({ Empty: {} });
    await scene.pushMany(1_500, 'Empty');
    const polls = await pollsOf(2_000);
    expect(Math.max(...polls.map(({ limit }) => limit))).toBe(300);
    expect(Math.max(...polls.map(({ settled }) => settled))).toBeLessThanOrEqual(300);
  });
});
