import { describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { Gauge } from '../../support/gauge.js';
import { quiet } from '../../support/quiet.js';
import { Recorder } from '../../support/recorder.js';
import { QUEUE, WorkerScene } from './scene.js';
import { ArrayStage, bothStages } from './stage.js';

describe.each(bothStages())('a queue that is paused for all processes, on %s', (_name, stage) => {
  const scene = new WorkerScene(stage);

  it('starts no job after pause() has resolved, and all of them after resume()', async () => {
    const done = new Recorder<number>();
    scene.define({ Mark: { handle: (data) => done.add(data as number) } });
    const worker = await scene.worker({ worker: { concurrency: 1 } });
    worker.start();
    await scene.push('Mark', 0);
    await done.has(1);
    const pushing = scene.pushMany(2_000, 'Mark');
    await done.has(10);
    await scene.driver.pauses.pause(QUEUE, null);
    const started = done.items.length;
    await pushing;
    await eventually(async () => expect(await scene.driver.counts(QUEUE)).toMatchObject({ reserved: 0 }));
    expect(done.items).toHaveLength(started);
    await scene.driver.pauses.resume(QUEUE);
    await done.has(2_001);
  });

  it('gives back the jobs that wait for a slot, and lets running jobs end', async () => {
    const gauge = new Gauge();
    scene.define({ Gauged: { handle: (_data, { id }) => gauge.run(id) }, Quick: {} });
    const worker = await scene.worker({ worker: { concurrency: 1, prefetch: 10 } });
    worker.start();
    await scene.pushMany(1, 'Quick');
    await scene.pushMany(5, 'Gauged');
    await gauge.runs(1);
    await scene.driver.pauses.pause(QUEUE, null);
    await eventually(async () => expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 4, reserved: 1 }));
    gauge.endAll();
    await eventually(async () => expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 4, reserved: 0 }));
    expect(gauge.running).toEqual([]);
  });

  it('does not keep a run with stopWhenEmpty', async () => {
    scene.define({ Mark: {} });
    await scene.pushMany(3, 'Mark');
    await scene.driver.pauses.pause(QUEUE, null);
    expect(await (await scene.worker()).run({ stopWhenEmpty: true })).toBe('empty');
    expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 3 });
  });
});

describe.each(bothStages())('a queue that is paused in one process, on %s', (_name, stage) => {
  const scene = new WorkerScene(stage);

  it('is worked by another process', async () => {
    const done = new Recorder<string>();
    scene.define({ Mark: { handle: () => done.add('done') } });
    const paused = await scene.worker();
    paused.start();
    paused.pause();
    await scene.pushMany(3, 'Mark');
    await quiet();
    expect(done.items).toEqual([]);
    (await scene.worker()).start();
    await done.has(3);
  });

  it('does not keep the other queues of the process from running', async () => {
    const done = new Recorder<string>();
    scene.define({ Mark: { handle: (_data, { queue }) => done.add(queue) } });
    const worker = await scene.worker({ worker: { queues: ['one', 'two'] } });
    worker.pause('one');
    worker.start();
    await scene.pushMany(2, 'Mark', 'one');
    await scene.pushMany(2, 'Mark', 'two');
    await done.has(2);
    expect(done.items).toEqual(['two', 'two']);
    worker.resume('one');
    await done.has(4);
    expect(done.items.slice(2)).toEqual(['one', 'one']);
  });

  it('runs its jobs again after resume(), also if it was paused before the start', async () => {
    const done = new Recorder<string>();
    scene.define({ Mark: { handle: () => done.add('done') } });
    const worker = await scene.worker();
    worker.pause();
    await scene.pushMany(2, 'Mark');
    expect(await worker.runOnce()).toBe(0);
    worker.start();
    await quiet();
    expect(done.items).toEqual([]);
    worker.resume();
    await done.has(2);
  });
});

describe('Worker.pause()', () => {
  const scene = new WorkerScene(new ArrayStage());

  it('refuses a name that no queue can have', async () => {
    const worker = await scene.worker();
    expect(() => worker.pause('a b')).toThrow(expect.objectContaining({ code: 'ERR_INVALID_QUEUE_NAME' }));
    expect(() => worker.resume('a b')).toThrow(expect.objectContaining({ code: 'ERR_INVALID_QUEUE_NAME' }));
  });

  it('keeps a queue paused that was paused by name, until its own resume() or one for all', async () => {
    const done = new Recorder<string>();
    scene.define({ Mark: { handle: (_data, { queue }) => done.add(queue) } });
    const worker = await scene.worker({ worker: { queues: ['one', 'two'] } });
    worker.pause();
    worker.resume('two');
    worker.start();
    await scene.pushMany(1, 'Mark', 'one');
    await scene.pushMany(1, 'Mark', 'two');
    await done.has(1);
    await quiet();
    expect(done.items).toEqual(['two']);
    worker.resume();
    await done.has(2);
  });
});
