import { beforeEach, describe, expect, it } from '@jest/globals';
import { Gauge } from '../../support/gauge.js';
import { quiet } from '../../support/quiet.js';
import { WorkerScene } from './scene.js';
import { SlowAnswers } from './slow-answers.js';
import { ArrayStage } from './stage.js';

describe('a worker with polls under way', () => {
  const scene = new WorkerScene(new ArrayStage());
  let gauge: Gauge;
  let answers: SlowAnswers;

  beforeEach(() => {
    gauge = new Gauge();
    answers = new SlowAnswers();
    scene.define({ Gauged: { handle: (label) => gauge.run(label) } });
  });

  const push = async (queue: string, count = 1): Promise<void> => {
    await scene.pushMany(count, 'Gauged', queue);
    await quiet();
  };

  it('does not use a slot twice when two queues answer at the same time', async () => {
    const worker = await scene.worker({ worker: { queues: ['b', 'a'], concurrency: 2 }, wrap: answers.wrap });
    await push('b');
    worker.start();
    await quiet();
    await answers.arriveAll();
    expect(gauge.running).toHaveLength(1);
    // The poll of queue a claims for the free slot, the poll of queue b settles and finds more jobs.
    await push('a');
    await push('b', 2);
    gauge.end();
    await quiet();
    expect(answers.awaited).toEqual(['a', 'b']);
    await answers.arrive('b', 'a');
    await answers.endSlowness();
    expect(gauge.peak).toBe(2);
    gauge.end(2);
    await quiet();
    expect(gauge.started).toBe(4);
    gauge.endAll();
    await worker.stop();
  });

  it('does not end a run while the jobs of a queue are arriving', async () => {
    const worker = await scene.worker({ worker: { queues: ['b', 'a'], concurrency: 2 }, wrap: answers.wrap });
    await push('b');
    const run = worker.run({ stopWhenEmpty: true });
    await quiet();
    await answers.arriveAll();
    // The poll of queue a claims a job, the poll of queue b settles and finds no job.
    await push('a');
    gauge.end();
    await quiet();
    expect(answers.awaited).toEqual(['a', 'b']);
    await answers.arrive('b', 'a');
    expect(gauge.running).toHaveLength(1);
    gauge.endAll();
    await answers.endSlowness();
    expect(await run).toBe('empty');
  });

  it('requeues jobs that arrive after it was stopped, and waits until that is settled', async () => {
    const ids = await scene.pushMany(3, 'Gauged');
    const worker = await scene.worker({ wrap: answers.wrap });
    worker.start();
    await quiet();
    let stopped = false;
    const stop = worker.stop().then(() => (stopped = true));
    await quiet();
    expect(stopped).toBe(false);
    await push('default');
    await answers.arrive('default');
    expect(stopped).toBe(false);
    await answers.arrive('default');
    await stop;
    expect(gauge.started).toBe(0);
    expect(await scene.driver.counts('default')).toMatchObject({ ready: 4, reserved: 0 });
    const consumer = scene.driver.consume('default', { lease: 1, onLost() {} });
    const { jobs } = await consumer.poll({ settlements: [], limit: 3, recovered: false });
    expect(jobs).toMatchObject(ids.map((id) => ({ id, attempt: 1, crashes: 0 })));
    await consumer.close();
  });

  it('requeues such jobs also if another queue answers at the same time', async () => {
    const worker = await scene.worker({ worker: { queues: ['b', 'a'], concurrency: 2 }, wrap: answers.wrap });
    await push('b');
    worker.start();
    await quiet();
    await answers.arriveAll();
    await push('a');
    gauge.end();
    await quiet();
    expect(answers.awaited).toEqual(['a', 'b']);
    const stop = worker.stop();
    await answers.arrive('b', 'a');
    await answers.endSlowness();
    await stop;
    expect(await scene.driver.counts('a')).toMatchObject({ ready: 1, reserved: 0 });
    expect(await scene.driver.counts('b')).toMatchObject({ ready: 0, reserved: 0 });
  });

  it('polls again if it was woken while a poll was under way', async () => {
    const worker = await scene.worker({ wrap: answers.wrap });
    worker.start();
    await quiet();
    // The reply without a job is under way when a job is pushed.
    await push('default');
    await answers.arrive('default');
    await answers.endSlowness();
    expect(gauge.running).toHaveLength(1);
    gauge.endAll();
    await worker.stop();
  });

  it('has at most one poll of a queue under way', async () => {
    const worker = await scene.worker({ worker: { concurrency: 3 }, wrap: answers.wrap });
    await push('default', 3);
    worker.start();
    await quiet();
    await answers.arrive('default');
    for (let ended = 0; ended < 3; ended++) {
      gauge.end();
      await quiet();
      expect(answers.awaited).toEqual(['default']);
    }
    await answers.endSlowness();
    await worker.stop();
    expect(await scene.driver.counts('default')).toMatchObject({ ready: 0, reserved: 0 });
  });
});
