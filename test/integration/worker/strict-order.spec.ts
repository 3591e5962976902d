import { describe, expect, it } from '@jest/globals';
import { quiet } from '../../support/quiet.js';
import { Recorder } from '../../support/recorder.js';
import { Gauge } from '../../support/gauge.js';
import { tapped } from '../../support/tapped-driver.js';
import { WorkerScene } from './scene.js';
import { ArrayStage, bothStages } from './stage.js';

describe.each(bothStages())('queues in strict order on %s', (_name, stage) => {
  const scene = new WorkerScene(stage);
  const strict = { worker: { queues: ['high', 'middle', 'low'], concurrency: 1 } };

  it('are worked one after the other, the first one first', async () => {
    const done: string[] = [];
    scene.define({ Mark: { handle: (_data, job) => done.push(job.queue) } });
    for (const queue of ['low', 'middle', 'high']) await scene.pushMany(3, 'Mark', queue);
    await (await scene.worker(strict)).run({ stopWhenEmpty: true });
    expect(done.join(' ')).toBe('high high high middle middle middle low low low');
  });

  it('are the queues of the run if the run names queues', async () => {
    const done: string[] = [];
    scene.define({ Mark: { handle: (_data, job) => done.push(job.queue) } });
    for (const queue of ['low', 'middle', 'high']) await scene.pushMany(1, 'Mark', queue);
    await (await scene.worker(strict)).run({ stopWhenEmpty: true, queues: ['low', 'high'] });
    expect(done).toEqual(['low', 'high']);
    expect(await scene.driver.counts('middle')).toMatchObject({ ready: 1 });
  });

  it('run a new job of a higher queue before the waiting jobs of a lower queue', async () => {
    const done: string[] = [];
    scene.define({
      Mark: { handle: (_data, job) => done.push(job.queue) },
      Alarm: {
        handle: async (data) => {
          done.push('alarm');
          if (data === 2) await scene.pushMany(2, 'Mark', 'high');
        },
      },
    });
    await scene.pushMany(2, 'Alarm', 'low');
    await scene.pushMany(2, 'Mark', 'low');
    await scene.pushMany(20, 'Mark', 'low');
    await (await scene.worker(strict)).run({ stopWhenEmpty: true });
    expect(done.slice(0, 5)).toEqual(['alarm', 'alarm', 'high', 'high', 'low']);
    expect(done).toHaveLength(26);
  });

  it('give the next free slot to a higher queue', async () => {
    const gauge = new Gauge();
    scene.define({ Gauged: { handle: (_data, { queue }) => gauge.run(queue) } });
    await scene.pushMany(20, 'Gauged', 'low');
    const worker = await scene.worker({ worker: { queues: ['high', 'low'], concurrency: 4 } });
    worker.start();
    await gauge.runs(4);
    await scene.pushMany(2, 'Gauged', 'high');
    gauge.end(2);
    await gauge.runs(4);
    expect(gauge.running).toEqual(['low', 'low', 'high', 'high']);
    gauge.endAll();
    await worker.stop({ timeout: 0 });
  });

  it('run jobs of a lower queue while the higher queues are empty', async () => {
    const done = new Recorder<string>();
    scene.define({ Mark: { handle: (_data, job) => done.add(job.queue) } });
    const worker = await scene.worker(strict);
    worker.start();
    const queues = ['low', 'high', 'low', 'middle', 'high'];
    for (const [index, queue] of queues.entries()) {
      await scene.push('Mark', undefined, { queue });
      await done.has(index + 1);
    }
    expect(done.items).toEqual(queues);
  });
});

describe('queues in strict order with little to do', () => {
  const scene = new WorkerScene(new ArrayStage());

  it('cost no poll of the higher queues when a job of the lower queue is pushed', async () => {
    const asked: string[] = [];
    const wrap = (driver: Parameters<typeof tapped>[0]): ReturnType<typeof tapped> =>
      tapped(driver, ({ queue, send }) => {
        asked.push(queue);
        return send();
      });
    scene.define({ Mark: {} });
    const worker = await scene.worker({ worker: { queues: ['high', 'low'] }, wrap });
    worker.start();
    await quiet();
    asked.length = 0;
    await scene.push('Mark', undefined, { queue: 'low' });
    await quiet();
    expect(asked).not.toContain('high');
    expect(asked.length).toBeLessThanOrEqual(2);
  });
});
